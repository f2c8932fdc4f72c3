/** What a request handler sees of a session. */
import type { JsonValue } from './data.ts';
import type { RejectionReason } from './events.ts';
import type { Authentication, Client } from './record.ts';

/**
 * - `anonymous`: nobody is signed in; there may be a session or none yet.
 * - `authenticated`: `userId` is signed in.
 * - `locked`: the session has been idle too long and waits for its user to re-authenticate (`onIdle: 'lock'`).
 * - `unavailable`: the store did not answer, and the request was opened with `onStoreFailure: 'anonymous'`.
 */
export type SessionState = 'anonymous' | 'authenticated' | 'locked' | 'unavailable';

/** A value that may be looked at, all the way down, and not changed: changing it would change nothing in the session. */
export type DeepReadonly<T> = [JsonValue] extends [T] ? T : ReadonlyParts<T>;

type ReadonlyParts<T> = T extends string | number | boolean | bigint | symbol | null | undefined
  ? T
  : T extends (...args: never[]) => unknown
    ? T
    : { readonly [Key in keyof T]: DeepReadonly<T[Key]> };

/** A session as its user or an administrator may see it. Instants are milliseconds since the Unix epoch. */
export interface SessionInfo {
  /** Finds the session, for `revoke`. Not a secret. */
  readonly id: string;
  readonly userId?: string;
  readonly createdAt: number;
  /** Up to one touch interval behind. */
  readonly lastSeenAt: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly authentications: readonly Authentication[];
  /** The strongest level among the authentications. */
  readonly level?: string;
  /** Address and browser as of the last sign-in, re-authentication or renewal. */
  readonly client: Client;
  readonly persistent: boolean;
  /** How often the secret has changed. */
  readonly renewals: number;
}

export interface AuthenticationDetails {
  /** How the user proved who they are, as `amr` values (RFC 8176). Default `['pwd']`. */
  readonly methods?: readonly string[];
  /** How strongly, as one of the `levels` option. Default: none, weaker than every level. */
  readonly level?: string;
}

export interface SignInDetails<Key extends string = string> extends AuthenticationDetails {
  /** Whom you have authenticated. A string of 1 to 256 characters that is never given to someone else. */
  readonly userId: string;
  /** Whether the cookie outlives the browser. Default false (NIST SP 800-63B-4 §5.1). The timeouts are the same. */
  readonly persistent?: boolean;
  /** A name for this device, shown in lists. At most 128 characters. */
  readonly label?: string;
  /** The only data keys that survive the sign-in. Default: all. */
  readonly keep?: readonly Key[];
  /** Data keys that do not survive the sign-in, such as what an attacker could have planted. Default: none. */
  readonly drop?: readonly Key[];
  /**
   * What `sessions.userEpoch(userId)` returned before you checked the password. With it, a sign-in that raced a
   * password change (or anything else that revoked all sessions) loses.
   */
  readonly userEpoch?: number;
}

/**
 * The session of one request.
 *
 * `get`, `set` and `delete` are synchronous. Writes are kept until the answer leaves, and dropped when the handler
 * fails before that; `commit()` stores them earlier. `update`, `signIn`, `reauthenticate`, `elevate` and `signOut`
 * store at once, with what was written before them, and stand whatever the handler does afterwards.
 *
 * Writing after the answer has left throws `headers_sent`. Writing into an `unavailable` session throws
 * `store_unavailable`, into a `locked` one `reauthentication_required`.
 */
export interface Session<Data extends object> {
  readonly state: SessionState;
  /** The signed-in user; `undefined` in every state but `authenticated`. */
  readonly userId: string | undefined;
  /** The session's id, for lists and logs; `undefined` while there is no session. */
  readonly id: string | undefined;
  readonly info: SessionInfo | undefined;
  /** Who may reopen a locked session. */
  readonly lockedUserId: string | undefined;
  /** Why the cookie that came with the request was not accepted. The request goes on as anonymous. */
  readonly rejected: RejectionReason | undefined;

  /**
   * The value of a key; `undefined` when absent, or when what is stored no longer fits (event `data_rejected`). Frozen,
   * but in production (`NODE_ENV`): to change it, `set` another.
   */
  get<Key extends keyof Data & string>(key: Key): DeepReadonly<Data[Key]> | undefined;
  /** The value of a key, which is removed: for messages that are shown once. Of two requests that take it, both may get it. */
  take<Key extends keyof Data & string>(key: Key): DeepReadonly<Data[Key]> | undefined;
  /**
   * Writes one key. Other keys, and what other requests write to them, stay; of two requests that set the same key,
   * the later commit wins. The first write creates the session, unless another site caused the request and it came
   * without a session cookie, or its cookie is an old one of a session that lives: a new cookie could overwrite a good one.
   * Then nothing is stored, and `creation_refused` is raised.
   *
   * @throws TypeError when the value does not fit its schema, RangeError when it is too large.
   */
  set<Key extends keyof Data & string>(key: Key, value: DeepReadonly<Data[Key]>): void;
  delete(key: keyof Data & string): void;
  /** Every key that has a value. */
  all(): { readonly [Key in keyof Data]?: DeepReadonly<Data[Key]> };

  /**
   * Replaces a key by a function of its newest value, and stores it: no concurrent `update` of the key is lost.
   *
   * Race: the key's version is compared; the loser reads again and calls `change` again, so let it have no effects.
   * Creates the session where `set` would.
   *
   * @throws `session_changed` when the session ended or its privileges changed meanwhile.
   */
  update<Key extends keyof Data & string>(
    key: Key,
    change: (value: DeepReadonly<Data[Key]> | undefined) => DeepReadonly<Data[Key]>,
  ): Promise<DeepReadonly<Data[Key]>>;

  /**
   * Signs a user in, after you have checked who they are: a new secret, the old one dead at once, the data kept
   * (ASVS 7.2.4). Signing in as somebody else ends the session and starts one without data.
   *
   * Race: a second sign-in from one form (a double click) gets a session of its own. A `revokeAll` for the user
   * that overlaps ends this session.
   *
   * @throws `session_changed` when it lost against `revokeAll`; then nobody is signed in.
   */
  signIn(details: SignInDetails<keyof Data & string>): Promise<void>;

  /**
   * The signed-in (or locked) user has proved again who they are: a new secret, the old one dead at once. At the
   * session's level or above it moves the absolute deadline too; below, only the idle one (NIST SP 800-63B-4 §5.2).
   *
   * @throws `reauthentication_required` when nobody is signed in, `session_changed` when the session ended meanwhile.
   */
  reauthenticate(details?: AuthenticationDetails): Promise<void>;

  /**
   * The session's privileges changed without an authentication (a role, a tenant): a new secret, the old one dead at
   * once, deadlines and data as they were (SM-16). Does nothing where there is no session yet.
   *
   * @throws `session_changed` when the session ended or changed meanwhile.
   */
  elevate(): Promise<void>;

  /**
   * Ends the session and deletes the cookie. When it has returned, no token of this session authenticates anywhere
   * (ASVS 7.4.1). Unsaved writes are dropped.
   *
   * Race: wins against every other change of the session.
   */
  signOut(): Promise<void>;

  /**
   * Stores what was written so far. Adapters do this before the answer leaves; call it to know the outcome earlier.
   *
   * @throws `session_changed` when the session ended or its privileges changed since the request came in: what was
   * written is dropped then, and the answer has to say so.
   */
  commit(): Promise<void>;
}
