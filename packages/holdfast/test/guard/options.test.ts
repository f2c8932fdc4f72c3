import { describe, expect, test } from 'vitest';
import { resolveGuard, type StoreGuardOptions } from '../../src/guard/options.ts';
import { systemTimer } from '../../src/guard/timer.ts';
import { createSessions } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';

test('by default: a second, one more attempt, five failures, a pause of a second', () => {
  expect(resolveGuard()).toEqual({
    timeout: 1_000,
    retry: true,
    breaker: { failures: 5, pause: 1_000 },
    onCall: undefined,
    timer: systemTimer,
  });
});

test('everything may be set', () => {
  const onCall = () => undefined;
  expect(
    resolveGuard({ timeout: 0.25, retry: false, breaker: { failures: 1, pause: '1h' }, onCall }),
  ).toMatchObject({ timeout: 250, retry: false, breaker: { failures: 1, pause: 3_600_000 }, onCall });
  expect(resolveGuard({ breaker: false }).breaker.failures).toBe(Infinity);
  expect(resolveGuard({ timeout: '1h' }).timeout).toBe(3_600_000);
  expect(resolveGuard({ timeout: 0.001 }).timeout).toBe(1);
});

describe('nonsense is refused, with what to write instead', () => {
  test.each<[unknown, RegExp]>([
    [true, /^storeGuard: write an object like/],
    [null, /^storeGuard: write an object like/],
    [[], /^storeGuard: write an object like/],
    [{ timeout: 0 }, /^storeGuard\.timeout: write a duration from a millisecond to an hour, like '1s'/],
    [{ timeout: '61m' }, /^storeGuard\.timeout: write a duration from/],
    [{ timeout: '1 s' }, /^storeGuard\.timeout: "1 s" is not a duration/],
    [{ timeout: null }, /^storeGuard\.timeout: null is not a duration/],
    [{ retry: 1 }, /^storeGuard\.retry: write true or false/],
    [{ breaker: true }, /^storeGuard\.breaker: write an object like { failures: 5, pause: '1s' }, or false/],
    [{ breaker: null }, /^storeGuard\.breaker: write an object/],
    [{ breaker: { failures: 0 } }, /^storeGuard\.breaker\.failures: write a whole number from 1; for no/],
    [{ breaker: { failures: 1.5 } }, /^storeGuard\.breaker\.failures/],
    [{ breaker: { pause: 0 } }, /^storeGuard\.breaker\.pause: write a duration/],
    [{ onCall: {} }, /^storeGuard\.onCall: write a function/],
    [{ timer: {} }, /^storeGuard\.timer: write manualTimer/],
    [{ timer: { now: Date.now } }, /^storeGuard\.timer/],
    [{ timer: null }, /^storeGuard\.timer/],
  ])('%j', (options, message) => {
    expect(() => resolveGuard(options as StoreGuardOptions)).toThrow(message);
    expect(() => createSessions({ store: memoryStore(), storeGuard: options as StoreGuardOptions })).toThrow(
      TypeError,
    );
  });
});
