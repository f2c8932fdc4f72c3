import { expect, test } from 'vitest';
import { RecentRecords } from '../../src/stores/recent-records.ts';
import { sampleRecord } from '../../src/testing/contract/samples.ts';

const record = (name: string, bytes = 0) =>
  sampleRecord(name, {
    data: new Map(bytes ? [['cart', { value: 'x'.repeat(bytes), version: 1, schemaVersion: 1 }]] : []),
  });
const kept = (bounds: { readonly max?: number; readonly maxBytes?: number } = {}) => {
  const clock = { now: 0 };
  const recent = new RecentRecords({ maxAge: 5_000, max: 10, maxBytes: 100_000, ...bounds }, [
    () => clock.now,
  ]);
  return { clock, recent, put: (name: string, bytes = 0) => recent.put(record(name, bytes), recent.now()) };
};

test('what has grown too old goes when it is asked for, or when another is put beside it', () => {
  const { clock, recent, put } = kept();
  for (const name of ['one', 'two', 'three']) put(name);
  clock.now = 5_000;
  expect(recent.get(record('two').id)).toBe(undefined);
  expect(recent.size).toBe(2);
  put('four');
  expect(recent.size).toBe(1);
});

test('bytes are bounded as well as records, and a record that is too large alone is not kept', () => {
  const { recent, put } = kept({ maxBytes: 20_000 });
  put('one', 5_000);
  put('two', 5_000);
  expect(recent.size).toBe(2);
  put('three', 5_000);
  expect(recent.get(record('one').id)).toBe(undefined);
  expect(recent.size).toBe(2);
  put('three', 1);
  put('four', 5_000);
  expect(recent.get(record('two').id)).toBeDefined();
  put('five', 20_000);
  expect(recent.size).toBe(0);
  put('six', 5_000);
  put('seven', 5_000);
  expect(recent.size).toBe(2);
});

test('nobody can change what is kept: neither who put it there nor who gets it', () => {
  const { recent } = kept();
  const mine = record('one', 1);
  recent.put(mine, recent.now());
  (mine.data as Map<string, unknown>).clear();
  const theirs = recent.get(mine.id) ?? mine;
  expect(() => (theirs.data as Map<string, unknown>).clear()).toThrow(TypeError);
  expect(recent.get(mine.id)?.data.size).toBe(1);
});
