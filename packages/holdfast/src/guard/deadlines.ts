import type { GuardTimer } from './timer.ts';

/** A call that waits for its answer. In a list with the others, so that it can leave it in one step. */
export abstract class Waiting {
  dueAt = 0;
  before: Waiting | undefined;
  after: Waiting | undefined;

  /** Its time has run out, and it is no longer in the list. */
  abstract timeOut(): void;
}

/** A timer that fires so much later than it was set for says that the process stood still, not that the store did. */
const STOOD_STILL = 50;

/**
 * One deadline for many calls, at the cost of a list entry each: since all have the same time, they are due in the order
 * in which they came, and one timer, set for the first, is enough. Answered calls leave; the timer is left to fire.
 */
export class Deadlines {
  readonly #span: number;
  readonly #timer: GuardTimer;
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  /** When the timer is to fire; `undefined` when none is set. */
  #wakeAt: number | undefined;
  #isSecondLook = false;

  constructor(span: number, timer: GuardTimer) {
    this.#span = span;
    this.#timer = timer;
  }

  add(waiting: Waiting, now: number): void {
    waiting.dueAt = now + this.#span;
    waiting.before = this.#last;
    if (this.#last) this.#last.after = waiting;
    else this.#first = waiting;
    this.#last = waiting;
    if (this.#wakeAt === undefined || this.#timer.diesWithRequest) this.#wake(now, this.#span);
  }

  remove(waiting: Waiting): void {
    const { before, after } = waiting;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    waiting.before = undefined;
    waiting.after = undefined;
  }

  #wake(now: number, ms: number): void {
    this.#wakeAt = now + ms;
    this.#timer.wake(this.#look, ms);
  }

  readonly #look = (): void => {
    const now = this.#timer.now();
    const isLate = this.#wakeAt !== undefined && now - this.#wakeAt >= STOOD_STILL;
    this.#wakeAt = undefined;
    if (isLate && !this.#isSecondLook && this.#first) {
      // Answers may have arrived meanwhile and not been read yet: that takes one turn of the event loop.
      this.#isSecondLook = true;
      this.#wake(now, 0);
      return;
    }
    this.#isSecondLook = false;
    while (this.#first && this.#first.dueAt <= now) {
      const due = this.#first;
      this.remove(due);
      due.timeOut();
    }
    if (this.#first && this.#wakeAt === undefined) this.#wake(now, this.#first.dueAt - now);
  };
}
