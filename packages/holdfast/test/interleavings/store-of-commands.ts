/**
 * A store of which each command is atomic and no call is, as on a server that keeps each record and each index under a key of
 * its own: with the right order of commands, and with wrong ones.
 */
import { applyChange, type Applied, type Change } from '../../src/change.ts';
import type { SessionRecord } from '../../src/record.ts';
import type { SessionStore } from '../../src/store.ts';

interface Index {
  epoch: number;
  /** Admission instants by session id. */
  readonly members: Map<string, number>;
}

/** The server. Each method is one command on one key. */
export class Commands {
  readonly #records = new Map<string, SessionRecord>();
  readonly #indexes = new Map<string, Index>();

  #index(name: string): Index {
    let index = this.#indexes.get(name);
    if (!index) this.#indexes.set(name, (index = { epoch: 0, members: new Map() }));
    return index;
  }

  async get(id: string): Promise<SessionRecord | undefined> {
    return this.#records.get(id);
  }

  async setNew(record: SessionRecord): Promise<boolean> {
    if (this.#records.has(record.id)) return false;
    this.#records.set(record.id, record);
    return true;
  }

  /** With the indexes that the record carried before. */
  async change(id: string, change: Change): Promise<{ applied: Applied; indexes: readonly string[] }> {
    const before = this.#records.get(id);
    const { applied, record } = applyChange(before, change);
    if (record) this.#records.set(id, record);
    return { applied, indexes: before?.indexes ?? [] };
  }

  async enter(name: string, id: string, at: number): Promise<Index> {
    const index = this.#index(name);
    index.members.set(id, index.members.get(id) ?? at);
    return { epoch: index.epoch, members: new Map(index.members) };
  }

  async leave(name: string, id: string): Promise<void> {
    this.#index(name).members.delete(id);
  }

  async raise(name: string): Promise<string[]> {
    const index = this.#index(name);
    index.epoch++;
    return [...index.members.keys()];
  }

  async members(name: string): Promise<string[]> {
    return [...this.#index(name).members.keys()];
  }

  async epoch(name: string): Promise<number> {
    return this.#index(name).epoch;
  }

  async clear(name: string): Promise<void> {
    this.#index(name).members.clear();
  }
}

export const COMMANDS = [
  'get',
  'setNew',
  'change',
  'enter',
  'leave',
  'raise',
  'members',
  'epoch',
  'clear',
] as const;

export type Flaw = (commands: Commands, good: SessionStore) => Partial<SessionStore>;

export function storeOfCommands(commands: Commands, flaw: Flaw = () => ({})): SessionStore {
  async function listed(index: string, ids: readonly string[]): Promise<SessionRecord[]> {
    const records: SessionRecord[] = [];
    for (const id of ids) {
      const record = await commands.get(id);
      if (record && !record.ended && record.indexes.includes(index)) records.push(record);
    }
    return records;
  }

  async function apply(id: string, change: Change): Promise<Applied> {
    const { applied, indexes } = await commands.change(id, change);
    if (applied.ended) for (const index of indexes) await commands.leave(index, id);
    return applied;
  }

  const good: SessionStore = {
    async insert(record) {
      if (!(await commands.setNew(record))) throw new Error('a session of that id exists');
    },
    read: (id) => commands.get(id),
    apply,
    async admit(index, id, at, limit) {
      const { epoch, members } = await commands.enter(index, id, at);
      if (limit === undefined) return { epoch, displaced: [] };
      const others = [...members.keys()].filter((member) => member !== id);
      const counted = [id, ...(await listed(index, others)).map((record) => record.id)];
      const admittedAt = (member: string): number => members.get(member) ?? 0;
      const oldestFirst = counted.toSorted((a, b) => admittedAt(a) - admittedAt(b) || (a < b ? -1 : 1));
      return { epoch, displaced: oldestFirst.slice(0, Math.max(0, counted.length - limit)) };
    },
    epochOf: (index) => commands.epoch(index),
    listBy: async (index) => listed(index, await commands.members(index)),
    async endBy(index, end, except) {
      let count = 0;
      for (const id of await commands.raise(index)) {
        if (id === except) continue;
        if ((await apply(id, { end, while: { index } })).status === 'applied') count++;
      }
      return count;
    },
    prune: async () => 0,
  };
  return { ...good, ...flaw(commands, good) };
}

/** Each leaves something live that is not listed, outlives the end of all or is over the limit, in some order of steps. */
export const flaws: Record<string, Flaw> = {
  'entries leave the index before their sessions are ended': (commands, good) => ({
    async apply(id, change) {
      const before = await commands.get(id);
      if (change.end) for (const index of before?.indexes ?? []) await commands.leave(index, id);
      return good.apply(id, change);
    },
  }),

  'the index is emptied before its sessions are ended': (commands) => ({
    async endBy(index, end, except) {
      const ids = (await commands.raise(index)).filter((id) => id !== except);
      await commands.clear(index);
      if (except !== undefined) await commands.enter(index, except, 0);
      for (const id of ids) await commands.change(id, { end, while: { index } });
      return ids.length;
    },
  }),

  'the index is emptied after its sessions are ended': (commands, good) => ({
    async endBy(index, end, except) {
      const count = await good.endBy(index, end, except);
      if (except === undefined) await commands.clear(index);
      return count;
    },
  }),

  'the epoch is raised after the ends': (commands, good) => ({
    async endBy(index, end, except) {
      const ids = (await commands.members(index)).filter((id) => id !== except);
      for (const id of ids) await good.apply(id, { end, while: { index } });
      await commands.raise(index);
      return ids.length;
    },
  }),

  'the epoch is not raised where nobody is listed': (commands, good) => ({
    endBy: async (index, end, except) =>
      (await commands.members(index)).length > 0 ? good.endBy(index, end, except) : 0,
  }),

  'an admission reads the epoch after it has entered': (commands, good) => ({
    async admit(index, id, at, limit) {
      const { displaced } = await good.admit(index, id, at, limit);
      return { epoch: await commands.epoch(index), displaced };
    },
  }),

  'a list drops entries whose record is not there yet': (commands, good) => ({
    async endBy(index, end, except) {
      for (const id of await commands.members(index)) {
        if (!(await commands.get(id))) await commands.leave(index, id);
      }
      return good.endBy(index, end, except);
    },
  }),

  'an id is entered only with its record': (commands, good) => ({
    admit: async (index, id, at, limit) =>
      (await commands.get(id))
        ? good.admit(index, id, at, limit)
        : { epoch: await commands.epoch(index), displaced: [] },
    async insert(record) {
      await good.insert(record);
      for (const index of record.indexes) await commands.enter(index, record.id, record.createdAt);
    },
  }),

  'the epoch that is looked at is an old one': (commands) => {
    const known = new Map<string, number>();
    return {
      async epochOf(index) {
        const epoch = known.get(index) ?? (await commands.epoch(index));
        known.set(index, epoch);
        return epoch;
      },
    };
  },

  'an end is not asked for again when the record has changed meanwhile': (commands, good) => ({
    async endBy(index, end, except) {
      let count = 0;
      for (const id of await commands.raise(index)) {
        const before = id === except ? undefined : await commands.get(id);
        if (!before) continue;
        const now = await commands.get(id);
        if (before === now && (await good.apply(id, { end, while: { index } })).status === 'applied') count++;
      }
      return count;
    },
  }),

  'a limit is counted before the record is there, and not again': (_, good) => {
    const admitted = new Set<string>();
    return {
      async admit(index, id, at, limit) {
        if (admitted.has(id)) return { ...(await good.admit(index, id, at)), displaced: [] };
        admitted.add(id);
        return good.admit(index, id, at, limit);
      },
    };
  },
};
