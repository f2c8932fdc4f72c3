import type { Clock } from './clock.ts';
import { HoldfastError, StoreUnavailableError } from './errors.ts';
import type { RaisedEvent } from './events.ts';
import type { SessionStore } from './store.ts';

/**
 * The store as the pipeline sees it: whatever a driver throws has become a `StoreUnavailableError`, with an event.
 * So a fault can never be taken for an answer: it is neither "signed out" nor "signed in" (invariant 2).
 */
export function guardStore(
  store: SessionStore,
  raise: (event: RaisedEvent) => void,
  clock: Clock,
): SessionStore {
  async function ask<T>(operation: string, answer: () => Promise<T>): Promise<T> {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof HoldfastError) throw error;
      raise({ type: 'store_failed', at: clock.now(), operation, error });
      throw new StoreUnavailableError(operation, error);
    }
  }
  return {
    insert: (record) => ask('insert a session', () => store.insert(record)),
    read: (id) => ask('read a session', () => store.read(id)),
    apply: (id, change) => ask('change a session', () => store.apply(id, change)),
    admit: (index, id, at, limit) => ask('list a new session', () => store.admit(index, id, at, limit)),
    epochOf: (index) => ask('read an index', () => store.epochOf(index)),
    listBy: (index) => ask('list sessions', () => store.listBy(index)),
    endBy: (index, end, except) => ask('end sessions', () => store.endBy(index, end, except)),
    prune: (now, limit) => ask('drop old sessions', () => store.prune(now, limit)),
  };
}
