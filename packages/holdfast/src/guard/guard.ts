/** One call to the store: it is answered, fails, runs out of time or is refused, and each of them once. */
import { isThenable, type MaybePromise } from '../at-once.ts';
import type { Clock } from '../clock.ts';
import { StoreUnavailableError } from '../errors.ts';
import type { RaisedEvent } from '../events.ts';
import { Breaker, REFUSED } from './breaker.ts';
import { Deadlines, Waiting } from './deadlines.ts';
import { isOfThisCall } from './fault.ts';
import type { GuardPolicy, StoreCallReport, StoreOperation } from './options.ts';

export interface Operation {
  readonly name: StoreOperation;
  /** For messages and events: "the session store failed to …". */
  readonly says: string;
  /** Each kind has a breaker of its own: with a full disk or a read-only replica it is still known who is signed in. */
  readonly kind: 'reads' | 'writes';
}

export type Attempt<T> = () => MaybePromise<T>;
/** The second attempt; `undefined` where there must be none. Asked only when the first one has failed. */
export type Repeat<T> = () => Attempt<T> | undefined;

/** What the calls to one store have in common. */
export class Guard {
  readonly policy: GuardPolicy;
  readonly deadlines: Deadlines;
  readonly #breakers: Readonly<Record<Operation['kind'], Breaker>>;
  readonly #raise: (event: RaisedEvent) => void;
  readonly #clock: Clock;

  constructor(policy: GuardPolicy, raise: (event: RaisedEvent) => void, clock: Clock) {
    this.policy = policy;
    this.deadlines = new Deadlines(policy.timeout, policy.timer);
    this.#breakers = { reads: new Breaker(policy.breaker), writes: new Breaker(policy.breaker) };
    this.#raise = raise;
    this.#clock = clock;
  }

  /** At once, without a promise, where the store answers so: what is there has no deadline. */
  ask<T>(operation: Operation, attempt: () => Promise<T>, repeat: Repeat<T>): Promise<T>;
  ask<T>(operation: Operation, attempt: Attempt<T>, repeat: Repeat<T>): MaybePromise<T>;
  ask<T>(operation: Operation, attempt: Attempt<T>, repeat: Repeat<T>): MaybePromise<T> {
    const { onCall, timer } = this.policy;
    const breaker = this.#breakers[operation.kind];
    const mark = breaker.begin(timer);
    if (mark === REFUSED) {
      this.report({ operation: operation.name, duration: 0, outcome: 'refused', retried: false });
      const cause = new Error(`calls are suspended, since ${breaker.failures} in a row have failed`);
      return Promise.reject(new StoreUnavailableError(operation.says, cause));
    }
    // To ask for the time takes longer than to ask a store in memory.
    const before = onCall ? timer.now() : undefined;
    const answer = begun(attempt);
    if (!isThenable(answer)) {
      if (before !== undefined) this.settled({ operation, startedAt: before }, 'ok', false);
      this.#answered(operation, breaker, mark);
      return answer;
    }
    const startedAt = before ?? timer.now();
    return new Promise((resolve, reject) => {
      const call = new Call({ operation, breaker, mark, startedAt }, this, repeat, resolve, reject);
      this.deadlines.add(call, startedAt);
      call.wait(Promise.resolve(answer));
    });
  }

  answered({ operation, breaker, mark }: Asked): void {
    this.#answered(operation, breaker, mark);
  }

  #answered(operation: Operation, breaker: Breaker, mark: number): void {
    const suspension = breaker.answered(mark, this.policy.timer);
    if (!suspension) return;
    this.#raise({ type: 'store_resumed', at: this.#clock.now(), calls: operation.kind, ...suspension });
  }

  /** Events tell of each failure until the calls are suspended, then once of that, and once more when it is over. */
  failed({ operation, breaker, mark }: Asked, error: unknown, hasTimedOut: boolean): void {
    const at = this.#clock.now();
    const isOwn = isOfThisCall(error);
    if (isOwn || !breaker.isOpen) this.#raise({ type: 'store_failed', at, operation: operation.says, error });
    if (isOwn) breaker.passed(mark);
    else if (breaker.failed(mark, this.policy.timer.now(), hasTimedOut)) {
      const { failures } = breaker;
      this.#raise({ type: 'store_suspended', at, calls: operation.kind, failures, error });
    }
  }

  settled(
    { operation, startedAt }: Pick<Asked, 'operation' | 'startedAt'>,
    outcome: StoreCallReport['outcome'],
    retried: boolean,
  ): void {
    const { onCall, timer } = this.policy;
    if (!onCall) return;
    this.report({ operation: operation.name, duration: timer.now() - startedAt, outcome, retried });
  }

  report(report: StoreCallReport): void {
    try {
      this.policy.onCall?.(report);
    } catch (error) {
      console.error('holdfast: storeGuard.onCall threw', error);
    }
  }
}

/** What is thrown is a failure like any other. */
function begun<T>(attempt: Attempt<T>): MaybePromise<T> {
  try {
    return attempt();
  } catch (error) {
    return Promise.reject(error);
  }
}

interface Asked {
  readonly operation: Operation;
  readonly breaker: Breaker;
  readonly mark: number;
  readonly startedAt: number;
}

class Call<T> extends Waiting {
  readonly #asked: Asked;
  readonly #guard: Guard;
  readonly #repeat: Repeat<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: StoreUnavailableError) => void;
  #hasSettled = false;
  #isRepeated = false;

  constructor(
    asked: Asked,
    guard: Guard,
    repeat: Repeat<T>,
    resolve: (value: T) => void,
    reject: (error: StoreUnavailableError) => void,
  ) {
    super();
    this.#asked = asked;
    this.#guard = guard;
    this.#repeat = repeat;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** What arrives when the call has settled is dropped here, a rejection too. */
  wait(answer: Promise<T>): void {
    answer.then(
      (value) => this.#answer(value),
      (error: unknown) => this.#fail(error),
    );
  }

  timeOut(): void {
    const error = new Error(`no answer within ${this.#guard.policy.timeout} ms`);
    this.#settleWith(error, 'timed_out');
  }

  #answer(value: T): void {
    if (this.#hasSettled) return;
    this.#guard.deadlines.remove(this);
    this.#settle('ok');
    this.#guard.answered(this.#asked);
    this.#resolve(value);
  }

  #fail(error: unknown): void {
    if (this.#hasSettled) return;
    const again = this.#isRepeatable(error) ? this.#repeat() : undefined;
    if (again) {
      this.#tryAgain(again);
      return;
    }
    this.#guard.deadlines.remove(this);
    this.#settleWith(error, 'failed');
  }

  #tryAgain(attempt: Attempt<T>): void {
    this.#isRepeated = true;
    this.wait(Promise.resolve(begun(attempt)));
  }

  #isRepeatable(error: unknown): boolean {
    const { retry } = this.#guard.policy;
    return retry && !this.#isRepeated && !this.#asked.breaker.isOpen && !isOfThisCall(error);
  }

  #settleWith(error: unknown, outcome: 'failed' | 'timed_out'): void {
    this.#settle(outcome);
    this.#guard.failed(this.#asked, error, outcome === 'timed_out');
    this.#reject(new StoreUnavailableError(this.#asked.operation.says, error));
  }

  #settle(outcome: StoreCallReport['outcome']): void {
    this.#hasSettled = true;
    this.#guard.settled(this.#asked, outcome, this.#isRepeated);
  }
}
