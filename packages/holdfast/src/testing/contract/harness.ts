/** What a store author hands to the contract, and what its cases are made of. */
import type { SessionStore } from '../../store.ts';

export interface OpenedStore {
  /** Fresh and empty. */
  readonly store: SessionStore;
  /**
   * A second handle on the same data, as another process would have: a connection of its own. Leave it out where
   * there can be none (a store in the memory of one process); races are run on one handle then.
   */
  another?(): Promise<SessionStore>;
  /** Every byte the store has written, for the raw look: the database file, a dump of all keys. */
  raw?(): Promise<string | Uint8Array>;
  close(): Promise<void>;
}

export interface StoreHarness {
  /** Opens a store for one case. Cases may run at the same time, so that no two may share data. */
  open(): Promise<OpenedStore>;
  /** The store drops old records by a TTL of its own, and `prune` does nothing. Default false. */
  readonly forgetsByItself?: boolean;
  /** Where the random cases start; a failure names it. Default 1. */
  readonly seed?: number;
  /** How many random histories are played against the model. Default 25. */
  readonly histories?: number;
}

/** One promise of the contract. `run` rejects with an error that says what was broken. */
export interface ContractCase {
  readonly name: string;
  run(): Promise<void>;
}

/** A case as the files of this folder write it: it gets an open store, and closes nothing. */
export interface Promised {
  readonly name: string;
  readonly keeps: (opened: OpenedStore) => Promise<void>;
}

/** `count` handles on one store: as many as the store can give, in turn. */
export async function handles(opened: OpenedStore, count: number): Promise<readonly SessionStore[]> {
  const second = (await opened.another?.()) ?? opened.store;
  return Array.from({ length: count }, (_, i) => (i % 2 === 0 ? opened.store : second));
}
