/** The record: what a store keeps of a session. Instants and spans are milliseconds; instants end in `At`. */

/** One successful authentication of the session's user. */
export interface Authentication {
  readonly at: number;
  /** How, as `amr` values (RFC 8176): `pwd`, `otp`, `hwk` … */
  readonly methods: readonly string[];
  /** How strongly, as an `acr` value: by default `aal1`, `aal2` or `aal3`. */
  readonly level?: string;
}

/** Who presented the token: as of the last sign-in, re-authentication or renewal. */
export interface Client {
  readonly ip?: string;
  /** The User-Agent header, cut to 256 characters. */
  readonly userAgent?: string;
  /** A name the application gave this device at sign-in. */
  readonly label?: string;
}

/** One top-level key of the session's data. */
export interface DataEntry {
  /** JSON text. */
  readonly value: string;
  /** The record's `dataVersion` when this key was last written: what `update` compares. */
  readonly version: number;
  /** The version of the application's schema that wrote it: what `migrate` starts from. */
  readonly schemaVersion: number;
}

/** Why a session ended. */
export type EndReason =
  | 'signed_out'
  | 'revoked'
  | 'replaced'
  | 'reused'
  | 'limit'
  | 'idle_timeout'
  | 'absolute_timeout';

export interface Ended {
  readonly at: number;
  readonly reason: EndReason;
  /** Until when the tombstone is kept. */
  readonly forgetAt: number;
}

/** Requests refused because they presented a retired secret, since the last confirmed renewal. */
export interface Reuse {
  readonly incidents: number;
  readonly lastAt?: number;
}

export interface SessionRecord {
  readonly id: string;
  /** SHA-256 of the current lineage, base64url. */
  readonly lineageHash: string;
  /** SHA-256 of the current lineage and secret, base64url. */
  readonly secretHash: string;
  /** The hash that `secretHash` followed in the last periodic renewal. */
  readonly previousHash?: string;
  /** Kept from a periodic renewal until the new secret is first presented. */
  readonly renewalSalt?: string;
  /** When the secret was made, or was last offered again to a browser that presented the previous one. */
  readonly renewedAt: number;
  /** When the secret of the last periodic renewal was first presented. */
  readonly confirmedAt?: number;
  /** How often the secret has changed, periodically or by a privilege change. */
  readonly renewals: number;
  readonly reuse: Reuse;
  /** Rises at each privilege change; a request may only write under the epoch it was opened in. */
  readonly epoch: number;
  readonly userId?: string;
  readonly authentications: readonly Authentication[];
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly idleTimeout: number;
  readonly absoluteExpiresAt: number;
  readonly client: Client;
  readonly data: ReadonlyMap<string, DataEntry>;
  /** Rises with every change of data; each key is stamped with it. */
  readonly dataVersion: number;
  /** Whether the cookie outlives the browser ("keep me signed in"). */
  readonly persistent: boolean;
  /** 256 random bits, new at each privilege change, from which CSRF tokens are made. */
  readonly csrfSeed: string;
  /** `user:<id>` and the like: the indexes that name this session. */
  readonly indexes: readonly string[];
  /** JSON text per feature, changed and compared by key. */
  readonly system: ReadonlyMap<string, string>;
  /** Set once the session has ended: the record is a tombstone then, without data. */
  readonly ended?: Ended;
}

/** The index that lists a user's sessions. */
export function userIndex(userId: string): string {
  return `user:${userId}`;
}

/** When idleness ends the session, as far as this record knows. */
export function idleExpiresAt(record: SessionRecord): number {
  return record.lastSeenAt + record.idleTimeout;
}
