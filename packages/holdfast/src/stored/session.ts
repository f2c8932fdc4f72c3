/** The session of one request, on a record in a store. */
import { deleteCookie, writeCookie } from '../cookie.ts';
import { type Pending, RequestData } from '../data.ts';
import type { RejectionReason } from '../events.ts';
import type { Client } from '../record.ts';
import type { Committed } from '../request.ts';
import type { AuthenticationDetails, Session, SessionInfo, SessionState, SignInDetails } from '../session.ts';
import { formatToken, type Token } from '../token.ts';
import { commitHeld, isCommitDue } from './commit.ts';
import type { Core, Held } from './core.ts';
import { endRecord } from './end.ts';
import { headersSent, reauthenticationRequired, unavailable } from './faults.ts';
import { checkAuthentication, checkSignIn, describeSession } from './info.ts';
import type { Opened } from './open.ts';
import { createSession, elevate, reauthenticate, signIn } from './privilege.ts';
import { updateKey } from './update.ts';

/** What the session has to know about its request. */
export interface Origin {
  readonly client: Client;
  /** When it came in. */
  readonly at: number;
  readonly isCrossSite: boolean;
}

export class StoredSession<Data extends object> implements Session<Data> {
  readonly #core: Core;
  readonly #origin: Origin;
  readonly #rejected: RejectionReason | undefined;
  readonly #isUnavailable: boolean;
  readonly #hasCookie: boolean;
  #held: Held | undefined;
  #isLocked: boolean;
  #data: RequestData;
  #setCookie: string | undefined;
  #isPersonal = false;
  #isClosed = false;
  /** One operation of a request at a time: each starts from what the one before has made of the record. */
  #last: Promise<unknown> = Promise.resolve();
  #running = 0;

  constructor(core: Core, opened: Opened, origin: Origin) {
    this.#core = core;
    this.#origin = origin;
    this.#rejected = opened.kind === 'none' ? opened.rejected : undefined;
    this.#isUnavailable = opened.kind === 'unavailable';
    this.#hasCookie = opened.kind !== 'none' || opened.rejected !== undefined;
    this.#held = opened.kind === 'held' ? opened.held : undefined;
    this.#isLocked = opened.kind === 'held' && opened.isLocked;
    this.#data = this.#dataOf(this.#isLocked ? undefined : this.#held);
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
    return this.#rejected;
  }

  get<Key extends keyof Data & string>(key: Key): Data[Key] | undefined {
    this.#isPersonal = true;
    return this.#data.get(key) as Data[Key] | undefined;
  }

  all(): Readonly<Partial<Data>> {
    this.#isPersonal = true;
    const entries = this.#data.keys().map((key) => [key, this.#data.get(key)] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Partial<Data>;
  }

  set<Key extends keyof Data & string>(key: Key, value: Data[Key]): void {
    this.#assertWritable();
    this.#data.set(key, value);
  }

  delete(key: keyof Data & string): void {
    this.#assertWritable();
    if (this.#data.keys().includes(key)) this.#data.delete(key);
  }

  update<Key extends keyof Data & string>(
    key: Key,
    change: (value: Data[Key] | undefined) => Data[Key],
  ): Promise<Data[Key]> {
    return this.#exclusively(async () => {
      this.#assertWritable();
      if (this.#held === undefined) {
        const value = change(this.get(key));
        this.#data.set(key, value);
        await this.#flush(false);
        return value;
      }
      const { held, value, flushed } = await updateKey(this.#core, this.#held, this.#data, key, (old) =>
        change(old as Data[Key] | undefined),
      );
      this.#adopt(held, flushed);
      return value as Data[Key];
    });
  }

  signIn(details: SignInDetails<keyof Data & string>): Promise<void> {
    return this.#exclusively(async () => {
      this.#assertOpen();
      checkSignIn(this.#core.policy, details);
      const pending = this.#data.pending();
      this.#adoptNew(await signIn(this.#core, this.#held, this.#origin.client, details, pending), pending);
    });
  }

  reauthenticate(details: AuthenticationDetails = {}): Promise<void> {
    return this.#exclusively(async () => {
      this.#assertOpen();
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
    return this.#exclusively(async () => {
      this.#assertWritable();
      if (this.#held === undefined) return;
      const pending = this.#data.pending();
      this.#adoptNew(await elevate(this.#core, this.#held, this.#origin.client, pending), pending);
    });
  }

  signOut(): Promise<void> {
    return this.#exclusively(async () => {
      this.#assertOpen();
      if (this.#held) await endRecord(this.#core, this.#held.record, 'signed_out');
      if (this.#held || this.#hasCookie) this.#setCookie = deleteCookie(this.#core.policy.cookie);
      this.#held = undefined;
      this.#isLocked = false;
      this.#data = this.#dataOf(undefined);
    });
  }

  commit(): Promise<void> {
    return this.#exclusively(async () => {
      if (this.#isClosed) throw headersSent();
      if (this.#data.isDirty) await this.#flush(false);
    });
  }

  /**
   * The end of the request: stores what is left and says what the answer must carry. At once, without a promise,
   * where there is nothing to store; writing is over either way.
   */
  close(discardWrites: boolean): Committed | Promise<Committed> {
    if (this.#isClosed) return this.#committed();
    this.#isClosed = true;
    if (discardWrites) this.#data.discard();
    // An operation that the handler did not wait for is waited for here: its cookie belongs into this answer.
    if (this.#running === 0 && !this.#isFlushDue()) return this.#committed();
    return this.#exclusively(async () => {
      if (this.#isFlushDue()) await this.#flush(true);
      return this.#committed();
    });
  }

  #isFlushDue(): boolean {
    return this.#data.isDirty || (this.#held !== undefined && !this.#isLocked && isCommitDue(this.#held));
  }

  #committed(): Committed {
    return {
      setCookies: this.#setCookie === undefined ? [] : [this.#setCookie],
      isPersonal: this.#isPersonal,
    };
  }

  async #flush(isLast: boolean): Promise<void> {
    const pending = this.#data.pending();
    const { client, at, isCrossSite } = this.#origin;
    if (this.#held) {
      const outcome = await commitHeld(this.#core, this.#held, pending, at, client, isLast);
      this.#adopt(outcome.held, pending);
      if (outcome.setToken) this.#carry(outcome.setToken);
    } else if (isCrossSite && !this.#hasCookie) {
      // SameSite may have kept a good cookie back: a new one would overwrite it (invariant 4).
      if (isLast) this.#core.raise({ type: 'creation_refused', at, client });
    } else if (pending.set) {
      this.#adoptNew(await createSession(this.#core, client, pending), pending);
    }
  }

  #adopt(held: Held, flushed: Pending): void {
    this.#held = held;
    this.#data.rebase(held.record.data, flushed);
  }

  #adoptNew(held: Held, flushed: Pending): void {
    this.#isLocked = false;
    this.#adopt(held, flushed);
    this.#carry(held.token);
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
    const stored = held?.record.data ?? new Map();
    return new RequestData(this.#core.policy, stored, (key) => {
      const at = this.#core.policy.clock.now();
      this.#core.raise({ type: 'data_rejected', at, ...(held && { sessionId: held.record.id }), key });
    });
  }

  #assertOpen(): void {
    if (this.#isClosed) throw headersSent();
    if (this.#isUnavailable) throw unavailable();
  }

  #assertWritable(): void {
    this.#assertOpen();
    if (this.#isLocked) throw reauthenticationRequired();
  }

  #exclusively<T>(operation: () => Promise<T>): Promise<T> {
    this.#running++;
    const result = this.#last.then(operation).finally(() => this.#running--);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
