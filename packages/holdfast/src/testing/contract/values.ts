/** Whatever a key, a value or an identifier holds comes back as it was, and belongs to the store alone. */
import type { SessionRecord } from '../../record.ts';
import { assertEqual, present } from './assert.ts';
import type { Promised } from './harness.ts';
import {
  end,
  entry,
  fullRecord,
  idOf,
  mapOf,
  privilege,
  renewal,
  sampleRecord,
  START,
  update,
  userRecord,
} from './samples.ts';

/** Keys that a naive object, a text column or a separator would trip over. */
const ODD_KEYS: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'length',
  '0',
  ' ',
  'a.b',
  'a:b',
  '$set',
  '*',
  '"',
  "'; DROP TABLE sessions; --",
  'ключ',
  '鍵',
  '🔑',
  'e\u0301',
  '\u00e9',
  'nul\u0000in',
  '\ud800',
  '\udc00\ud800',
  '\u2028',
  'k'.repeat(128),
];

const ODD_VALUES: readonly string[] = [
  'null',
  '""',
  '"nul\\u0000in"',
  '"\u2028\ud83d\ude00"',
  '"\\ud800"',
  '"\ud800"',
  '"\\\\\\""',
  '1e400',
  '{"__proto__":{"isAdmin":true}}',
];

/** Tries to change everything in a record that was handed out; what is frozen may refuse. */
function tamper(record: SessionRecord): void {
  const attempts: (() => void)[] = [
    () => Object.assign(record, { userId: 'mallory', epoch: 99, ended: undefined }),
    () => Object.assign(record.client, { ip: 'changed' }),
    () => Object.assign(record.reuse, { incidents: 99 }),
    () => (record.data as Map<string, unknown>).set('planted', entry('1', 1)),
    () => (record.data as Map<string, unknown>).delete('cart'),
    () => (record.system as Map<string, unknown>).set('planted', '1'),
    () => (record.indexes as string[]).push('user:mallory'),
    () => (record.authentications as unknown[]).push({ at: 0, methods: [] }),
    ...record.authentications.map((each) => () => (each.methods as string[]).push('planted')),
    ...record.authentications.map((each) => () => Object.assign(each, { level: 'planted' })),
    ...[...record.data.values()].map((each) => () => Object.assign(each, { value: '"planted"' })),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch {
      // Frozen: as good as a copy.
    }
  }
}

