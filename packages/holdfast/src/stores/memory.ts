/** Records in the memory of one process: for tests, for development, and for applications of one process. */
import { applyChange, type Applied, type Change, type End } from '../change.ts';
import type { SessionRecord } from '../record.ts';
import type { Admission, SessionStore } from '../store.ts';
import { frozenCopyOf } from './frozen-record.ts';
import { oldestOverLimit } from './limit.ts';
import { type Kind, MemoryRecords } from './memory-records.ts';
import { forgetAt, UNFINISHED_FOR } from './record-json.ts';

export interface MemoryStoreOptions {
  /** How many records are kept, tombstones included. Default 100,000. */
  readonly maxSessions?: number;
  /** How many bytes they may take, estimated. Default 256 MiB. */
  readonly maxBytes?: number;
  /**
   * Called for each record that had to go before its time. Default: a warning on the console at the first, the tenth, the hundredth …
   */
  readonly onEvict?: (evicted: { readonly kind: Kind; readonly count: number }) => void;
}

interface Index {
  epoch: number;
  /** Admission instants by session id. */
  readonly members: Map<string, number>;
}

/**
 * A store whose sessions end with the process. Each call is one step of the event loop, so that races can not divide it.
 *
 * Bounded: where room is missing, tombstones go first, then anonymous sessions, those first that were written to the longest
 * ago. Anonymous traffic never pushes out who is signed in: it is refused instead, as a fault of the store.
 *
 * @throws TypeError for limits that are none.
 */
export function memoryStore(options: MemoryStoreOptions = {}): SessionStore {
  const { maxSessions = 100_000, maxBytes = 268_435_456, onEvict = warnNowAndThen } = options;
  for (const [name, value] of Object.entries({ maxSessions, maxBytes })) {
    if (!(Number.isInteger(value) && value > 0)) throw new TypeError(`${name}: write a whole number from 1`);
  }
  const indexes = new Map<string, Index>();
  const records = new MemoryRecords({ maxSessions, maxBytes }, onEvict, leave);

  function indexOf(name: string): Index {
    let index = indexes.get(name);
    if (!index) indexes.set(name, (index = { epoch: 0, members: new Map() }));
    return index;
  }

  function leave(record: SessionRecord): void {
    for (const name of record.indexes) indexes.get(name)?.members.delete(record.id);
  }

  function apply(id: string, change: Change): Applied {
    const before = records.get(id);
    const { applied, record } = applyChange(before, change);
    if (record && record !== before)
      records.put(frozenCopyOf(record), change.end ? change.end.at : change.at);
    if (before && record?.ended) leave(before);
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

  function admit(name: string, id: string, at: number, limit: number | undefined): Admission {
    const index = indexOf(name);
    if (!index.members.has(id)) index.members.set(id, at);
    for (const [member, admittedAt] of index.members) {
      if (!records.get(member) && admittedAt + UNFINISHED_FOR <= at) index.members.delete(member);
    }
    if (limit === undefined) return { epoch: index.epoch, displaced: [] };
    const counted = [...index.members.keys()].filter((member) => {
      const record = records.get(member);
      return member === id || (record?.indexes.includes(name) && forgetAt(record) > at);
    });
    return { epoch: index.epoch, displaced: oldestOverLimit(counted, index.members, limit) };
  }

  function endBy(name: string, end: End, except: string | undefined): number {
    indexOf(name).epoch++;
    let count = 0;
    for (const { id } of live(name)) {
      if (id !== except && apply(id, { end, while: { index: name } }).status === 'applied') count++;
    }
    return count;
  }

  return {
    async insert(record) {
      if (records.get(record.id)) throw new Error('a session of that id exists');
      records.put(frozenCopyOf(record), record.createdAt);
    },
    read: (id) => records.get(id),
    apply: async (id, change) => apply(id, change),
    admit: async (index, id, at, limit) => admit(index, id, at, limit),
    epochOf: async (index) => indexes.get(index)?.epoch ?? 0,
    listBy: async (index) => live(index),
    endBy: async (index, end, except) => endBy(index, end, except),
    prune: async (now, limit) => records.prune(now, limit),
  };
}

function warnNowAndThen({ kind, count }: { readonly kind: Kind; readonly count: number }): void {
  if (!Number.isInteger(Math.log10(count))) return;
  console.warn(
    `holdfast: the memory store is full and has dropped ${count} ${kind} sessions before their time; raise maxSessions or maxBytes, or move to a store on disk`,
  );
}
