import type { Clock } from '../clock.ts';
import { type Duration, toMilliseconds } from '../duration.ts';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves the clock forward: seconds as a number, or a string like `'30m'`. */
  advance(by: Duration): void;
}

/** @param start milliseconds since the Unix epoch; default 2026-01-01T00:00:00Z */
export function manualClock(start: number = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start;
  return {
    now: () => now,
    advance(by) {
      now += toMilliseconds(by, 'advance');
    },
  };
}
