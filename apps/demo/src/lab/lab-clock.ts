import type { Clock } from 'holdfast';

/** The time in the lab: a quarter of an hour passes when an experiment says so. */
export interface LabClock extends Clock {
  advance(milliseconds: number): void;
}

export function labClock(): LabClock {
  let now = Date.now();
  return {
    now: () => now,
    advance(milliseconds) {
      now += milliseconds;
    },
  };
}
