import type { SessionStore } from '../store.ts';

export type StoreCall = keyof SessionStore;

/** A store that fails when it is told to, for tests of what your application answers then. */
export interface FaultyStore {
  readonly store: SessionStore;
  /**
   * From now on the calls fail: `before` they take effect, as when the connection is refused, or `after`, as when the
   * answer is lost. All calls, or those named.
   */
  fail(when: 'before' | 'after', ...calls: StoreCall[]): void;
  /** From now on every call goes through. */
  recover(): void;
}

export function faultyStore(inner: SessionStore): FaultyStore {
  let failing: { readonly when: 'before' | 'after'; readonly calls: readonly StoreCall[] } | undefined;

  function fault(when: 'before' | 'after', call: StoreCall): void {
    const isMeant = failing?.when === when && (failing.calls.length === 0 || failing.calls.includes(call));
    if (isMeant) throw new Error(`faultyStore: ${call} fails ${when} it takes effect`);
  }

  function around<Args extends unknown[], Result>(call: StoreCall, run: (...args: Args) => Promise<Result>) {
    return async (...args: Args): Promise<Result> => {
      fault('before', call);
      const result = await run(...args);
      fault('after', call);
      return result;
    };
  }

  return {
    store: {
      insert: around('insert', (...args) => inner.insert(...args)),
      read: around('read', (...args) => inner.read(...args)),
      apply: around('apply', (...args) => inner.apply(...args)),
      admit: around('admit', (...args) => inner.admit(...args)),
      epochOf: around('epochOf', (...args) => inner.epochOf(...args)),
      listBy: around('listBy', (...args) => inner.listBy(...args)),
      endBy: around('endBy', (...args) => inner.endBy(...args)),
      prune: around('prune', (...args) => inner.prune(...args)),
    },
    fail(when, ...calls) {
      failing = { when, calls };
    },
    recover() {
      failing = undefined;
    },
  };
}
