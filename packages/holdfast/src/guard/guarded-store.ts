/**
 * The store as the pipeline sees it: it answers or fails within a deadline, and whatever a driver throws has become a
 * `StoreUnavailableError`. So a fault can never be taken for an answer: it is neither "signed out" nor "signed in"
 * (invariant 2), and no request waits for a store that is dead.
 */
import type { Clock } from '../clock.ts';
import type { RaisedEvent } from '../events.ts';
import type { SessionStore } from '../store.ts';
import { Guard, type Operation } from './guard.ts';
import type { GuardPolicy, StoreOperation } from './options.ts';
import { repeatedApply } from './repetition.ts';

export interface GuardedStore extends Pick<SessionStore, Exclude<StoreOperation, 'endBy'>> {
  /** Absent where `read` is never answered from a cache. */
  readonly readFresh: NonNullable<SessionStore['readFresh']> | undefined;
  endBy(...args: Parameters<SessionStore['endBy']>): Promise<EndedBy>;
}

export interface EndedBy {
  readonly count: number;
  /** Whether the answer of a first attempt was lost: what that one ended is not in the count. */
  readonly isAtLeast: boolean;
}

const INSERT: Operation = { name: 'insert', says: 'insert a session', kind: 'writes' };
const READ: Operation = { name: 'read', says: 'read a session', kind: 'reads' };
const APPLY: Operation = { name: 'apply', says: 'change a session', kind: 'writes' };
const ADMIT: Operation = { name: 'admit', says: 'list a new session', kind: 'writes' };
const EPOCH_OF: Operation = { name: 'epochOf', says: 'read an index', kind: 'reads' };
const LIST_BY: Operation = { name: 'listBy', says: 'list sessions', kind: 'reads' };
const END_BY: Operation = { name: 'endBy', says: 'end sessions', kind: 'writes' };
const PRUNE: Operation = { name: 'prune', says: 'drop old sessions', kind: 'writes' };

export function guardStore(
  store: SessionStore,
  policy: GuardPolicy,
  raise: (event: RaisedEvent) => void,
  clock: Clock,
): GuardedStore {
  const guard = new Guard(policy, raise, clock);

  function once<T>(operation: Operation, attempt: () => Promise<T>): Promise<T> {
    return guard.ask(operation, attempt, () => undefined);
  }
  function twice<T>(operation: Operation, attempt: () => Promise<T>): Promise<T> {
    return guard.ask(operation, attempt, () => attempt);
  }

  const { readFresh } = store;
  return {
    readFresh: readFresh && ((id, answered) => twice(READ, () => readFresh.call(store, id, answered))),
    insert: (record) => once(INSERT, () => store.insert(record)),
    read(id) {
      const attempt = () => store.read(id);
      return guard.ask(READ, attempt, () => attempt);
    },
    apply(id, change) {
      const attempt = () => store.apply(id, change);
      return guard.ask(APPLY, attempt, () => repeatedApply(store, id, change));
    },
    admit: (index, id, at, limit) => twice(ADMIT, () => store.admit(index, id, at, limit)),
    epochOf: (index) => twice(EPOCH_OF, () => store.epochOf(index)),
    listBy: (index) => twice(LIST_BY, () => store.listBy(index)),
    endBy(index, end, except) {
      const endAll = (isAtLeast: boolean) => async () => {
        return { count: await store.endBy(index, end, except), isAtLeast };
      };
      return guard.ask(END_BY, endAll(false), () => endAll(true));
    },
    prune: (now, limit) => once(PRUNE, async () => store.prune(now, limit)),
  };
}
