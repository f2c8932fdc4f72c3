/** Assertions that need no test runner. Their messages name what was promised. */

/** @throws Error saying `promise` when `condition` is false. */
export function assert(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(promise);
}

/** @throws Error saying `promise` and where the two differ. An absent key and an undefined one differ. */
export function assertEqual(actual: unknown, expected: unknown, promise: string): void {
  const where = difference(actual, expected, '');
  if (where !== undefined) throw new Error(`${promise}: ${where}`);
}

/** @throws Error saying `promise` when the call does not reject. */
export async function assertRejects(call: () => Promise<unknown>, promise: string): Promise<void> {
  let resolved = true;
  try {
    await call();
  } catch {
    resolved = false;
  }
  assert(!resolved, promise);
}

/** The value, known to be there. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing`);
  return value;
}

/** Where two values differ, in words; `undefined` where they are equal. Maps are compared without order. */
export function difference(actual: unknown, expected: unknown, path: string): string | undefined {
  if (Object.is(actual, expected)) return undefined;
  const here = path === '' ? '' : `${path}: `;
  if (!isObject(actual) || !isObject(expected)) return `${here}${show(actual)} instead of ${show(expected)}`;
  const [a, b] = [entriesOf(actual), entriesOf(expected)];
  if (
    actual instanceof Map !== expected instanceof Map ||
    Array.isArray(actual) !== Array.isArray(expected)
  ) {
    return `${here}${show(actual)} instead of ${show(expected)}`;
  }
  for (const key of b.keys()) if (!a.has(key)) return `${here}lacks ${show(key)}`;
  for (const [key, value] of a) {
    if (!b.has(key)) return `${here}has ${show(key)} too`;
    const found = difference(value, b.get(key), path === '' ? String(key) : `${path}.${String(key)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function entriesOf(value: object): ReadonlyMap<unknown, unknown> {
  return value instanceof Map ? value : new Map(Object.entries(value));
}

function show(value: unknown): string {
  const text = JSON.stringify(value instanceof Map ? [...value] : value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
