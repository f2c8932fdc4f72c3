/** A store on plain maps, and the ways in which stores break: each leaves one promise of `SessionStore` unkept. */
import { applyChange, type Applied, type Change } from '../../src/change.ts';
import type { SessionRecord } from '../../src/record.ts';
import type { SessionStore } from '../../src/store.ts';

interface Tables {
  readonly records: Map<string, SessionRecord>;
  readonly epochs: Map<string, number>;
  /** Admission instants by session id, by index. */
  readonly members: Map<string, Map<string, number>>;
}

/** What an attempt to break the store can use: each of these is one step. */
interface Parts extends Tables {
  readonly good: SessionStore;
  change(id: string, change: Change): Applied;
  raise(index: string): void;
  listed(index: string): string[];
}

export type Flaw = (parts: Parts) => Partial<SessionStore>;

/** One step of the event loop each, but for what the flaw makes otherwise. */
export function plainStore(flaw: Flaw = () => ({})): SessionStore {
  const tables: Tables = { records: new Map(), epochs: new Map(), members: new Map() };
  const { records, epochs, members } = tables;

  function change(id: string, what: Change): Applied {
    const { applied, record } = applyChange(records.get(id), what);
    if (record) records.set(id, record);
    return applied;
  }

  function listed(index: string): string[] {
    return [...(members.get(index)?.keys() ?? [])].filter((id) => isListed(records.get(id), index));
  }

  function raise(index: string): void {
    epochs.set(index, (epochs.get(index) ?? 0) + 1);
  }

  const good: SessionStore = {
    async insert(record) {
      if (records.has(record.id)) throw new Error('a session of that id exists');
      records.set(record.id, record);
    },
    read: async (id) => records.get(id),
    apply: async (id, what) => change(id, what),
    async admit(index, id, at, limit) {
      enter(tables, index, id, at);
      return {
        epoch: epochs.get(index) ?? 0,
        displaced: displacedFrom(tables, index, id, listed(index), limit),
      };
    },
    epochOf: async (index) => epochs.get(index) ?? 0,
    listBy: async (index) => listed(index).flatMap((id) => records.get(id) ?? []),
    async endBy(index, end, except) {
      raise(index);
      const ended = listed(index).filter((id) => id !== except);
      for (const id of ended) change(id, { end });
      return ended.length;
    },
    prune: async () => 0,
  };
  return { ...good, ...flaw({ ...tables, good, change, raise, listed }) };
}

function isListed(record: SessionRecord | undefined, index: string): record is SessionRecord {
  return record !== undefined && !record.ended && record.indexes.includes(index);
}

function enter({ members }: Tables, index: string, id: string, at: number): void {
  const admitted = members.get(index) ?? new Map<string, number>();
  members.set(index, admitted.set(id, admitted.get(id) ?? at));
}

function displacedFrom(
  { members }: Tables,
  index: string,
  id: string,
  live: readonly string[],
  limit: number | undefined,
): string[] {
  if (limit === undefined) return [];
  const at = (member: string): number => members.get(index)?.get(member) ?? 0;
  const counted = [...new Set([...live, id])].toSorted((a, b) => at(a) - at(b) || (a < b ? -1 : 1));
  return counted.slice(0, Math.max(0, counted.length - limit));
}

/** As long as a round trip takes: others come between. */
async function elsewhere(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}

/** Answers from what was there a while ago. */
function replicaOf<T>(history: Map<string, { readonly value: T; age: number }>, key: string, now: T): T {
  const copy = history.get(key);
  if (copy && copy.age++ < 1) return copy.value;
  history.set(key, { value: now, age: 0 });
  return now;
}

