import type { SessionRecord } from '../record.ts';

/**
 * A copy that nobody can change, neither who wrote the record nor who reads it: so that a store makes it once, when it takes
 * the record, and hands out the same one at each reading.
 */
export function frozenCopyOf(record: SessionRecord): SessionRecord {
  return Object.freeze({
    ...record,
    reuse: Object.freeze({ ...record.reuse }),
    authentications: Object.freeze(
      record.authentications.map((each) =>
        Object.freeze({ ...each, methods: Object.freeze([...each.methods]) }),
      ),
    ),
    client: Object.freeze({ ...record.client }),
    data: new FrozenMap([...record.data].map(([key, entry]) => [key, Object.freeze({ ...entry })])),
    indexes: Object.freeze([...record.indexes]),
    system: new FrozenMap(record.system),
    ...(record.ended && { ended: Object.freeze({ ...record.ended }) }),
  });
}

/** `Object.freeze` alone leaves the entries of a map open. */
class FrozenMap<Key, Value> extends Map<Key, Value> {
  constructor(entries: Iterable<readonly [Key, Value]>) {
    super();
    for (const [key, value] of entries) super.set(key, value);
    Object.freeze(this);
  }

  override set(): never {
    throw new TypeError('a record that is stored can not be changed');
  }

  override delete(): never {
    return this.set();
  }

  override clear(): never {
    return this.set();
  }
}

// Whoever compares records compares the classes of their maps too, and to them this is a map like any other.
Object.defineProperty(FrozenMap.prototype, 'constructor', { value: Map });
