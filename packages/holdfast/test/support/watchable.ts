/** A memory store that several servers share, whose notices arrive when the test says so. */
import type { Notice, SessionStore } from '../../src/store.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { telling } from './telling.ts';

export interface Watchable {
  readonly store: SessionStore;
  /** How many reads have reached the store. */
  readonly reads: number;
  readonly listeners: number;
  /** Tells everyone what they have not been told yet. */
  deliver(): void;
  /** What has not been told by now never will be. */
  lose(): void;
  tell(notice: Notice): void;
  /** Reads are answered with what was found, but only when `release` is called. */
  holdReads(): { release(): void };
}

/** @param isOnTime each notice arrives as soon as the change is made */
export function watchable(isOnTime = true): Watchable {
  const memory = memoryStore();
  const listeners = new Set<(notice: Notice) => void>();
  let queue: Notice[] = [];
  let reads = 0;
  let gate: Promise<void> | undefined;

  function tell(notice: Notice): void {
    for (const listener of listeners) listener(notice);
  }
  function deliver(): void {
    for (const notice of queue.splice(0)) tell(notice);
  }
  function queued(notice: Notice): void {
    queue.push(notice);
    if (isOnTime) deliver();
  }

  const store: SessionStore = {
    ...telling(memory, queued),
    async read(id) {
      reads++;
      const record = await memory.read(id);
      await gate;
      return record;
    },
    async watch(listener) {
      listeners.add(listener);
      listener({ kind: 'up' });
      return async () => void listeners.delete(listener);
    },
  };
  return {
    store,
    get reads() {
      return reads;
    },
    get listeners() {
      return listeners.size;
    },
    deliver,
    lose: () => {
      queue = [];
    },
    tell,
    holdReads() {
      let resolve: () => void = () => undefined;
      const promise = new Promise<void>((done) => (resolve = done));
      gate = promise;
      return {
        release() {
          gate = undefined;
          resolve();
        },
      };
    },
  };
}
