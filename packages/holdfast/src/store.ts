/** The seam to a store. Stores hold records and instants; they never see a request, a response or a secret. */
import type { MaybePromise } from './at-once.ts';
import type { Applied, Change, End } from './change.ts';
import type { SessionRecord } from './record.ts';

export interface Admission {
  /** The epoch of the index at the admission. */
  readonly epoch: number;
  /** Sessions over the limit, the oldest admissions first; still listed until they are ended. May name the admitted one. */
  readonly displaced: readonly string[];
}

/** What `watch` tells. */
export type Notice =
  /** A session has ended, or changed in more than when it was last seen: here or on another server. */
  | { readonly kind: 'ended' | 'changed'; readonly id: string }
  /** Notices arrive from now on: said before the first, and after each time they were missing. */
  | { readonly kind: 'up' }
  /** Notices are missing from now on, and may have been for a moment already. */
  | { readonly kind: 'down' };

/**
 * A store of session records.
 *
 * An unknown id is an answer, not an error. Every method rejects when the store cannot be reached or fails, with
 * whatever its driver gives (`read` may throw it at once); callers wrap it. A SyntaxError, a RangeError or a TypeError without a cause says that the fault is
 * of this call alone, a damaged record for instance: any other is taken for the store's, and in a row they suspend the calls.
 * `holdfast/testing` exports the contract as a test suite.
 */
export interface SessionStore {
  /**
   * Adds a record.
   *
   * Race: of two callers with one id, one succeeds, and the other rejects. An existing record, tombstones included,
   * is never overwritten.
   */
  insert(record: SessionRecord): Promise<void>;

  /**
   * The record of that id, a tombstone included, whether its deadlines have passed or not (that is judged by the
   * caller's clock). `undefined` when there is none. At once, without a promise, where it is at hand.
   *
   * Race: what it returns is one state of the record, never a mixture of two.
   */
  read(id: string): MaybePromise<SessionRecord | undefined>;

  /**
   * Present where `read` may answer from a cache: reads past it. Whoever would refuse a cookie, or renew its secret, asks
   * this first. A cache remembers no absence: that `read` has found nothing is fresh.
   *
   * @param answered what `read` has just answered: given back if it came from the store itself
   */
  readFresh?(id: string, answered?: SessionRecord): Promise<SessionRecord | undefined>;

  /**
   * Applies a change as `applyChange` says. Never creates a record, and never revives an ended one.
   *
   * Race: changes of one record happen one after another, each against the outcome of the one before. Of N callers
   * that renew from one secret, exactly one is told `renewed`; the others' remaining changes still apply. Of N
   * privilege changes under one epoch, one is `applied` and the others are `stale`. After an end has returned, every
   * other change of that record is `gone`.
   */
  apply(id: string, change: Change): Promise<Applied>;

  /**
   * Enters an id into an index, before the record carries it: a crash between the two leaves an entry that
   * names nothing, never a session that is not named.
   *
   * Race: one atomic step on the index. Records that are not in the store yet are not counted: a sign-in asks again, with
   * the limit, when its record is, and the last of several to ask sees them all.
   *
   * @param at when; an id that is listed already keeps its place; older admissions are displaced first, and of two at one instant the one with the lesser id
   * @param limit how many live sessions that carry this index there may be, this one included; no limit when left out
   */
  admit(index: string, id: string, at: number, limit?: number): Promise<Admission>;

  /** The epoch of an index: how often `endBy` was called for it. 0 for an unknown one. */
  epochOf(index: string): Promise<number>;

  /**
   * The records that carry this index and have not ended, in no particular order; records whose deadlines have
   * passed may be among them. Entries whose record is missing or carries another index are left out.
   */
  listBy(index: string): Promise<SessionRecord[]>;

  /**
   * Ends every session of an index, but for the id `except`. Returns how many this call ended.
   *
   * Race: the epoch of the index rises before the first session is ended. A sign-in under way either was admitted
   * before that, finds another epoch and ends itself, or was admitted after, and stands. An end holds only while
   * the record still carries the index.
   */
  endBy(index: string, end: End, except?: string): Promise<number>;

  /**
   * Drops up to `limit` records whose absolute deadline, or for a tombstone whose `forgetAt`, is not after `now`, with their
   * index entries. Returns how many. Does nothing where the store forgets by itself.
   */
  prune(now: number, limit: number): Promise<number>;

  /**
   * Tells `listener` of ends and changes as they happen, on this server and on all others. Absent where a store can not.
   * Resolves, with what stops it, when the first notices can arrive.
   *
   * Race: a change that is answered after `up` was said is told, soon after, unless `down` is. What is told may come twice,
   * and of two servers that change one session either first: a notice says to look again, not what is there to be seen.
   * Where the server that made a change fails right after it, nobody may be told: whoever keeps what it has read bounds
   * by time for how long.
   */
  watch?(listener: (notice: Notice) => void): Promise<() => Promise<void>>;
}
