/** The session of one request, on a record in a store. */
import { cookieNameOf, deleteCookie, readCookie, writeCookie } from '../cookie.ts';
import { type Pending, RequestData } from '../data.ts';
import { HoldfastError, StoreUnavailableError } from '../errors.ts';
import type { SessionFeatures } from '../features.ts';
import type { RejectionReason } from '../events.ts';
import { type SessionRecord, userIndex } from '../record.ts';
import type { Committed, SessionRequest } from '../request.ts';
import type {
  AuthenticationDetails,
  DeepReadonly,
  Session,
  SessionInfo,
  SessionState,
  SignInDetails,
} from '../session.ts';
import { formatToken, type Token } from '../token.ts';
import { commitHeld, isCommitDue } from './commit.ts';
import type { Core, Held } from './core.ts';
import { endRecord } from './end.ts';
import { headersSent, reauthenticationRequired, unavailable } from './faults.ts';
import { checkAuthentication, checkSignIn, describeSession } from './info.ts';
import type { Opened } from './open.ts';
import type { Origin } from './origin.ts';
import { createSession, elevate, reauthenticate, signIn } from './privilege.ts';
import { updateKey } from './update.ts';

const NO_DATA: SessionRecord['data'] = new Map();

/** What most answers carry: nothing but, perhaps, that they belong to one user. */
const LOOKED_AT: Committed = Object.freeze({
  setCookies: Object.freeze([]),
  isPersonal: true,
  hasSignedOut: false,
});
const NOT_LOOKED_AT: Committed = Object.freeze({ ...LOOKED_AT, isPersonal: false });

function isSessionChanged(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === 'session_changed';
}

export class StoredSession<Data extends object> implements Session<Data> {
  readonly #core: Core;
  readonly #origin: Origin;
  readonly #opened: Opened;
  #overtaken: Pick<SessionRecord, 'id' | 'userId'> | undefined;
  #held: Held | undefined;
  #isLocked: boolean;
  /** Made when it is asked for. */
  #dataMade: RequestData | undefined;
  #setCookie: string | undefined;
  /** Of features, by name. */
  #otherCookies: Map<string, string> | undefined;
  #hasSignedOut = false;
  #isPersonal = false;
  #isClosed = false;
  /** One operation of a request at a time: each starts from what the one before has made of the record. */
  #last: Promise<unknown> | undefined;
  #running: Set<Promise<unknown>> | undefined;

  constructor(core: Core, opened: Opened, origin: Origin) {
    this.#core = core;
    this.#origin = origin;
    this.#opened = opened;
    this.#overtaken = opened.kind === 'none' ? opened.overtaken : undefined;
    this.#held = opened.kind === 'held' ? opened.held : undefined;
    this.#isLocked = opened.kind === 'held' && opened.isLocked;
  }

