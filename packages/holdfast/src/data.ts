/** The session's data: JSON by top-level key, buffered by the request that writes it, validated on the way in and out. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isThenable } from './at-once.ts';
import type { Policy } from './options.ts';
import type { DataEntry } from './record.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Data whose keys are not declared: any key, any JSON value. */
export type UntypedData = Record<string, JsonValue>;

const LONGEST_KEY = 128;
const LONGEST_VALUE = 65_536;
const MOST_KEYS = 256;

export type Written = Pick<DataEntry, 'value' | 'schemaVersion'>;

/** Buffered writes, as a change carries them. */
export interface Pending {
  readonly set?: ReadonlyMap<string, Written>;
  readonly remove?: readonly string[];
}

type DataPolicy = Pick<Policy, 'schemas' | 'schemaVersion' | 'migrate' | 'freezesValues'>;

/** The data of one request: what the record held when it was opened, under what the request has written since. */
export class RequestData {
  readonly #policy: DataPolicy;
  readonly #onRejected: (key: string) => void;
  #stored: ReadonlyMap<string, DataEntry>;
  /** `undefined` stands for a key that is to be removed. Made, as the next, when it is needed: most requests only read. */
  #buffer: Map<string, Written | undefined> | undefined;
  /** Values already parsed: one object per key and request. */
  #parsed: Map<string, unknown> | undefined;

  constructor(policy: DataPolicy, stored: ReadonlyMap<string, DataEntry>, onRejected: (key: string) => void) {
    this.#policy = policy;
    this.#stored = stored;
    this.#onRejected = onRejected;
  }

  get isDirty(): boolean {
    return this.#buffer !== undefined && this.#buffer.size > 0;
  }

  get stored(): ReadonlyMap<string, DataEntry> {
    return this.#stored;
  }

  keys(): string[] {
    const keys = new Set(this.#stored.keys());
    for (const [key, written] of this.#buffer ?? []) {
      if (written) keys.add(key);
      else keys.delete(key);
    }
    return [...keys];
  }

  get(key: string): unknown {
    const parsed = (this.#parsed ??= new Map());
    if (parsed.has(key)) return parsed.get(key);
    const written = this.#buffer?.has(key) ? this.#buffer.get(key) : this.#stored.get(key);
    const value = written && this.#revive(key, written);
    parsed.set(key, value);
    return value;
  }

  /** @throws TypeError when the value does not fit the key's schema or is not JSON; RangeError when it is too large. */
  set(key: string, value: unknown): void {
    this.#write(key, this.encode(key, value));
  }

  delete(key: string): void {
    this.#write(key, undefined);
  }

  /** The version of a key as it was read, for a comparison: 0 where it was absent. */
  versionOf(key: string): number {
    return this.#stored.get(key)?.version ?? 0;
  }

  encode(key: string, value: unknown): Written {
    this.#checkKey(key);
    const schema = this.#policy.schemas?.[key];
    const text = JSON.stringify(schema ? validated(key, schema, value) : value);
    if (text === undefined)
      throw new TypeError(`session data "${key}": not a JSON value; to remove a key, delete it`);
    if (text.length > LONGEST_VALUE) {
      throw new RangeError(
        `session data "${key}": ${text.length} characters of JSON, at most ${LONGEST_VALUE}; keep large things in a table of your own and their key here`,
      );
    }
    return { value: text, schemaVersion: this.#policy.schemaVersion };
  }

  /** What a change has to carry for everything buffered so far. */
  pending(): Pending {
    const set = new Map<string, Written>();
    const remove: string[] = [];
    for (const [key, written] of this.#buffer ?? []) {
      if (written) set.set(key, written);
      else remove.push(key);
    }
    return { ...(set.size > 0 && { set }), ...(remove.length > 0 && { remove }) };
  }

  /** `flushed` is stored, and the record looks like this now. What was written since stays buffered. */
  rebase(stored: ReadonlyMap<string, DataEntry>, flushed: Pending): void {
    for (const key of flushed.remove ?? []) {
      if (this.#buffer?.get(key) === undefined) this.#buffer?.delete(key);
    }
    for (const [key, written] of flushed.set ?? []) {
      if (this.#buffer?.get(key) === written) this.#buffer.delete(key);
    }
    this.reread(stored);
  }

  /** The record was read again; what is buffered stays. */
  reread(stored: ReadonlyMap<string, DataEntry>): void {
    this.#stored = stored;
    this.#parsed = undefined;
  }

  discard(): void {
    for (const key of this.#buffer?.keys() ?? []) this.#parsed?.delete(key);
    this.#buffer = undefined;
  }

  #write(key: string, written: Written | undefined): void {
    this.#checkKey(key);
    if (written && !this.#buffer?.get(key) && !this.#stored.has(key) && this.keys().length >= MOST_KEYS) {
      throw new RangeError(`session data: more than ${MOST_KEYS} keys`);
    }
    (this.#buffer ??= new Map()).set(key, written);
    this.#parsed?.delete(key);
  }

  #checkKey(key: string): void {
    if (typeof key !== 'string' || key.length === 0 || key.length > LONGEST_KEY) {
      throw new TypeError(`session data: a key is a string of 1 to ${LONGEST_KEY} characters`);
    }
    if (this.#policy.schemas && !Object.hasOwn(this.#policy.schemas, key)) {
      throw new TypeError(`session data "${key}": not declared; add it to the \`data\` option`);
    }
  }

  /** A stored value as today's code knows it; absent, with an event, where it no longer fits. */
  #revive(key: string, written: Written): unknown {
    const { schemas, schemaVersion, migrate, freezesValues } = this.#policy;
    const schema = schemas && Object.hasOwn(schemas, key) ? schemas[key] : undefined;
    if (schemas && !schema) return undefined;
    try {
      let value: unknown = JSON.parse(written.value);
      if (migrate && written.schemaVersion < schemaVersion)
        value = migrate(key, value, written.schemaVersion);
      value = schema ? validated(key, schema, value) : value;
      return freezesValues ? frozen(value) : value;
    } catch {
      this.#onRejected(key);
      return undefined;
    }
  }
}

function validated(key: string, schema: StandardSchemaV1, value: unknown): unknown {
  const result = schema['~standard'].validate(value);
  if (isThenable(result)) {
    throw new TypeError(
      `session data "${key}": its schema is asynchronous; sessions need one that answers at once`,
    );
  }
  if (result.issues) {
    // The issue's path, never its message: messages of some libraries quote the value.
    const path = result.issues[0]?.path
      ?.map((part) => String(typeof part === 'object' ? part.key : part))
      .join('.');
    throw new TypeError(
      `session data "${key}": the value does not fit its schema${path ? ` at ${path}` : ''}`,
    );
  }
  return result.value;
}

function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
