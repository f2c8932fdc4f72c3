/** Sessions read from the memory of the process, over a store that tells of every change: off unless it is asked for. */
import type { Change, End } from '../change.ts';
import { type Duration, toMilliseconds } from '../duration.ts';
import type { SessionRecord } from '../record.ts';
import type { Notice, SessionStore } from '../store.ts';
import { copyOf } from './copy-record.ts';

export interface CacheOptions {
  /**
   * How long what was read may be answered again: the bound within which a session that was ended on another server may
   * still be accepted here if its notice is lost. Counted from before the read. Default 5 seconds.
   */
  readonly maxAge?: Duration;
  /** How many sessions are kept; those go first that were read the longest ago. Default 10,000. */
  readonly max?: number;
}

export interface CachedStore extends SessionStore {
  /** From now on nothing is kept and nothing is listened to; reads go through. */
  close(): Promise<void>;
}

interface Entry {
  readonly record: SessionRecord;
  readonly readAt: number;
}

/** A store that could not listen is asked again at a read, after so many milliseconds. */
const LISTEN_AGAIN = 1_000;

/** A wall clock that is set back would keep entries for longer than they may. */
const monotonic = (): number => performance.now();

/**
 * Puts a local cache before a store that many servers share.
 *
 * A read is answered from the process for at most `maxAge`, and only while the store's notices arrive: `down` empties the
 * cache, and until `up` it steps aside. What this process changes it forgets before it asks the store, so that it never
 * reads what it has overwritten. Only a secret that is current is accepted from the cache: every other verdict is
 * judged again on what the store says then. Deadlines come from the record.
 *
 * Race: an end that another server has acknowledged is seen here when its notice arrives, after `maxAge` at the latest. A
 * write of another server may be read here late by as much; `update` compares versions in the store, and loses nothing.
 *
 * @throws TypeError when the store can not tell of changes, and for options that are none.
 */
export function cached(
  store: SessionStore,
  options: CacheOptions = {},
  now: () => number = monotonic,
): CachedStore {
  const { max = 10_000 } = options;
  const maxAge = toMilliseconds(options.maxAge ?? '5s', 'maxAge');
  if (!(Number.isInteger(max) && max > 0)) throw new TypeError('max: write a whole number from 1');
  if (typeof store?.watch !== 'function') {
    throw new TypeError(
      'cached: this store can not tell of changes that other servers make; give it a Redis or PostgreSQL store, or leave the cache out',
    );
  }
  /** In the order of their reading. */
  const entries = new Map<string, Entry>();
  /** Reads under way whose answer may still be kept. */
  const reads = new Map<string, object>();
  let isUp = false;
  let isClosed = false;
  let stop: Promise<(() => Promise<void>) | undefined> | undefined;
  let listenAgainAt = 0;

  function forget(id: string): void {
    entries.delete(id);
    reads.delete(id);
  }

  function forgetAll(): void {
    entries.clear();
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

  function listen(): void {
    if (stop || isClosed || now() < listenAgainAt) return;
    listenAgainAt = now() + LISTEN_AGAIN;
    stop = (store.watch as NonNullable<SessionStore['watch']>)(heard).catch(() => {
      stop = undefined;
      return undefined;
    });
  }

  async function readThrough(id: string): Promise<SessionRecord | undefined> {
    if (!isUp) {
      listen();
      return store.read(id);
    }
    const readAt = now();
    const mine = {};
    reads.set(id, mine);
    let record: SessionRecord | undefined;
    try {
      record = await store.read(id);
    } finally {
      // Whoever changed the session meanwhile, or reads it later, has taken this away.
      if (reads.get(id) === mine) {
        reads.delete(id);
        if (record) keep(record, readAt);
      }
    }
    return record;
  }

  function keep(record: SessionRecord, readAt: number): void {
    entries.delete(record.id);
    entries.set(record.id, { record: copyOf(record), readAt });
    if (entries.size <= max) return;
    const [oldest] = entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
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
    for (const { record } of entries.values()) if (record.indexes.includes(index)) entries.delete(record.id);
    // What is being read may carry the index.
    reads.clear();
  }

  listen();
  return {
    insert: (record) =>
      around(
        () => forget(record.id),
        () => store.insert(record),
      ),
    read(id) {
      const entry = entries.get(id);
      if (entry && now() - entry.readAt < maxAge) return Promise.resolve(copyOf(entry.record));
      return readThrough(id);
    },
    readFresh: (id) => {
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
    watch: (listener) => (store.watch as NonNullable<SessionStore['watch']>)(listener),
    async close() {
      isClosed = true;
      isUp = false;
      forgetAll();
      await (await stop)?.();
    },
  };
}
