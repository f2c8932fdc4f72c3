/** Sessions read from the memory of the process, over a store that tells of every change: off unless it is asked for. */
import type { Change, End } from '../change.ts';
import { type Duration, toMilliseconds } from '../duration.ts';
import type { SessionRecord } from '../record.ts';
import type { Notice, SessionStore } from '../store.ts';
import { type MillisecondClock, RecentRecords } from './recent-records.ts';

export interface CacheOptions {
  /**
   * How long what was read may be answered again: the bound within which a session that was ended on another server may
   * still be accepted here if its notice is lost. Counted from before the read. Default 5 seconds.
   */
  readonly maxAge?: Duration;
  /** How many sessions are kept; those go first that were read the longest ago. Default 10,000. */
  readonly max?: number;
  /** How many bytes they may take, estimated; those go first that were read the longest ago. Default 64 MiB. */
  readonly maxBytes?: number;
}

export interface CachedStore extends SessionStore {
  /**
   * From now on nothing is kept and nothing is listened to; reads go through. Does not wait for a store that has yet to be
   * reached: where that is, later, what listens is stopped then.
   */
  close(): Promise<void>;
}

/** A store that could not listen is asked again at a read, after so many milliseconds. */
const LISTEN_AGAIN = 1_000;

/** The first stands still while the machine sleeps, the second may be set back. */
const bothClocks: readonly MillisecondClock[] = [() => performance.now(), () => Date.now()];

/**
 * Puts a local cache before a store that many servers share.
 *
 * A read is answered from the process for at most `maxAge`, and only while the store's notices arrive: `down` empties the
 * cache, and until `up` it steps aside. What this process changes it forgets before it asks the store, so that it never
 * reads what it has overwritten. Only a secret that is current, and not due for renewal, is accepted from the cache: every
 * other verdict is judged again on what the store says then. Deadlines come from the record.
 *
 * Race: an end that another server has acknowledged is seen here when its notice arrives, after `maxAge` at the latest; so
 * is a secret that was retired there. A write of another server may be read here late by as much; `update` compares
 * versions in the store, and loses nothing.
 *
 * @throws TypeError when the store can not tell of changes, and for options that are none.
 */
export function cached(
  store: SessionStore,
  options: CacheOptions = {},
  clocks: readonly MillisecondClock[] = bothClocks,
): CachedStore {
  const { max = 10_000, maxBytes = 67_108_864 } = options;
  const maxAge = toMilliseconds(options.maxAge ?? '5s', 'maxAge');
  for (const [name, value] of Object.entries({ max, maxBytes })) {
    if (!(Number.isInteger(value) && value > 0)) throw new TypeError(`${name}: write a whole number from 1`);
  }
  if (typeof store?.watch !== 'function') {
    throw new TypeError(
      'cached: this store can not tell of changes that other servers make; give it a Redis or PostgreSQL store, or leave the cache out',
    );
  }
  const watch = store.watch.bind(store);
  const recent = new RecentRecords({ maxAge, max, maxBytes }, clocks);
  /** Reads under way whose answer may still be kept. */
  const reads = new Map<string, object>();
  /** What came from the store itself. */
  const fresh = new WeakSet<SessionRecord>();
  let isUp = false;
  let isClosed = false;
  let isListening = false;
  let stop: (() => Promise<void>) | undefined;
  let listenAgainAt = Number.NEGATIVE_INFINITY;

  function forget(id: string): void {
    recent.delete(id);
    reads.delete(id);
  }

  function forgetAll(): void {
    recent.clear();
    reads.clear();
  }

  function heard(notice: Notice): void {
    switch (notice.kind) {
      case 'ended':
      case 'changed':
        return forget(notice.id);
      case 'up':
      case 'down':
        forgetAll();
        isUp = notice.kind === 'up' && !isClosed;
    }
  }

  async function listen(): Promise<void> {
    const [now = 0] = recent.now();
    if (isListening || isClosed || now < listenAgainAt) return;
    isListening = true;
    listenAgainAt = now + LISTEN_AGAIN;
    try {
      const stopThis = await watch(heard);
      if (isClosed) await stopThis();
      else stop = stopThis;
    } catch {
      heard({ kind: 'down' });
      isListening = false;
    }
  }

  async function readThrough(id: string): Promise<SessionRecord | undefined> {
    const mine = {};
    const readAt = recent.now();
    if (isUp) reads.set(id, mine);
    else void listen();
    let record: SessionRecord | undefined;
    try {
      record = await store.read(id);
    } finally {
      // Whoever changed the session meanwhile, or reads it later, has taken this away.
      if (reads.get(id) === mine) {
        reads.delete(id);
        // A tombstone answers nobody: to refuse, the store is asked.
        if (record && !record.ended) recent.put(record, readAt);
      }
    }
    if (record) fresh.add(record);
    return record;
  }

  /** Before the store is asked, and after: what another request reads between the two may be old. */
  async function around<T>(forgetWhat: () => void, ask: () => Promise<T>): Promise<T> {
    forgetWhat();
    try {
      return await ask();
    } finally {
      forgetWhat();
    }
  }

  function forgetIndex(index: string): void {
    recent.deleteBy(index);
    // What is being read may carry the index.
    reads.clear();
  }

  void listen();
  return {
    insert: (record) =>
      around(
        () => forget(record.id),
        () => store.insert(record),
      ),
    read: (id) => recent.get(id) ?? readThrough(id),
    async readFresh(id, answered) {
      if (answered && fresh.has(answered)) return answered;
      forget(id);
      return readThrough(id);
    },
    apply: (id: string, change: Change) =>
      around(
        () => forget(id),
        () => store.apply(id, change),
      ),
    admit: (index, id, at, limit) => store.admit(index, id, at, limit),
    epochOf: (index) => store.epochOf(index),
    listBy: (index) => store.listBy(index),
    endBy: (index: string, end: End, except?: string) =>
      around(
        () => forgetIndex(index),
        () => store.endBy(index, end, except),
      ),
    prune: (at, limit) => store.prune(at, limit),
    watch,
    async close() {
      isClosed = true;
      isUp = false;
      forgetAll();
      const last = stop;
      stop = undefined;
      await last?.();
    },
  };
}
