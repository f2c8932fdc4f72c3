import type { MaybePromise } from '../../src/at-once.ts';
import type { RaisedEvent } from '../../src/events.ts';
import { guardStore, type GuardedStore } from '../../src/guard/guarded-store.ts';
import { resolveGuard, type StoreCallReport, type StoreGuardOptions } from '../../src/guard/options.ts';
import type { SessionStore } from '../../src/store.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { type ManualTimer, manualTimer } from '../../src/testing/index.ts';
import { type HeldCall, holding } from './wrapped-stores.ts';

export interface Guarded {
  readonly store: GuardedStore;
  /** Behind the guard, and behind what holds the calls. */
  readonly inner: SessionStore;
  readonly timer: ManualTimer;
  readonly events: RaisedEvent[];
  readonly reports: StoreCallReport[];
  /** The calls that have reached the store, the oldest first; the test decides what becomes of each. */
  readonly held: HeldCall[];
}

/** A memory store whose every call is held until the test says what becomes of it, behind the guard. */
export function guarded(options: StoreGuardOptions = {}): Guarded {
  const timer = manualTimer();
  const events: RaisedEvent[] = [];
  const reports: StoreCallReport[] = [];
  const { wrap, held } = holding();
  const inner = memoryStore();
  const policy = resolveGuard({ timer, onCall: (report) => reports.push(report), ...options });
  const raise = (event: RaisedEvent) => void events.push(event);
  return {
    store: guardStore(wrap(inner), policy, raise, { now: () => 0 }),
    inner,
    timer,
    events,
    reports,
    held,
  };
}

/** What has become of a call so far. */
export function watch<T>(call: MaybePromise<T>): { settled: 'not yet' | 'answered' | string; value?: T } {
  const seen: { settled: string; value?: T } = { settled: 'not yet' };
  Promise.resolve(call).then(
    (value) => Object.assign(seen, { settled: 'answered', value }),
    (error: { message: string; cause?: Error }) =>
      Object.assign(seen, { settled: error.cause?.message ?? error.message }),
  );
  return seen;
}

/** Lets everything happen that waits for nothing but its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
