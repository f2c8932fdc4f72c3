import { expect, test } from 'vitest';
import { readDuration, sayDuration } from '../../src/time/duration.ts';

test.each([
  ['90', 90_000],
  ['90s', 90_000],
  ['35m', 2_100_000],
  ['1.5h', 5_400_000],
  ['30d', 2_592_000_000],
])('%s is so many milliseconds', (text, ms) => {
  expect(readDuration(text, '--patience')).toBe(ms);
});

test.each(['', '0', '0m', '-1m', '35 minutes', '1e3s', 'm'])('%j is no time', (text) => {
  expect(() => readDuration(text, '--patience')).toThrow('--patience: write a time like');
});

test.each([
  [1_000, '1 second'],
  [60_000, '60 seconds'],
  [2_100_000, '35 minutes'],
  [7_200_000, '2 hours'],
  [86_460_000, '24 hours and 1 minute'],
  [2_592_000_000, '30 days'],
])('%d ms are said as %s', (ms, said) => {
  expect(sayDuration(ms)).toBe(said);
});