export const values: readonly Promised[] = [
  {
    name: 'data keys of any spelling are kept apart, names of prototypes among them',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      for (const [i, key] of ODD_KEYS.entries()) {
        await store.apply(
          idOf('one'),
          update({ set: new Map([[key, { value: `${i}`, schemaVersion: 1 }]]) }),
        );
      }
      const { data } = present(await store.read(idOf('one')), 'the record');
      const expected = new Map(ODD_KEYS.map((key, i) => [key, entry(`${i}`, i + 1)]));
      assertEqual(data, expected, 'the data');
      await store.apply(idOf('one'), update({ remove: ODD_KEYS.filter((_, i) => i % 2 === 0) }));
      const left = present(await store.read(idOf('one')), 'the record').data;
      assertEqual(
        [...left.keys()].toSorted(),
        ODD_KEYS.filter((_, i) => i % 2 === 1).toSorted(),
        'the keys left',
      );
    },
  },
  {
    name: 'a version is compared under keys of any spelling too',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      for (const key of ODD_KEYS) {
        const set = new Map([[key, { value: '1', schemaVersion: 1 }]]);
        const absent = await store.apply(idOf('one'), update({ set, expect: new Map([[key, 0]]) }));
        assertEqual(absent.status, 'applied', `${JSON.stringify(key)} expected to be absent`);
        const again = await store.apply(idOf('one'), update({ set, expect: new Map([[key, 0]]) }));
        assertEqual(again.status, 'conflict', `${JSON.stringify(key)} expected to be absent still`);
      }
    },
  },
  {
    name: 'system keys of any spelling are kept apart',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      for (const key of ODD_KEYS) {
        const swap = new Map([[key, { from: undefined, to: JSON.stringify(key) }]]);
        assertEqual(
          (await store.apply(idOf('one'), update({ system: swap }))).status,
          'applied',
          JSON.stringify(key),
        );
      }
      const { system } = present(await store.read(idOf('one')), 'the record');
      assertEqual(system, new Map(ODD_KEYS.map((key) => [key, JSON.stringify(key)])), 'the system keys');
    },
  },
  {
    name: 'values come back character for character: text that only looks like JSON, lone surrogates, NULs',
    keeps: async ({ store }) => {
      const set = mapOf(Object.fromEntries(ODD_VALUES.map((value, i) => [`key-${i}`, value])));
      await store.insert(sampleRecord('one'));
      await store.apply(idOf('one'), update({ set }));
      const { data } = present(await store.read(idOf('one')), 'the record');
      assertEqual(data, new Map(ODD_VALUES.map((value, i) => [`key-${i}`, entry(value, 1)])), 'the data');
    },
  },
  {
    name: 'a value of 64 KiB in each of sixteen keys is kept',
    keeps: async ({ store }) => {
      const keys = Array.from({ length: 16 }, (_, i) => `key-${i}`);
      const value = (i: number) => JSON.stringify('é'.repeat(32_000) + i);
      await store.insert(sampleRecord('one'));
      await store.apply(
        idOf('one'),
        update({ set: mapOf(Object.fromEntries(keys.map((key, i) => [key, value(i)]))) }),
      );
      const { data } = present(await store.read(idOf('one')), 'the record');
      for (const [i, key] of keys.entries()) assertEqual(data.get(key)?.value, value(i), key);
    },
  },
  {
    name: 'users whose names differ in a character, a case or an accent have indexes of their own',
    keeps: async ({ store }) => {
      const users = [
        'alice',
        'Alice',
        'alice ',
        'alice:x',
        'alice%',
        '\u00e9',
        'e\u0301',
        'a\u0000',
        'a',
        '__proto__',
        '*',
      ];
      for (const [i, user] of users.entries()) {
        await store.admit(`user:${user}`, idOf(i), START);
        await store.insert(userRecord(i, user));
      }
      for (const [i, user] of users.entries()) {
        assertEqual(
          (await store.listBy(`user:${user}`)).map(({ id }) => id),
          [idOf(i)],
          JSON.stringify(user),
        );
      }
      await store.endBy('user:alice', end('revoked'));
      for (const user of users) {
        assertEqual(
          await store.epochOf(`user:${user}`),
          user === 'alice' ? 1 : 0,
          `the epoch of ${JSON.stringify(user)}`,
        );
      }
    },
  },
  {
    name: 'instants and spans of any size are kept exactly',
    keeps: async ({ store }) => {
      const odd = { createdAt: 0, lastSeenAt: 1, idleTimeout: 1, absoluteExpiresAt: 8_640_000_000_000_000 };
      await store.insert(sampleRecord('one', odd));
      assertEqual(await store.read(idOf('one')), sampleRecord('one', odd), 'the record');
    },
  },
  {
    name: 'changing a record that was read, listed or inserted does not change the store',
    keeps: async ({ store }) => {
      const inserted = fullRecord();
      await store.admit('user:alice', inserted.id, START);
      await store.insert(inserted);
      tamper(inserted);
      assertEqual(await store.read(idOf('full')), fullRecord(), 'after changing what was inserted');
      tamper(present(await store.read(idOf('full')), 'the record'));
      assertEqual(await store.read(idOf('full')), fullRecord(), 'after changing what was read');
      tamper(present((await store.listBy('user:alice'))[0], 'the listed record'));
      assertEqual(await store.read(idOf('full')), fullRecord(), 'after changing what was listed');
    },
  },
  {
    name: 'changing a change after it was applied does not change the store',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      const indexes = ['user:alice'];
      const change = update({
        set: new Map([['a', { value: '1', schemaVersion: 1 }]]),
        system: new Map([['k', { from: undefined, to: '1' }]]),
        privilege: privilege('p', {
          indexes,
          authentications: [{ at: START, methods: ['pwd'] }],
        }),
        renew: renewal(privilege('p').secretHash, 'x'),
      });
      await store.apply(idOf('one'), change);
      const before = structuredClone(present(await store.read(idOf('one')), 'the record'));
      (change.set as Map<string, unknown>).set('a', { value: '2', schemaVersion: 1 });
      indexes.push('user:mallory');
      Object.assign(change.privilege?.authentications?.[0] ?? {}, { level: 'planted' });
      Object.assign(change.renew?.client ?? {}, { ip: 'planted' });
      assertEqual(await store.read(idOf('one')), before, 'the record');
    },
  },
];
