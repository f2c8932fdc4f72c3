/** Records in the memory of one process: for tests, for development, and for applications of one process. */
import { applyChange, type Change, type End } from '../change.ts';
import type { SessionRecord } from '../record.ts';
import type { SessionStore } from '../store.ts';
import { forgetAt } from './record-json.ts';

interface Index {
  epoch: number;
  /** Admission instants by session id. */
  readonly members: Map<string, number>;
}

/** How long an admission without a record is taken for a sign-in that is still under way. */
const UNFINISHED_FOR = 86_400_000;

/** A store whose sessions end with the process. Each call is one step of the event loop, so races can not divide it. */
export function memoryStore(): SessionStore {
  const records = new Map<string, SessionRecord>();
  const indexes = new Map<string, Index>();

  function indexOf(name: string): Index {
    let index = indexes.get(name);
    if (!index) indexes.set(name, (index = { epoch: 0, members: new Map() }));
    return index;
  }

  function leave(id: string, names: readonly string[]): void {
    for (const name of names) indexes.get(name)?.members.delete(id);
  }

  function apply(id: string, change: Change) {
    const before = records.get(id);
    const { applied, record } = applyChange(before, change);
    if (record && record !== before) records.set(id, copyOf(record));
    if (before && record?.ended) leave(id, before.indexes);
    return applied;
  }

  function live(name: string): SessionRecord[] {
    const found: SessionRecord[] = [];
    for (const id of indexes.get(name)?.members.keys() ?? []) {
      const record = records.get(id);
      if (record && !record.ended && record.indexes.includes(name)) found.push(record);
    }
    return found;
  }

  function admit(name: string, id: string, at: number, limit: number | undefined) {
    const index = indexOf(name);
    if (!index.members.has(id)) index.members.set(id, at);
    for (const [member, admittedAt] of index.members) {
      if (!records.has(member) && admittedAt + UNFINISHED_FOR <= at) index.members.delete(member);
    }
    if (limit === undefined) return { epoch: index.epoch, displaced: [] };
    const counted = [...index.members].filter(([member]) => {
      const record = records.get(member);
      return member === id || (record?.indexes.includes(name) && forgetAt(record) > at);
    });
    const oldestFirst = counted.toSorted(([a, atA], [b, atB]) => atA - atB || (a < b ? -1 : 1));
    const displaced = oldestFirst.slice(0, Math.max(0, counted.length - limit)).map(([member]) => member);
    return { epoch: index.epoch, displaced };
  }

  function endBy(name: string, end: End, except: string | undefined): number {
    indexOf(name).epoch++;
    let count = 0;
    for (const { id } of live(name)) {
      if (id !== except && apply(id, { end, while: { index: name } }).status === 'applied') count++;
    }
    return count;
  }

  function prune(now: number, limit: number): number {
    let count = 0;
    for (const [id, record] of records) {
      if (count >= limit) break;
      if (forgetAt(record) > now) continue;
      records.delete(id);
      leave(id, record.indexes);
      count++;
    }
    return count;
  }

  return {
    async insert(record) {
      if (records.has(record.id)) throw new Error('a session of that id exists');
      records.set(record.id, copyOf(record));
    },
    async read(id) {
      const record = records.get(id);
      return record && copyOf(record);
    },
    apply: async (id, change) => apply(id, change),
    admit: async (index, id, at, limit) => admit(index, id, at, limit),
    epochOf: async (index) => indexes.get(index)?.epoch ?? 0,
    listBy: async (index) => live(index).map(copyOf),
    endBy: async (index, end, except) => endBy(index, end, except),
    prune: async (now, limit) => prune(now, limit),
  };
}

/** Nothing is shared with the outside: neither who wrote a record nor who reads it can change it unseen. */
function copyOf(record: SessionRecord): SessionRecord {
  return {
    ...record,
    reuse: { ...record.reuse },
    authentications: record.authentications.map((each) => ({ ...each, methods: [...each.methods] })),
    client: { ...record.client },
    data: new Map([...record.data].map(([key, entry]) => [key, { ...entry }])),
    indexes: [...record.indexes],
    system: new Map(record.system),
    ...(record.ended && { ended: { ...record.ended } }),
  };
}
