/** A record as a row, and as the list that it is read from: by way of the real servers, since it is they who write that list. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndReason, SessionRecord } from '../../src/record.ts';
import type { SessionStore } from '../../src/store.ts';
import { fullRecord, idOf, sampleRecord, START } from '../../src/testing/contract/samples.ts';
import { COLUMNS, ENDED, READ, unpackRow } from '../../src/stores/sql/row.ts';
import { property } from '../support/long.ts';
import { drivers, type SqlClient } from '../support/sql/drivers.ts';

const NOTABLE = [
  '',
  '0',
  '__proto__',
  'null',
  '{}',
  '"',
  '\\',
  '\n',
  '\r\n',
  '\t',
  '\u0000',
  '\u0001',
  '\u0001"a"',
];
const MORE = [
  '\u001f',
  '\u007f',
  '\u2028',
  '\ud800',
  'a\udfff',
  '😀',
  'ä',
  "'",
  '`',
  '/',
  ' ',
  'a ',
  '%s',
  '$1',
  '?',
];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NOTABLE, ...MORE) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const instant = fc.integer({ min: 0, max: 99_999_999_999_999 });
const count = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const hash = fc.string({ unit: fc.constantFrom(...'azAZ09-_'), minLength: 43, maxLength: 43 });
const reasons: readonly EndReason[] = ['signed_out', 'revoked', 'idle_timeout'];
const mapOf = <T>(each: fc.Arbitrary<T>) =>
  fc.uniqueArray(fc.tuple(text, each), { selector: ([key]) => key, maxLength: 4 }).map((all) => new Map(all));
/** What is not there is left out, not `undefined`. */
const some = <T extends object, Key extends keyof T>(
  each: { [K in keyof T]: fc.Arbitrary<T[K]> },
  requiredKeys: Key[],
) => fc.record(each, { requiredKeys, noNullPrototype: true });

const records = some<SessionRecord, keyof SessionRecord>(
  {
    id: fc.constant(''),
    lineageHash: hash,
    secretHash: hash,
    previousHash: hash,
    renewalSalt: hash,
    renewedAt: instant,
    confirmedAt: instant,
    renewals: count,
    reuse: some({ incidents: count, lastAt: instant }, ['incidents']),
    epoch: count,
    userId: text,
    authentications: fc.array(
      some({ at: instant, methods: fc.array(text, { maxLength: 3 }), level: text }, ['at', 'methods']),
      { maxLength: 3 },
    ),
    createdAt: instant,
    lastSeenAt: instant,
    idleTimeout: instant,
    absoluteExpiresAt: instant,
    client: some({ ip: text, userAgent: text, label: text }, []),
    data: mapOf(
      some({ value: text, version: count, schemaVersion: count }, ['value', 'version', 'schemaVersion']),
    ),
    dataVersion: count,
    persistent: fc.boolean(),
    csrfSeed: hash,
    indexes: fc.uniqueArray(text, { maxLength: 3 }),
    system: mapOf(text),
    ended: some({ at: instant, reason: fc.constantFrom(...reasons), forgetAt: instant }, [
      'at',
      'reason',
      'forgetAt',
    ]),
  },
  [],
);

describe.each(drivers)('a record in $name', (driver) => {
  let url: string;
  let space: string;
  let client: SqlClient;
  let store: SessionStore;
  beforeAll(async () => {
    url = await driver.url();
    space = await driver.newSpace(url);
    client = driver.connect(url);
    store = client.store(space);
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    await driver.drop(url, space);
  });

  test('is read as it was written, whatever its strings hold, and whatever it has or has not', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(records, async (drawn) => {
        const record = { ...sampleRecord(`any-${n++}`), ...drawn, id: idOf(`any-${n}`) };
        await store.insert(record);
        // Nothing that is not there is there as `undefined`.
        expect(await store.read(record.id)).toStrictEqual(record);
      }),
      property,
    );
  }, 60_000);

  test('is the same in a list, and lists what has not ended alone', async () => {
    const [full, few] = [fullRecord('listed'), sampleRecord('few', { indexes: ['user:alice'] })];
    const ended = { at: START, reason: 'revoked', forgetAt: START + 1 } as const;
    const over = sampleRecord('over', { indexes: ['user:alice'], ended });
    for (const record of [full, few, over]) {
      await store.admit('user:alice', record.id, START);
      await store.insert(record);
    }
    const listed = await store.listBy('user:alice');
    expect(listed.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toStrictEqual(
      [full, few].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
    expect(await store.listBy('user:nobody')).toEqual([]);
  });
});

describe('the list that a record is read from', () => {
  const row = (more: Readonly<Record<string, unknown>> = {}): unknown[] => {
    const fields: Record<string, unknown> = {
      ...Object.fromEntries(COLUMNS.map((name) => [name, name.endsWith('_at') ? START : 'text'])),
      ...Object.fromEntries(
        ['renewals', 'incidents', 'epoch', 'idle_timeout', 'data_version'].map((name) => [name, 0]),
      ),
      authentications: [],
      indexes: [],
      data: {},
      system_data: {},
      persistent: false,
      ...more,
    };
    return [...READ.map((name) => fields[name]), fields['ended'] ?? null];
  };

  test('is that of the columns, and of those that only an ended session has', () => {
    expect([...READ, ...ENDED]).toEqual(COLUMNS);
    expect(unpackRow(row({ epoch: 3 })).epoch).toBe(3);
    const ended = [START, 'revoked', START + 1];
    expect(unpackRow(row({ ended })).ended).toEqual({ at: START, reason: 'revoked', forgetAt: START + 1 });
  });

  test('of a sound record all look alike, in the order of their fields too', () => {
    const keys = Object.keys(unpackRow(row()));
    expect(Object.keys(unpackRow(row({ persistent: 1, data: { a: ['1', 1, 1] } })))).toEqual(keys);
  });

  test.each([
    ['an instant that is text', { absolute_expires_at: 'never' }],
    ['no instant', { last_seen_at: null }],
    ['no idle limit', { idle_timeout: null }],
    ['no hash', { secret_hash: null }],
    ['a hash that is a number', { lineage_hash: 1 }],
    ['no list of authentications', { authentications: {} }],
    ['an authentication that is none', { authentications: [1] }],
    ['no indexes', { indexes: null }],
    ['no data', { data: null }],
    ['data that is no text', { data: { a: [1, 1, 1] } }],
    ['no entry of data', { data: { a: null } }],
    ['features that are none', { system_data: { a: 1 } }],
    ['an end without a reason', { ended: [START, null, START] }],
    ['an end that is no list', { ended: true }],
    ['a name that is no text', { user_id: 1 }],
  ])('is damage, and no session, with %s', (_, more) => {
    expect(() => unpackRow(row(more))).toThrow(TypeError);
  });

  test('is damage where it is too short', () => {
    expect(() => unpackRow(row().slice(0, -1))).toThrow(TypeError);
    expect(() => unpackRow([])).toThrow(TypeError);
  });
});
