import { expect, test } from 'vitest';
import { type Duration, toMilliseconds } from '../src/duration.ts';

test.each<[Duration, number]>([
  [0, 0],
  [1, 1_000],
  [0.5, 500],
  [0.0004, 0],
  [90, 90_000],
  ['0s', 0],
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['8h', 28_800_000],
  ['30d', 2_592_000_000],
  ['1.5h', 5_400_000],
  ['400d', 34_560_000_000],
  [34_560_000, 34_560_000_000],
])('%j is %d milliseconds', (value, milliseconds) => {
  expect(toMilliseconds(value, 'idleTimeout')).toBe(milliseconds);
});

test.each([
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  34_560_001,
  '401d',
  '',
  '30',
  'm',
  '30 m',
  ' 30m',
  '30m ',
  '30M',
  '-30m',
  '+30m',
  '1e3s',
  '.5h',
  '1.h',
  '30min',
  '30m30s',
  '1w',
  '٣m',
  null,
  true,
  {},
  [30],
])('%j is no duration, and the error names the option', (value) => {
  const parse = (): number => toMilliseconds(value as Duration, 'idleTimeout');
  expect(parse).toThrow(TypeError);
  expect(parse).toThrow(/^idleTimeout: .* is not a duration; write seconds/);
});
