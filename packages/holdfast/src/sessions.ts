/** The way in: `createSessions` ties a store and a policy into the pipeline open → verdict → Session → commit. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isThenable, type MaybePromise } from './at-once.ts';
import type { UntypedData } from './data.ts';
import { deliveryProblem } from './deliverability.ts';
import { type RaisedEvent, raise as raiseEvent } from './events.ts';
import { guardStore } from './guard/guarded-store.ts';
import { type DataSchemas, resolveOptions, type SessionOptions } from './options.ts';
import { idleExpiresAt, type SessionRecord, userIndex } from './record.ts';
import type { Committed, OpenOptions, SessionRequest } from './request.ts';
import type { Session, SessionInfo } from './session.ts';
import type { Core } from './stored/core.ts';
import { endRecord } from './stored/end.ts';
import { checkUserId, describeSession } from './stored/info.ts';
import { openStored } from './stored/open.ts';
import { Origin } from './stored/origin.ts';
import { StoredSession } from './stored/session.ts';
import { isSessionId } from './token.ts';

/** The type of the data that a map of schemas describes. */
export type DataOf<Schemas> = string extends keyof Schemas
  ? UntypedData
  : {
      [Key in keyof Schemas]: Schemas[Key] extends StandardSchemaV1
        ? StandardSchemaV1.InferOutput<Schemas[Key]>
        : never;
    };

export interface Sessions<Data extends object = UntypedData> {
  /**
   * Reads and judges the session cookie of a request. Never creates a session, and never throws for what a cookie
   * holds: `session.rejected` says why it was not accepted. At once, without a promise, where the store has the record at
   * hand (in memory, in SQLite, in a cache) and nothing has to be changed.
   *
   * @throws StoreUnavailableError when the store does not answer, unless `onStoreFailure` is `anonymous`.
   */
  open(request: SessionRequest, options?: OpenOptions): MaybePromise<Session<Data>>;
  /**
   * Stores what the request has written and renews the secret where that is due: to be called just before the
   * headers leave, once. At once, without a promise, where there is nothing to store. Writing to the session is over.
   *
   * @param options.discardWrites the handler failed: what it wrote and did not commit is dropped
   * @throws `session_changed`, `store_unavailable`: then the answer must not say that all went well.
   */
  commit(session: Session<Data>, options?: { readonly discardWrites?: boolean }): MaybePromise<Committed>;
  /** The user's live sessions, the last seen first (ASVS 7.5.2). */
  list(userId: string): Promise<SessionInfo[]>;
  /**
   * Ends one session by its id. Returns false when it had ended already, or is not `options.userId`'s: pass that
   * wherever the id comes from the user.
   */
  revoke(sessionId: string, options?: { readonly userId?: string }): Promise<boolean>;
  /**
   * Ends every session of a user, but for the id `except`. Returns how many; where the store had to be asked twice, at least
   * how many. A sign-in that is under way and read `userEpoch` earlier, or is not yet stored, loses (ASVS 7.4.2, 7.4.3).
   */
  revokeAll(userId: string, options?: { readonly except?: string | undefined }): Promise<number>;
  /** How often the user's sessions have been revoked: read it before you check a password, and give it to `signIn`. */
  userEpoch(userId: string): Promise<number>;
}

const PRUNE_EVERY = 300_000;

/**
 * Up to half of it earlier, by the milliseconds of the clock: servers that were started together do not all prune at one
 * moment, and a test that sets the clock knows when.
 */
function pruneAfter(now: number): number {
  return now + PRUNE_EVERY * (1 - (now % 1_000) / 2_000);
}

const PRUNE_LIMIT = 100;

/**
 * Makes sessions on a store.
 *
 * @throws TypeError for options that cannot work, naming the option and what to write instead.
 */
export function createSessions<Schemas extends DataSchemas = DataSchemas>(
  options: SessionOptions<Schemas>,
): Sessions<DataOf<Schemas>> {
  type Data = DataOf<Schemas>;
  const policy = resolveOptions(options);
  const { clock } = policy;
  const raise = (event: RaisedEvent): void => raiseEvent(policy.listener, event);
  const core: Core = { store: guardStore(options.store, policy.guard, raise, clock), policy, raise };
  let pruneAt = pruneAfter(clock.now());

  /**
   * Housekeeping rides on traffic: a small batch now and then, and at every request while there is more. A failure has raised
   * its event already.
   */
  function prune(now: number): void {
    pruneAt = pruneAfter(now);
    // To a server whose clock is behind, a session whose deadline has just passed here is still alive.
    core.store.prune(now - policy.clockSkew, PRUNE_LIMIT).then(
      (count) => {
        if (count >= PRUNE_LIMIT) pruneAt = now;
      },
      () => undefined,
    );
  }

  let hasTold = false;
  /** Once, and not in an event: it is for whoever sets the server up. */
  function told(request: SessionRequest, committed: Committed): Committed {
    if (committed.setCookies.length === 0 || hasTold) return committed;
    const problem = deliveryProblem(request);
    if (problem === undefined) return committed;
    hasTold = true;
    console.warn(problem);
    return committed;
  }

  function isLive(record: SessionRecord): boolean {
    const now = clock.now();
    return now < record.absoluteExpiresAt && (policy.onIdle === 'lock' || now < idleExpiresAt(record));
  }

  return {
    open(request, openOptions = {}) {
      const now = clock.now();
      if (now >= pruneAt) prune(now);
      const origin = new Origin(request, openOptions, now);
      const opened = openStored(core, origin);
      return isThenable(opened)
        ? opened.then((late) => new StoredSession<Data>(core, late, origin))
        : new StoredSession<Data>(core, opened, origin);
    },
    commit(session, { discardWrites = false } = {}) {
      if (!(session instanceof StoredSession)) throw new TypeError('commit: not a session of these sessions');
      const committed = session.close(discardWrites);
      return isThenable(committed)
        ? committed.then((late) => told(session.request, late))
        : told(session.request, committed);
    },
    async list(userId) {
      checkUserId(userId);
      const records = await core.store.listBy(userIndex(userId));
      return records
        .filter(isLive)
        .map((record) => describeSession(policy.levels, record))
        .toSorted((a, b) => b.lastSeenAt - a.lastSeenAt);
    },
    async revoke(sessionId, { userId } = {}) {
      if (typeof sessionId !== 'string' || !isSessionId(sessionId)) return false;
      if (userId !== undefined) checkUserId(userId);
      const condition = userId === undefined ? undefined : { index: userIndex(userId) };
      return endRecord(
        core,
        { id: sessionId, ...(userId !== undefined && { userId }) },
        'revoked',
        condition,
      );
    },
    async revokeAll(userId, { except } = {}) {
      checkUserId(userId);
      const at = clock.now();
      const end = { reason: 'revoked', at, tombstoneFor: policy.tombstoneFor } as const;
      const { count, isAtLeast } = await core.store.endBy(userIndex(userId), end, except);
      if (count > 0 || isAtLeast) raise({ type: 'ended', at, userId, reason: 'revoked' });
      return count;
    },
    userEpoch(userId) {
      checkUserId(userId);
      return core.store.epochOf(userIndex(userId));
    },
  };
}
