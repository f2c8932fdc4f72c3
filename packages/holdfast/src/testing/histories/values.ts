/** Values as numbers: equal ones are one number, so that states are compared and remembered cheaply. */
export interface Value<T = unknown> {
  readonly number: number;
  readonly is: T;
}

export class Values {
  readonly #byText = new Map<string, Value>();

  of<T>(is: T): Value<T> {
    const text = canonical(is);
    let value = this.#byText.get(text);
    if (!value) this.#byText.set(text, (value = { number: this.#byText.size, is }));
    return value as Value<T>;
  }
}

/** The same text for equal values: maps and objects in the order of their keys, absent fields left out. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  let text = known.get(value);
  if (text === undefined) known.set(value, (text = JSON.stringify(value, ordered)));
  return text;
}

/** Nobody changes a value that a history holds. */
const known = new WeakMap<object, string>();

function ordered(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { map: [...value].toSorted(([a], [b]) => (a < b ? -1 : 1)) };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
