import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyChange, type Update } from '../../src/change.ts';
import type { Ended, SessionRecord } from '../../src/record.ts';
import { redisStore } from '../../src/stores/redis/index.ts';
import { packRecord, unpackRecord } from '../../src/stores/redis/record.ts';
import { assertEqual } from '../../src/testing/contract/assert.ts';
import { hashOf, idOf, privilege, sampleRecord } from '../../src/testing/contract/samples.ts';
import { records } from '../support/arbitrary-record.ts';
import { property } from '../support/long.ts';
import { type Connected, connections, sharedAddresses } from '../support/redis/clients.ts';
import { keyPrefix } from '../support/redis/shared.ts';

const DAMAGE = new SyntaxError('a session record is damaged, or of a layout that only a newer release knows');

/** The order of indexes says nothing. */
function sorted(record: SessionRecord | undefined): SessionRecord | undefined {
  return record && { ...record, indexes: record.indexes.toSorted() };
}

const ENDED: Ended = { at: 1, reason: 'revoked', forgetAt: 2 };

describe('the text of a record in Redis', () => {
  test.each([
    0,
    1.5,
    -1,
    999_999_999_999_999,
    1_000_000_000_000_001,
    Number.MAX_SAFE_INTEGER,
  ])('is read as the record that it was written from, with the instant %d', (instant) => {
    const record = sampleRecord('one', { lastSeenAt: instant, absoluteExpiresAt: instant });
    expect(unpackRecord(record.id, packRecord(record))).toStrictEqual(record);
  });

  test('is read as the record that it was written from, whatever its strings hold', () => {
    fc.assert(
      fc.property(records, (record) => {
        assertEqual(sorted(unpackRecord(record.id, packRecord(record))), record, 'the record');
      }),
      property,
    );
  });

  test('is one line of words, one of JSON and one of JSON, whatever its strings hold', () => {
    fc.assert(
      fc.property(records, (record) => {
        const [head = '', ...rest] = packRecord(record).split('\n');
        expect(head).toMatch(/^[01]( \d+){4} [\w-]{43} ([\w-]{43}|-)$/);
        expect(rest).toHaveLength(2);
        for (const line of rest) JSON.parse(line);
      }),
      property,
    );
  });

  test('that was cut off anywhere is damage: it throws, and is never read as a record or as none', () => {
    fc.assert(
      fc.property(records, fc.nat(), (record, at) => {
        const whole = packRecord(record);
        expect(() => unpackRecord(record.id, whole.slice(0, at % whole.length))).toThrow(DAMAGE);
      }),
      property,
    );
  });

  test.each([
    ['nothing', ''],
    ['another layout', packRecord(sampleRecord()).replace(/^1/, '2')],
    ['what another program wrote', '{"cookie":{"path":"/"}}'],
    ['JSON lines', '[1]\n[2]\n{}'],
    ['a second line that is shorter', packRecord(sampleRecord()).replace(/\n.*\n/, '\n[]\n')],
    ['a second line that is longer', packRecord(sampleRecord()).replace(/\]\n/, ',1]\n')],
    ['a second line that is an object', packRecord(sampleRecord()).replace(/\n.*\n/, '\n{}\n')],
    ['a deadline that is no number', packRecord(sampleRecord()).replace(/^1 (\d+) \d+/, '1 $1 never')],
    ['a deadline that is missing', packRecord(sampleRecord()).replace(/^1 (\d+) \d+/, '1 $1 ')],
    ['a secret that is missing', packRecord(sampleRecord()).replace(/ \S+ (\S+)\n/, ' $1\n')],
    ['an instant that never comes', packRecord(sampleRecord()).replace(/,\d{13}/, ',1e999')],
    ['an end of a session that is alive', packRecord(sampleRecord()).replace(/^1/, '0')],
    ['alive, with an end', packRecord(sampleRecord('one', { ended: ENDED })).replace(/^0/, '1')],
    ['data that is a number', packRecord(sampleRecord()).replace(/\{\}$/, '1')],
    ['data that is a list', packRecord(sampleRecord()).replace(/\{\}$/, '[]')],
    ['data that is nothing', packRecord(sampleRecord()).replace(/\{\}$/, 'null')],
    ['data of another form', packRecord(sampleRecord()).replace(/\{\}$/, '{"a":{"value":"1"}}')],
    ['a value without a version', packRecord(sampleRecord()).replace(/\{\}$/, '{"a":["1"]}')],
    ['a line too many', `${packRecord(sampleRecord())}\n{}`],
  ])('that is %s throws', (_, damaged) => {
    expect(() => unpackRecord(idOf('any'), damaged)).toThrow(DAMAGE);
  });
});

describe('a record that the server has written again', () => {
  let connected: Connected;
  beforeAll(async () => {
    const [connection] = connections;
    if (!connection) throw new Error('there is no client');
    connected = await connection.connect(await sharedAddresses(connection.topology));
  }, 60_000);
  afterAll(() => connected?.close());

  /** Each makes the server take apart, and write, another part of it. */
  const changes: readonly ((record: SessionRecord) => Partial<Update>)[] = [
    ({ lastSeenAt }) => ({ touch: lastSeenAt + 1 }),
    () => ({ set: new Map([['\ud800', { value: '\u0000', schemaVersion: 1 }]]) }),
    ({ data }) => ({ remove: [...data.keys()].slice(0, 1) }),
    ({ data }) => ({ remove: [...data.keys()] }),
    ({ system }) => ({ system: new Map([...system].map(([key, from]) => [key, { from, to: undefined }])) }),
    () => ({ privilege: privilege('next', { keep: [] }) }),
    ({ data }) => ({ privilege: privilege('next', { keep: [...data.keys()], authentications: [] }) }),
    ({ secretHash }) => ({
      renew: { from: secretHash, secretHash: hashOf('new'), salt: hashOf('salt'), at: 1, client: {} },
    }),
  ];

  test('is read as applyChange says, whatever its strings hold', async () => {
    const store = redisStore(connected.client, { prefix: keyPrefix(), onWarning: () => undefined });
    const sample = fc.sample(fc.tuple(records, fc.constantFrom(...changes)), property);
    const outcomes = await Promise.all(
      sample.map(async ([drawn, makeChange], i) => {
        // Alive, or nothing is written.
        const { ended: _, ...alive } = drawn;
        const record = { ...alive, id: idOf(i), createdAt: Date.now(), absoluteExpiresAt: Date.now() + 1e9 };
        const change: Update = { epoch: record.epoch, at: Date.now(), ...makeChange(record) };
        await store.insert(record);
        const applied = await store.apply(record.id, change);
        return [[applied, sorted(await store.read(record.id))], applyChange(record, change)] as const;
      }),
    );
    for (const [actual, expected] of outcomes) {
      assertEqual(actual, [expected.applied, sorted(expected.record)], 'the answer and the record');
    }
  }, 600_000);
});
