import type { MaybePromise } from '../at-once.ts';
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
  /** From now on the calls take no effect and are never answered: all calls, or those named. */
  hang(...calls: StoreCall[]): void;
  /** From now on every call goes through. Those that hang go on hanging. */
  recover(): void;
}

export function faultyStore(inner: SessionStore): FaultyStore {
  type When = 'before' | 'after' | 'never';
  let failing: { readonly when: When; readonly calls: readonly StoreCall[] } | undefined;

  function isMeant(when: When, call: StoreCall): boolean {
    return failing?.when === when && (failing.calls.length === 0 || failing.calls.includes(call));
  }

  function fault(when: 'before' | 'after', call: StoreCall): void {
    if (isMeant(when, call)) throw new Error(`faultyStore: ${call} fails ${when} it takes effect`);
  }

  function around<Args extends unknown[], Result>(
    call: StoreCall,
    run: (...args: Args) => MaybePromise<Result>,
  ) {
    return async (...args: Args): Promise<Result> => {
      if (isMeant('never', call)) return new Promise(() => undefined);
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
    hang(...calls) {
      failing = { when: 'never', calls };
    },
    recover() {
      failing = undefined;
    },
  };
}
