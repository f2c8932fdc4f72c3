import type { GuardTimer } from './timer.ts';

export interface BreakerPolicy {
  /** After how many calls in a row that failed no more are let through; `Infinity` for never. */
  readonly failures: number;
  /** For how long, in milliseconds; then one call is let through to try. */
  readonly pause: number;
}

/** What was while calls were suspended. */
export interface Suspension {
  /** How many calls failed: those that were refused, and those that had been under way. */
  readonly failed: number;
  /** In milliseconds. */
  readonly lasted: number;
}

/** In place of a mark: this call is not to be made. */
export const REFUSED = -1;

/**
 * A circuit breaker: who asks a store that has just failed several others would only wait, and keep it from recovering.
 *
 * Each call takes a mark when it begins and hands it back when it ends, since what it then says depends on when it began:
 * - Calls that one broken connection takes down together count once: only a call that began after the last failure was
 *   known says something new. Calls whose time ran out count each: they were not taken down by one event.
 * - Once calls are suspended, those that were under way say nothing; only the one that was let through to try does.
 */
export class Breaker {
  readonly #policy: BreakerPolicy;
  /** Rises with each failure that counts, and whenever calls are suspended, tried or resumed. */
  #round = 0;
  /** The round in which calls were last resumed: older ones belong to the suspension before. */
  #resumedIn = 0;
  #failures = 0;
  #suspendedAt = 0;
  /** When to try; `undefined` while calls are let through. */
  #tryAt: number | undefined;
  #probe: number | undefined;
  #failed = 0;

  constructor(policy: BreakerPolicy) {
    this.#policy = policy;
  }

  get isOpen(): boolean {
    return this.#tryAt !== undefined;
  }

  get failures(): number {
    return this.#failures;
  }

  /** The mark of a call that begins now, or `REFUSED`. The time is asked for only where calls are suspended. */
  begin(timer: Pick<GuardTimer, 'now'>): number {
    if (this.#tryAt === undefined) return this.#round;
    if (this.#probe === undefined && timer.now() >= this.#tryAt) {
      this.#probe = ++this.#round;
      return this.#probe;
    }
    this.#failed++;
    return REFUSED;
  }

  /** Returns what was, if this answer has brought the calls back. */
  answered(mark: number, timer: Pick<GuardTimer, 'now'>): Suspension | undefined {
    if (this.#tryAt === undefined) {
      this.#failures = 0;
      return undefined;
    }
    if (mark !== this.#probe) return undefined;
    const suspension = { failed: this.#failed, lasted: timer.now() - this.#suspendedAt };
    this.#tryAt = undefined;
    this.#probe = undefined;
    this.#failures = 0;
    this.#resumedIn = ++this.#round;
    return suspension;
  }

  /** Whether this failure has suspended the calls. */
  failed(mark: number, now: number, hasTimedOut: boolean): boolean {
    if (this.#tryAt !== undefined) {
      this.#failed++;
      if (mark === this.#probe) this.#suspend(now);
      return false;
    }
    if (mark < this.#resumedIn || (mark !== this.#round && !hasTimedOut)) return false;
    this.#round++;
    this.#failures++;
    if (this.#failures < this.#policy.failures) return false;
    this.#suspendedAt = now;
    this.#failed = 0;
    this.#suspend(now);
    return true;
  }

  /** The call has ended with what says nothing about others. */
  passed(mark: number): void {
    if (mark === this.#probe) this.#probe = undefined;
  }

  #suspend(now: number): void {
    this.#round++;
    this.#probe = undefined;
    this.#tryAt = now + this.#policy.pause;
  }
}