  get #isUnavailable(): boolean {
    return this.#opened.kind === 'unavailable';
  }

  get #hasCookie(): boolean {
    return this.#opened.kind !== 'none' || this.#opened.rejected !== undefined;
  }

  get #mayHoldBetter(): boolean {
    return this.#opened.kind === 'none' && (this.#opened.mayHoldBetter ?? false);
  }

  get #data(): RequestData {
    return (this.#dataMade ??= this.#dataOf(this.#isLocked ? undefined : this.#held));
  }

  /** Not of the public type: for `commit`, which tells the developer of a cookie that will not arrive. */
  get request(): SessionRequest {
    return this.#origin.request;
  }

  get state(): SessionState {
    this.#isPersonal = true;
    if (this.#isUnavailable) return 'unavailable';
    if (this.#isLocked) return 'locked';
    return this.#held?.record.userId === undefined ? 'anonymous' : 'authenticated';
  }

  get userId(): string | undefined {
    this.#isPersonal = true;
    return this.#isLocked ? undefined : this.#held?.record.userId;
  }

  get lockedUserId(): string | undefined {
    this.#isPersonal = true;
    return this.#isLocked ? this.#held?.record.userId : undefined;
  }

  get id(): string | undefined {
    this.#isPersonal = true;
    return this.#held?.record.id;
  }

  get info(): SessionInfo | undefined {
    this.#isPersonal = true;
    return this.#held && describeSession(this.#core.policy.levels, this.#held.record);
  }

  get rejected(): RejectionReason | undefined {
    this.#isPersonal = true;
    return this.#opened.kind === 'none' ? this.#opened.rejected : undefined;
  }

  get<Key extends keyof Data & string>(key: Key): DeepReadonly<Data[Key]> | undefined {
    this.#isPersonal = true;
    return this.#data.get(key) as DeepReadonly<Data[Key]> | undefined;
  }

  all(): { readonly [Key in keyof Data]?: DeepReadonly<Data[Key]> } {
    this.#isPersonal = true;
    const entries = this.#data.keys().map((key) => [key, this.#data.get(key)] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as {
      readonly [Key in keyof Data]?: DeepReadonly<Data[Key]>;
    };
  }

  set<Key extends keyof Data & string>(key: Key, value: DeepReadonly<Data[Key]>): void {
    this.#assertWritable();
    this.#data.set(key, value);
  }

  delete(key: keyof Data & string): void {
    this.#assertWritable();
    if (this.#data.keys().includes(key)) this.#data.delete(key);
  }

  take<Key extends keyof Data & string>(key: Key): DeepReadonly<Data[Key]> | undefined {
    const value = this.get(key);
    this.delete(key);
    return value;
  }

  update<Key extends keyof Data & string>(
    key: Key,
    change: (value: DeepReadonly<Data[Key]> | undefined) => DeepReadonly<Data[Key]>,
  ): Promise<DeepReadonly<Data[Key]>> {
    return this.#operate(async () => {
      this.#assertUnlocked();
      if (this.#held === undefined) return this.#beginWith(key, change(this.get(key)));
      const { held, value, flushed } = await updateKey(
        this.#core,
        this.#held,
        this.#data,
        key,
        (old) => change(old as DeepReadonly<Data[Key]> | undefined),
        this.#origin.at,
      );
      this.#adopt(held, flushed);
      return value as DeepReadonly<Data[Key]>;
    });
  }

  signIn(details: SignInDetails<keyof Data & string>): Promise<void> {
    return this.#operate(async () => {
      checkSignIn(this.#core.policy, details);
      const owner = this.#held?.record.userId;
      if (this.#held && owner !== undefined && owner !== details.userId) {
        // A session of somebody else is ended, and nothing of it is carried over.
        await endRecord(this.#core, this.#held.record, 'replaced');
        this.#drop();
      }
      await this.#endOvertaken(details.userId);
      const pending = this.#data.pending();
      try {
        this.#adoptNew(await signIn(this.#core, this.#held, this.#origin.client, details, pending), pending);
      } catch (error) {
        if (isSessionChanged(error) && owner !== undefined) this.#drop();
        throw error;
      }
    });
  }

  /**
   * Whoever proves to be the user behind a retired secret leaves that session for good: this browser will hold another
   * cookie, and what still holds the old one's successor is a thief, or nobody (docs/adr/0015).
   */
  async #endOvertaken(userId: string): Promise<void> {
    if (this.#overtaken?.userId !== userId) return;
    await endRecord(this.#core, this.#overtaken, 'reused', { index: userIndex(userId) });
    this.#overtaken = undefined;
  }

  reauthenticate(details: AuthenticationDetails = {}): Promise<void> {
    return this.#operate(async () => {
      checkAuthentication(this.#core.policy, details);
      if (this.#held?.record.userId === undefined) throw reauthenticationRequired();
      const pending = this.#data.pending();
      this.#adoptNew(
        await reauthenticate(this.#core, this.#held, this.#origin.client, details, pending),
        pending,
      );
    });
  }

  elevate(): Promise<void> {
    return this.#operate(async () => {
      this.#assertUnlocked();
      if (this.#held === undefined) return;
      const pending = this.#data.pending();
      this.#adoptNew(await elevate(this.#core, this.#held, this.#origin.client, pending), pending);
    });
  }

  signOut(): Promise<void> {
    return this.#operate(async () => {
      if (this.#held) await endRecord(this.#core, this.#held.record, 'signed_out');
      if (this.#held || (this.#hasCookie && !this.#mayHoldBetter)) {
        this.#setCookie = deleteCookie(this.#core.policy.cookie);
      }
      this.#hasSignedOut = true;
      this.#drop();
    });
  }

  commit(): Promise<void> {
    return this.#operate(async () => {
      if (this.#isDirty) await this.#flush(false);
    });
  }

  /**
   * The end of the request: stores what is left and says what the answer must carry. At once, without a promise,
   * where there is nothing to store; writing is over either way.
   */
  close(discardWrites: boolean): Committed | Promise<Committed> {
    if (this.#isClosed) return this.#committed();
    this.#isClosed = true;
    if (discardWrites) this.#dataMade?.discard();
    const isRunning = this.#running !== undefined && this.#running.size > 0;
    return isRunning || this.#isFlushDue() ? this.#closeLate([...(this.#running ?? [])]) : this.#committed();
  }

  /**
   * Operations that the handler did not wait for are waited for here: their cookie belongs into this answer, and so
   * does their failure, or the answer would say "signed out" of a session that is alive.
   */
  async #closeLate(running: readonly Promise<unknown>[]): Promise<Committed> {
    await Promise.all(running);
    const hasWritten = this.#isDirty;
    try {
      if (this.#isFlushDue()) await this.#flush(true);
    } catch (error) {
      // A touch or a renewal that was due is due again at the next request.
      const isSpared = this.#origin.doesWithoutStore && !hasWritten && error instanceof StoreUnavailableError;
      if (!isSpared) throw error;
    }
    return this.#committed();
  }

  get #isDirty(): boolean {
    return this.#dataMade !== undefined && this.#dataMade.isDirty;
  }

  #isFlushDue(): boolean {
    return this.#isDirty || (this.#held !== undefined && !this.#isLocked && isCommitDue(this.#held));
  }

  #committed(): Committed {
    if (this.#setCookie === undefined && !this.#otherCookies && !this.#hasSignedOut) {
      return this.#isPersonal ? LOOKED_AT : NOT_LOOKED_AT;
    }
    const own = this.#setCookie === undefined ? [] : [this.#setCookie];
    return {
      setCookies: this.#otherCookies ? [...own, ...this.#otherCookies.values()] : own,
      isPersonal: this.#isPersonal,
      hasSignedOut: this.#hasSignedOut && this.#core.policy.clearSiteData,
    };
  }

  /** What the session changed under can never be stored: kept, it would fail the answer that tells of it, too. */
  #lost(error: unknown): never {
    if (isSessionChanged(error)) this.#dataMade?.discard();
    throw error;
  }

  async #flush(isLast: boolean): Promise<void> {
    const pending = this.#data.pending();
    const { client, at } = this.#origin;
    if (this.#held) {
      const outcome = await commitHeld(this.#core, this.#held, pending, at, client, isLast).catch(
        (error: unknown) => this.#lost(error),
      );
      this.#adopt(outcome.held, pending);
      if (outcome.setToken) this.#carry(outcome.setToken);
    } else if (!this.#mayCreate()) {
      if (isLast) this.#core.raise({ type: 'creation_refused', at, client });
    } else if (pending.set) {
      this.#adoptNew(await createSession(this.#core, client, pending), pending);
    }
  }

  /** An update that creates the session: when the store fails, nothing of it stays buffered. */
  async #beginWith<Value>(key: string, value: Value): Promise<Value> {
    if (this.#mayCreate()) {
      const pending = this.#data.pending();
      const set = new Map([...(pending.set ?? []), [key, this.#data.encode(key, value)]]);
      this.#adoptNew(await createSession(this.#core, this.#origin.client, { set }), pending);
    } else {
      this.#data.set(key, value);
    }
    return value;
  }

  /**
   * Not where the browser may hold a good cookie that a new one would overwrite: because SameSite kept it back
   * (invariant 4), or because this request was sent before it was set, and has been overtaken (invariant 3).
   */
  #mayCreate(): boolean {
    const isKeptBack = this.#core.policy.cookie.isKeptBack && this.#origin.isCrossSite;
    return !this.#mayHoldBetter && (this.#hasCookie || !isKeptBack);
  }

  #adopt(held: Held, flushed: Pending): void {
    this.#held = held;
    this.#dataMade?.rebase(held.record.data, flushed);
  }

  #adoptNew(held: Held, flushed: Pending): void {
    this.#isLocked = false;
    this.#hasSignedOut = false;
    this.#adopt(held, flushed);
    this.#carry(held.token);
  }

  /** From here on this request has no session. */
  #drop(): void {
    this.#held = undefined;
    this.#isLocked = false;
    this.#dataMade = undefined;
  }

  #carry(token: Token): void {
    const { policy } = this.#core;
    const record = this.#held?.record;
    const maxAge = record?.persistent
      ? Math.max(0, Math.floor((record.absoluteExpiresAt - policy.clock.now()) / 1000))
      : undefined;
    this.#setCookie = writeCookie(policy.cookie, formatToken(token), maxAge);
  }

  #dataOf(held: Held | undefined): RequestData {
    const stored = held?.record.data ?? NO_DATA;
    return new RequestData(this.#core.policy, stored, (key) => {
      const at = this.#core.policy.clock.now();
      this.#core.raise({ type: 'data_rejected', at, ...(held && { sessionId: held.record.id }), key });
    });
  }

  #assertWritable(): void {
    if (this.#isClosed) throw headersSent();
    if (this.#isUnavailable) throw unavailable();
    this.#assertUnlocked();
  }

  #assertUnlocked(): void {
    if (this.#isLocked) throw reauthenticationRequired();
  }

  /** Not of the public type: `featuresOf` finds it. */
  features(): SessionFeatures {
    if (this.#isClosed) throw headersSent();
    if (this.#isUnavailable) throw unavailable();
    this.#isPersonal = true;
    return {
      csrfSeed: this.#held?.record.csrfSeed,
      isAuthenticated: this.#held?.record.userId !== undefined,
      random: this.#core.policy.random,
      readCookies: (name) => readCookie(this.#origin.request.headers.get('cookie') ?? '', name),
      setCookie: (value) => void (this.#otherCookies ??= new Map()).set(cookieNameOf(value), value),
    };
  }

  /**
   * Whether the request may still write is asked when an operation is called, not when its turn comes: one that the
   * handler did not wait for still counts.
   */
  #operate<T>(operation: () => Promise<T>): Promise<T> {
    this.#isPersonal = true;
    if (this.#isClosed) return Promise.reject(headersSent());
    if (this.#isUnavailable) return Promise.reject(unavailable());
    const running = (this.#running ??= new Set());
    const result = (this.#last ?? Promise.resolve()).then(operation);
    this.#last = result.catch(() => undefined);
    const returned = result.finally(() => running.delete(returned));
    running.add(returned);
    return returned;
  }
}
