/** The one source of time. Inject your own in tests; `holdfast/testing` has one that stands still until moved. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Date.now() };
