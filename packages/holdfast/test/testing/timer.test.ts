import { expect, test } from 'vitest';
import { manualTimer } from '../../src/testing/index.ts';

test('a manual timer wakes whom it passes, the earliest first, each at its time', () => {
  const timer = manualTimer();
  const woken: (readonly [string, number])[] = [];
  const sleep = (name: string, ms: number, then?: () => void) =>
    timer.wake(() => {
      woken.push([name, timer.now()]);
      then?.();
    }, ms);
  sleep('late', 3_000);
  sleep('early', 1_000, () => sleep('again', 500));
  sleep('early too', 1_000);
  timer.advance(0.5);
  expect(woken).toEqual([]);
  timer.advance('2s');
  expect(woken).toEqual([
    ['early', 1_000],
    ['early too', 1_000],
    ['again', 1_500],
  ]);
  expect(timer.now()).toBe(2_500);
  timer.advance('1h');
  expect(woken.at(-1)).toEqual(['late', 3_000]);
});