/** Each flaw, and the store it comes from. */
export const flaws: Record<string, Flaw> = {
  'a change is read, made and written without a lock': ({ records }) => ({
    async apply(id, change) {
      const { applied, record } = applyChange(records.get(id), change);
      await elsewhere();
      if (record) records.set(id, record);
      return applied;
    },
  }),

  'an end loses to a change that was committed while it ran': ({ records, change }) => ({
    async apply(id, what) {
      if (!what.end) return change(id, what);
      const before = records.get(id);
      await elsewhere();
      // A compare-and-set that gives up.
      return records.get(id) === before ? change(id, what) : { status: 'conflict', renewed: false };
    },
  }),

  'an end heeds the epoch': ({ records, change }) => ({
    apply: async (id, what) =>
      what.end && (records.get(id)?.epoch ?? 0) > 0 ? { status: 'stale', renewed: false } : change(id, what),
  }),

  'a touch that is under way revives what has ended': ({ records, change }) => ({
    async apply(id, what) {
      const before = records.get(id);
      if (what.end || what.touch === undefined || !before) return change(id, what);
      const { applied, record } = applyChange(before, what);
      await elsewhere();
      const now = records.get(id);
      // The others’ changes are kept, and the end is not looked for.
      if (record && now) records.set(id, { ...(now.ended ? before : now), lastSeenAt: record.lastSeenAt });
      return applied;
    },
  }),

  'two keys written at the same time: one is lost': ({ records, change }) => ({
    async apply(id, what) {
      if (what.end || !what.set) return change(id, what);
      const data = new Map(records.get(id)?.data);
      await elsewhere();
      const applied = change(id, what);
      const after = records.get(id);
      if (applied.status !== 'applied' || !after) return applied;
      for (const key of what.set.keys())
        data.set(key, after.data.get(key) ?? { value: '', version: 0, schemaVersion: 0 });
      records.set(id, { ...after, data });
      return applied;
    },
  }),

  'the secret that a renewal starts from is compared too early': ({ records, change }) => ({
    async apply(id, what) {
      if (what.end || what.renew?.from !== records.get(id)?.secretHash) return change(id, what);
      await elsewhere();
      const from = records.get(id)?.secretHash;
      return change(
        id,
        what.renew && from !== undefined ? { ...what, renew: { ...what.renew, from } } : what,
      );
    },
  }),

  'each of several renewers is told that it won': ({ change }) => ({
    async apply(id, what) {
      const applied = change(id, what);
      return !what.end && what.renew && applied.status === 'applied'
        ? { ...applied, renewed: true }
        : applied;
    },
  }),

  'a compare-and-set does not compare': ({ change }) => ({
    async apply(id, what) {
      if (what.end) return change(id, what);
      const { expect: _, ...rest } = what;
      return change(id, rest);
    },
  }),

  'a system key is replaced whatever it holds': ({ records, change }) => ({
    async apply(id, what) {
      if (what.end || !what.system) return change(id, what);
      const now = records.get(id)?.system;
      const system = new Map([...what.system].map(([key, { to }]) => [key, { from: now?.get(key), to }]));
      return change(id, { ...what, system });
    },
  }),

  'a change that was not made is answered as applied': ({ records, change }) => {
    let calls = 0;
    return {
      async apply(id, what) {
        if (++calls % 10 !== 0) return change(id, what);
        // Written behind, and dropped.
        return applyChange(records.get(id), what).applied;
      },
    };
  },

  'a lost answer makes it ask again, and the change is made twice': ({ change }) => {
    let calls = 0;
    return {
      async apply(id, what) {
        const applied = change(id, what);
        if (++calls % 10 !== 0) return applied;
        await elsewhere();
        return change(id, what);
      },
    };
  },

  'reads are answered by a replica that lags': ({ records }) => {
    const copies = new Map<string, { value: SessionRecord | undefined; age: number }>();
    return { read: async (id) => replicaOf(copies, id, records.get(id)) };
  },

  'a read is two commands: the data may be of another state than the rest': ({ records }) => ({
    async read(id) {
      const rest = records.get(id);
      await elsewhere();
      const data = records.get(id)?.data;
      return rest && data ? { ...rest, data } : rest;
    },
  }),

  'an insert overwrites': ({ records }) => ({
    insert: async (record) => void records.set(record.id, record),
  }),

  'an incident is counted on a copy': ({ records, change }) => ({
    async apply(id, what) {
      if (what.end || !what.incident) return change(id, what);
      const reuse = records.get(id)?.reuse;
      await elsewhere();
      const applied = change(id, what);
      const after = records.get(id);
      if (applied.status === 'applied' && after && !after.ended && reuse) {
        records.set(id, { ...after, reuse: { incidents: reuse.incidents + 1, lastAt: what.at } });
      }
      return applied;
    },
  }),

  'the epoch of an index is raised after the ends': ({ listed, change, raise }) => ({
    async endBy(index, end, except) {
      const ended = listed(index).filter((id) => id !== except);
      for (const id of ended) change(id, { end });
      await elsewhere();
      raise(index);
      return ended.length;
    },
  }),

  'who is to be ended is listed before the epoch is raised': ({ listed, change, raise }) => ({
    async endBy(index, end, except) {
      const ids = listed(index).filter((id) => id !== except);
      await elsewhere(8);
      raise(index);
      return ids.filter((id) => change(id, { end, while: { index } }).status === 'applied').length;
    },
  }),

  'the end of an index ends whoever was listed, whatever index it carries by then': ({
    listed,
    change,
    raise,
  }) => ({
    async endBy(index, end, except) {
      raise(index);
      const ids = listed(index).filter((id) => id !== except);
      await elsewhere(8);
      return ids.filter((id) => change(id, { end }).status === 'applied').length;
    },
  }),

  'the end of an index counts those that someone else has ended': ({ listed, change, raise }) => ({
    async endBy(index, end, except) {
      raise(index);
      const ids = listed(index).filter((id) => id !== except);
      await elsewhere();
      for (const id of ids) change(id, { end, while: { index } });
      return ids.length;
    },
  }),

  'two ends of an index at once raise its epoch once': ({ epochs, good }) => ({
    async endBy(index, end, except) {
      const epoch = epochs.get(index) ?? 0;
      await elsewhere();
      const count = await good.endBy(index, end, except);
      epochs.set(index, epoch + 1);
      return count;
    },
  }),

  'the epoch is cached': ({ epochs }) => {
    const copies = new Map<string, { value: number; age: number }>();
    return { epochOf: async (index) => replicaOf(copies, index, epochs.get(index) ?? 0) };
  },

  'an admission reads the epoch before it enters': ({ epochs, good }) => ({
    async admit(index, id, at, limit) {
      const epoch = epochs.get(index) ?? 0;
      await elsewhere(8);
      return { ...(await good.admit(index, id, at, limit)), epoch };
    },
  }),

  'who counts against a limit is read from a replica that lags': (parts) => {
    const copies = new Map<string, { value: string[]; age: number }>();
    return {
      async admit(index, id, at, limit) {
        enter(parts, index, id, at);
        const live = replicaOf(copies, index, parts.listed(index));
        return {
          epoch: parts.epochs.get(index) ?? 0,
          displaced: displacedFrom(parts, index, id, live, limit),
        };
      },
    };
  },

  'a limit displaces the youngest': ({ good }) => ({
    async admit(index, id, at, limit) {
      const { epoch, displaced } = await good.admit(index, id, at, limit);
      return { epoch, displaced: displaced.length > 0 ? [id] : [] };
    },
  }),

  'a list is cached': ({ good }) => {
    const copies = new Map<string, { value: SessionRecord[]; age: number }>();
    return { listBy: async (index) => replicaOf(copies, index, await good.listBy(index)) };
  },

  'an entry goes when its record carries another index': ({ members, records, good }) => {
    function tidy(index: string): void {
      const entries = members.get(index) ?? new Map<string, number>();
      for (const id of entries.keys()) if (!isListed(records.get(id), index)) entries.delete(id);
    }
    return {
      async listBy(index) {
        tidy(index);
        return good.listBy(index);
      },
      async endBy(index, end, except) {
        tidy(index);
        return good.endBy(index, end, except);
      },
    };
  },
};
