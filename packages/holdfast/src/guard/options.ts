import { type Duration, toMilliseconds } from '../duration.ts';
import type { BreakerPolicy } from './breaker.ts';
import { type GuardTimer, systemTimer } from './timer.ts';

/** The calls that the guard makes. */
export type StoreOperation = 'insert' | 'read' | 'apply' | 'admit' | 'epochOf' | 'listBy' | 'endBy' | 'prune';

/** What became of one call to the store. */
export interface StoreCallReport {
  readonly operation: StoreOperation;
  /** How long it took, a second attempt included, in milliseconds. */
  readonly duration: number;
  /**
   * - `ok`: the store answered.
   * - `failed`: it rejected.
   * - `timed_out`: it did not answer in time.
   * - `refused`: it was not asked, since calls are suspended.
   */
  readonly outcome: 'ok' | 'failed' | 'timed_out' | 'refused';
  /** Whether it was asked twice, because the outcome of the first time is not known. */
  readonly retried: boolean;
}

/** What stands between the pipeline and the store, so that a store that fails does not take the application with it. */
export interface StoreGuardOptions {
  /** How long the store may take to answer, a second attempt included. Default 1 second. What answers later is ignored. */
  readonly timeout?: Duration;
  /**
   * Whether a call that failed is made a second time, at once and within the same time, where that can do no harm: reads,
   * ends, touches and renewals, never data or a privilege change. Default true.
   */
  readonly retry?: boolean;
  /**
   * Suspends the calls after so many failures in a row (default 5): for a `pause` (default 1 second) they fail at once, then
   * one is let through to try. Reads and writes are counted apart, so that a store that can only be read is read. `false`
   * asks the store every time.
   */
  readonly breaker?: { readonly failures?: number; readonly pause?: Duration } | false;
  /** Hears of each call to the store, for metrics. Called at once, so let it count and return. Default: nobody. */
  readonly onCall?: (report: StoreCallReport) => void;
  /** Default: the timer of the runtime. For tests: `manualTimer()` of `holdfast/testing`. */
  readonly timer?: GuardTimer;
}

export interface GuardPolicy {
  readonly timeout: number;
  readonly retry: boolean;
  readonly breaker: BreakerPolicy;
  readonly onCall: ((report: StoreCallReport) => void) | undefined;
  readonly timer: GuardTimer;
}

const LONGEST = 3_600_000;

/** @throws TypeError that names the option and what to write instead. */
export function resolveGuard(options: StoreGuardOptions = {}): GuardPolicy {
  if (!isObject(options)) {
    throw new TypeError("storeGuard: write an object like { timeout: '2s' }, or leave it out");
  }
  const { timeout, retry = true, breaker = {}, onCall, timer = systemTimer } = options;
  if (typeof retry !== 'boolean') throw new TypeError('storeGuard.retry: write true or false');
  if (onCall !== undefined && typeof onCall !== 'function') {
    throw new TypeError('storeGuard.onCall: write a function, or leave it out');
  }
  if (typeof timer?.now !== 'function' || typeof timer.wake !== 'function') {
    throw new TypeError("storeGuard.timer: write manualTimer() of 'holdfast/testing', or leave it out");
  }
  return {
    timeout: span(timeout, 'storeGuard.timeout'),
    retry,
    breaker: resolveBreaker(breaker),
    onCall,
    timer,
  };
}

function resolveBreaker(breaker: NonNullable<StoreGuardOptions['breaker']>): BreakerPolicy {
  if (breaker === false) return { failures: Number.POSITIVE_INFINITY, pause: 0 };
  if (!isObject(breaker)) {
    throw new TypeError("storeGuard.breaker: write an object like { failures: 5, pause: '1s' }, or false");
  }
  const { failures = 5, pause } = breaker;
  if (!(Number.isInteger(failures) && failures > 0)) {
    throw new TypeError(
      'storeGuard.breaker.failures: write a whole number from 1; for no breaker, write breaker: false',
    );
  }
  return { failures, pause: span(pause, 'storeGuard.breaker.pause') };
}

/** Neither no time, in which nothing can answer, nor so much that it is none of what it is for. */
function span(value: Duration = '1s', option: string): number {
  const milliseconds = toMilliseconds(value, option);
  if (milliseconds < 1 || milliseconds > LONGEST) {
    throw new TypeError(`${option}: write a duration from a millisecond to an hour, like '1s'`);
  }
  return milliseconds;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
