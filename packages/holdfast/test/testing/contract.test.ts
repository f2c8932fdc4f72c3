import { describe, expect, test } from 'vitest';
import { applyChange } from '../../src/change.ts';
import type { SessionRecord } from '../../src/record.ts';
import type { SessionStore } from '../../src/store.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { storeContract } from '../../src/testing/index.ts';

/** Which promises of the contract a store breaks. */
async function broken(make: () => SessionStore): Promise<string[]> {
  const names: string[] = [];
  const open = async () => ({ store: make(), close: async () => undefined });
  for (const { name, run } of storeContract({ open, histories: 5 })) {
    await run().catch((error: unknown) => {
      expect(error).toBeInstanceOf(Error);
      names.push(name);
    });
  }
  return names;
}

/** The mistakes that stores make, each as a thin layer over a good one. */
const mistakes: Record<string, (good: SessionStore) => Partial<SessionStore>> = {
  'an insert that overwrites'(good) {
    const records = new Map<string, SessionRecord>();
    return {
      async insert(record) {
        records.set(record.id, record);
        await good.insert(record).catch(() => undefined);
      },
      read: async (id) => records.get(id) ?? good.read(id),
    };
  },
  'changes that are read, made and written in steps of their own'(good) {
    const records = new Map<string, SessionRecord>();
    return {
      async insert(record) {
        await good.insert(record);
        records.set(record.id, record);
      },
      read: async (id) => records.get(id),
      async apply(id, change) {
        const before = records.get(id);
        await Promise.resolve();
        const { applied, record } = applyChange(before, change);
        if (record) records.set(id, record);
        return applied;
      },
    };
  },
  'every renewer is told that it won': (good) => ({
    apply: async (id, change) => ({
      ...(await good.apply(id, change)),
      renewed: !change.end && !!change.renew,
    }),
  }),
  'an end that heeds the epoch': (good) => ({
    async apply(id, change) {
      const record = await good.read(id);
      return change.end && record && record.epoch > 0
        ? { status: 'stale', renewed: false }
        : good.apply(id, change);
    },
  }),
  'an end without its condition': (good) => ({
    apply: (id, change) => good.apply(id, change.end ? { end: change.end } : change),
  }),
  'versions that are not compared': (good) => ({
    apply(id, change) {
      if (change.end) return good.apply(id, change);
      const { expect: _, ...rest } = change;
      return good.apply(id, rest);
    },
  }),
  'a list that shows the ended': (good) => ({
    async listBy(index) {
      const list = await good.listBy(index);
      return list.length > 1 ? list.slice(1) : list;
    },
  }),
  'an epoch that rises too late': (good) => {
    let late = 0;
    return {
      async endBy(index, end, except) {
        const count = await good.endBy(index, end, except);
        late++;
        return count;
      },
      epochOf: async (index) => Math.max(0, (await good.epochOf(index)) - (late > 0 ? 1 : 0)),
    };
  },
  'an exception that is forgotten': (good) => ({ endBy: (index, end) => good.endBy(index, end) }),
  'a limit that is ignored': (good) => ({ admit: (index, id, at) => good.admit(index, id, at) }),
  'a prune without a limit': (good) => ({ prune: (now) => good.prune(now, 1_000_000) }),
  'a prune that goes by idleness': (good) => ({ prune: (now, limit) => good.prune(now + 3_600_000, limit) }),
  'records that are shared with the caller'(good) {
    const handed = new Map<string, SessionRecord>();
    return {
      async read(id) {
        const fresh = await good.read(id);
        const before = handed.get(id);
        if (before && fresh && before.dataVersion === fresh.dataVersion && before.epoch >= fresh.epoch)
          return before;
        if (fresh) handed.set(id, fresh);
        return fresh;
      },
    };
  },
  'data in a plain object': (good) => ({
    async read(id) {
      const record = await good.read(id);
      if (!record) return undefined;
      const object: Record<string, unknown> = {};
      for (const [key, entry] of record.data) object[key] = entry;
      return { ...record, data: new Map(Object.entries(object)) as SessionRecord['data'] };
    },
  }),
};

describe('the store contract finds', () => {
  test.each(Object.keys(mistakes))('%s', async (name) => {
    const names = await broken(() => {
      const good = memoryStore();
      return { ...good, ...mistakes[name]?.(good) };
    });
    expect(names).not.toEqual([]);
  });

  test('a secret at rest, in any of its spellings', async () => {
    for (const spell of [
      (secret: string) => secret,
      (secret: string) => Buffer.from(secret, 'base64url').toString('hex'),
      (secret: string) => Buffer.from(secret, 'base64url').toString('base64'),
    ]) {
      const written: string[] = [];
      const original = Headers.prototype.get;
      // The store of someone who looks at the request: it keeps what the browser sent.
      Headers.prototype.get = function get(name) {
        const value = original.call(this, name);
        if (name === 'cookie' && value) written.push(...value.split('.').slice(1).map(spell));
        return value;
      };
      try {
        const open = async () => ({
          store: memoryStore(),
          raw: async () => written.join('\n'),
          close: async () => undefined,
        });
        const look = storeContract({ open }).find(({ name }) => name.includes('holds a secret'));
        await expect(look?.run()).rejects.toThrow('a secret, or a lineage, is in the store');
      } finally {
        Headers.prototype.get = original;
      }
    }
  });

  test('nothing in a good store, and every case has a name of its own', async () => {
    expect(await broken(memoryStore)).toEqual([]);
    const names = storeContract({
      open: async () => ({ store: memoryStore(), close: async () => undefined }),
    }).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('a store that forgets by itself is not asked to prune', () => {
    const open = async () => ({ store: memoryStore(), close: async () => undefined });
    const all = storeContract({ open });
    expect(storeContract({ open, forgetsByItself: true }).length).toBeLessThan(all.length);
  });

  test('the store is closed after each case, a broken promise or not', async () => {
    let closed = 0;
    const open = async () => ({
      store: { ...memoryStore(), read: async () => undefined },
      close: async () => void closed++,
    });
    const cases = storeContract({ open, histories: 1 });
    for (const { run } of cases) await run().catch(() => undefined);
    expect(closed).toBe(cases.length);
  });
});
