import { expect, test } from 'vitest';
import { summarize, thieves } from './thief.ts';

const RUNS = 10;
const HOUR = 3_600_000;

test('an owner whom nobody robs is never refused', async () => {
  const { ownersRefused, noticed } = await summarize(undefined, RUNS, 1);
  expect([ownersRefused, noticed]).toEqual([0, 0]);
});

test.each(
  thieves.filter(({ name }) => name.includes('other browser')),
)('a thief in another browser is out within an hour: $name', async (thief) => {
  const { longest } = await summarize(thief, RUNS, 1);
  expect(longest).toBeLessThan(HOUR);
});

test.each(
  thieves.filter(({ comes }) => comes === 60_000),
)('no thief outlives the absolute deadline, nor stays unnoticed beside an owner who works on: $name', async (thief) => {
  const { longest, noticed } = await summarize(thief, RUNS, 1);
  expect(longest).toBeLessThan(8 * HOUR);
  expect(noticed).toBe(thief.steals === 'when leaving' ? 0 : 1);
});
