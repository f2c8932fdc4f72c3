/** The guard, as the pipeline has it, over a store on a real server. */
import type { MaybePromise } from '../../src/at-once.ts';
import { StoreUnavailableError } from '../../src/errors.ts';
import { guardStore } from '../../src/guard/guarded-store.ts';
import { resolveGuard, type StoreCallReport } from '../../src/guard/options.ts';
import type { SessionStore } from '../../src/store.ts';

/** Without second attempts: those are two calls to a history, and answer for both. In milliseconds. */
export function guardedOnce(
  store: SessionStore,
  deadline: number,
  onCall: (report: StoreCallReport) => void = () => undefined,
): SessionStore {
  const policy = resolveGuard({ timeout: deadline / 1000, retry: false, breaker: false, onCall });
  const { readFresh: _, ...guard } = guardStore(store, policy, () => undefined, {
    now: () => Date.now(),
  }) as ReturnType<typeof guardStore> & { readonly readFresh?: unknown };
  return { ...guard, endBy: async (...call) => (await guard.endBy(...call)).count };
}

/** What a call came to: its status or value, or `unavailable`. Whatever else it throws is thrown. */
export async function outcomeOf<T>(call: MaybePromise<T>): Promise<T | 'unavailable'> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof StoreUnavailableError) return 'unavailable';
    throw error;
  }
}
