import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SessionRecord } from '../../src/record.ts';
import { decodeRecord, encodeRecord } from '../../src/stores/record-json.ts';
import { sqliteStore } from '../../src/stores/sqlite.ts';
import { assertEqual } from '../../src/testing/contract/assert.ts';
import { fullRecord, sampleRecord } from '../../src/testing/contract/samples.ts';
import { records } from '../support/arbitrary-record.ts';
import { property } from '../support/long.ts';

const DAMAGE = new SyntaxError('a session record is damaged');

/** With a value at every place. */
const COMPLETE: SessionRecord = {
  ...fullRecord(),
  authentications: [{ at: 1, methods: ['pwd', 'otp'], level: 'aal2' }],
  ended: { at: 1, reason: 'revoked', forgetAt: 2 },
};

/** The text of a record, with something else at one place. */
function changed(at: number, value: unknown): string {
  const flat = JSON.parse(encodeRecord(COMPLETE)) as unknown[];
  flat[at] = value;
  return JSON.stringify(flat);
}

describe('a record as one line of JSON', () => {
  test('is read as the record that it was written from, whatever its strings hold', () => {
    fc.assert(
      fc.property(records, (record) => {
        assertEqual(decodeRecord(encodeRecord(record)), record, 'the record');
      }),
      property,
    );
  });

  test('is what a database gives back: nothing that a driver cuts off or replaces stands in it', () => {
    const database = new DatabaseSync(':memory:');
    const same = database.prepare('SELECT CAST(CAST(? AS BLOB) AS TEXT) AS text');
    fc.assert(
      fc.property(records, (record) => {
        const text = encodeRecord(record);
        expect(same.get(text)).toEqual({ text });
      }),
      property,
    );
    database.close();
  });

  test('has no field where the record has none', () => {
    const record = sampleRecord('bare', { client: {} });
    const { id, ...read } = decodeRecord(encodeRecord(record));
    expect({ id, ...read }).toStrictEqual(record);
    for (const name of ['previousHash', 'renewalSalt', 'confirmedAt', 'userId', 'ended']) {
      expect(read).not.toHaveProperty(name);
    }
    expect(read.reuse).not.toHaveProperty('lastAt');
  });

  test('that was cut off anywhere is damage: it throws, and is never read as a record or as none', () => {
    fc.assert(
      fc.property(records, fc.nat(), (record, at) => {
        const whole = encodeRecord(record);
        expect(() => decodeRecord(whole.slice(0, at % whole.length))).toThrow(DAMAGE);
      }),
      property,
    );
  });

  test('that has lost or gained a value is damage, wherever it was', () => {
    const flat = JSON.parse(encodeRecord(COMPLETE)) as unknown[];
    for (let at = 0; at <= flat.length; at++) {
      if (at < flat.length) {
        expect(() => decodeRecord(JSON.stringify(flat.toSpliced(at, 1)))).toThrow(DAMAGE);
      }
      expect(() => decodeRecord(JSON.stringify(flat.toSpliced(at, 0, null)))).toThrow(DAMAGE);
    }
  });

  test('with something else at any place is damage', () => {
    const { length } = JSON.parse(encodeRecord(COMPLETE)) as unknown[];
    expect(decodeRecord(encodeRecord(COMPLETE))).toStrictEqual(COMPLETE);
    for (let at = 0; at < length; at++) {
      for (const value of [true, {}, []]) expect(() => decodeRecord(changed(at, value))).toThrow(DAMAGE);
    }
  });

  test.each([22, 23, 24])('that has ended and does not say so at place %i is damage, and not alive', (at) => {
    expect(() => decodeRecord(changed(at, null))).toThrow(DAMAGE);
  });

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['an object', '{}'],
    ['an empty list', '[]'],
    ['text', '"text"'],
    ['no JSON', encodeRecord(sampleRecord()).replace(/"[^"]*"/, '$&,')],
    ['a deadline that is no number', changed(10, 'never')],
    ['a deadline that is missing', changed(10, null)],
    ['a deadline that never comes', encodeRecord(sampleRecord()).replace(/\d{13}/g, '1e999')],
    ['more sign-ins than there are', changed(25, 1e9)],
    ['fewer sign-ins than there are', changed(25, -1)],
    ['something behind it', `${encodeRecord(sampleRecord())}[]`],
  ])('that is %s is damage, and the error quotes nothing of it', (_, text) => {
    expect(() => decodeRecord(text)).toThrow(DAMAGE);
  });
});

describe('a driver of SQLite', () => {
  test('needs no more than get, all and run', async () => {
    const database = new DatabaseSync(':memory:');
    const store = sqliteStore({
      exec: (sql) => database.exec(sql),
      prepare(sql) {
        const statement = database.prepare(sql);
        return {
          get: (...values) => statement.get(...values),
          all: (...values) => statement.all(...values),
          run: (...values) => statement.run(...values),
        };
      },
    });
    const record = fullRecord();
    await store.insert(record);
    expect(await store.read(record.id)).toStrictEqual(record);
    expect(await store.read('unknown')).toBeUndefined();
    database.close();
  });
});
