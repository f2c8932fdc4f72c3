import { type Duration, toMilliseconds } from '../duration.ts';
import type { GuardTimer } from '../guard/timer.ts';

/** A timer for `storeGuard` that stands still until it is moved. */
export interface ManualTimer extends GuardTimer {
  /** Moves it forward, seconds as a number or a string like `'1s'`, and wakes whom it passes, the earliest first. */
  advance(by: Duration): void;
}

export function manualTimer(): ManualTimer {
  let now = 0;
  const asleep: { readonly at: number; readonly callback: () => void }[] = [];
  return {
    now: () => now,
    wake(callback, ms) {
      const at = now + ms;
      const later = asleep.findIndex((each) => each.at > at);
      asleep.splice(later === -1 ? asleep.length : later, 0, { at, callback });
    },
    advance(by) {
      const end = now + toMilliseconds(by, 'advance');
      for (let next = asleep[0]; next && next.at <= end; next = asleep[0]) {
        asleep.shift();
        now = Math.max(now, next.at);
        next.callback();
      }
      now = end;
    },
  };
}
