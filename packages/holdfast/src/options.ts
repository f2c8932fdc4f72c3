/** The options of `createSessions`, resolved once into a policy of plain values. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Clock, systemClock } from './clock.ts';
import { type CookieDescriptor, type CookieOptions, describeCookie } from './cookie.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { type EventListener, warnOnConsole } from './events.ts';
import { type GuardPolicy, resolveGuard, type StoreGuardOptions } from './guard/options.ts';
import { type Random, systemRandom } from './platform.ts';
import type { SessionStore } from './store.ts';
import type { VerdictPolicy } from './verdict.ts';

/** A synchronous Standard Schema for each top-level key of the session's data. */
export type DataSchemas = Readonly<Record<string, StandardSchemaV1>>;

/** The reauthentication limits of NIST SP 800-63B-4 §2: overall and idle. */
const PRESETS: Readonly<Record<Preset, { absoluteTimeout: Duration; idleTimeout: Duration }>> = {
  aal1: { absoluteTimeout: '30d', idleTimeout: '30d' },
  aal2: { absoluteTimeout: '24h', idleTimeout: '1h' },
  aal3: { absoluteTimeout: '12h', idleTimeout: '15m' },
};

export type Preset = 'aal1' | 'aal2' | 'aal3';

export interface SessionOptions<Schemas extends DataSchemas = DataSchemas> {
  /** Where the records are kept: `memoryStore()`, `sqliteStore(database)` or your own. */
  readonly store: SessionStore;
  /**
   * What happens when the store is slow or fails: a deadline of 1 second for each call, a second attempt where that is harmless, and
   * after 5 failures in a row a pause of 1 second in which calls fail at once.
   */
  readonly storeGuard?: StoreGuardOptions;
  /**
   * The limits of an authenticator assurance level (NIST SP 800-63B-4): `aal1` 30 days, `aal2` 24 hours and 1 hour
   * idle, `aal3` 12 hours and 15 minutes idle. A timeout given beside it may be shorter, not longer. Default: none.
   */
  readonly preset?: Preset;
  /**
   * How long a session lives without a request. Default 30 minutes. Enforced on the server from the record
   * (ASVS 7.3.1); a request moves it at most once per touch interval, so that a session may end by that much
   * earlier than its last request would allow, never later.
   */
  readonly idleTimeout?: Duration;
  /** How long a session lives at most, whatever happens in it. Default 8 hours (ASVS 7.3.2). Moved only by sign-in and re-authentication. */
  readonly absoluteTimeout?: Duration;
  /** How old a signed-in session's secret may grow before it is renewed. Default 15 minutes. */
  readonly renewAfter?: Duration;
  /** How long after its successor was first seen a renewed secret is still accepted. Default 60 seconds; longer than `clockSkew`. */
  readonly grace?: Duration;
  /** How often `lastSeenAt` is written, at most. Default a tenth of the idle timeout, at most 60 seconds. */
  readonly touchInterval?: Duration;
  /** How far the clocks of two servers may differ. Default 10 seconds. */
  readonly clockSkew?: Duration;
  /** How long the tombstone of an ended session is kept, at most. Default 1 day; never beyond the session's absolute deadline. */
  readonly tombstoneFor?: Duration;
  /** What idleness does: `end` the session, or `lock` it until its user re-authenticates. Default `end`. */
  readonly onIdle?: 'end' | 'lock';
  /** How many sessions a user may have; a sign-in beyond it ends the oldest (ASVS 7.1.2). Default: no limit. */
  readonly maxSessionsPerUser?: number;
  /** The levels of authentication your application knows, weakest first. Default `['aal1', 'aal2', 'aal3']`. */
  readonly levels?: readonly string[];
  /** The session cookie. Default `__Host-session; Path=/; HttpOnly; Secure; SameSite=Lax`. */
  readonly cookie?: CookieOptions;
  /** The type of the session's data, by key. A schema must accept its own output, which is what it sees on the next read. Default: any key, any JSON value. */
  readonly data?: Schemas;
  /** The version of `data`, a whole number; raise it when a shape changes. Default 1. */
  readonly dataVersion?: number;
  /** Turns a value that was stored under an earlier `dataVersion` into today's shape. */
  readonly migrate?: (key: string, value: unknown, fromVersion: number) => unknown;
  /** Whether signing out sends `Clear-Site-Data: "cache", "storage"` (ASVS 14.3.1). Default true. */
  readonly clearSiteData?: boolean;
  /** Receives every event. Default: warnings go to the console. */
  readonly onEvent?: EventListener;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: the runtime's cryptographic random source. For tests only: a predictable one gives every session away. */
  readonly unsafeRandom?: Random;
}

export interface Policy extends VerdictPolicy {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly tombstoneFor: number;
  readonly guard: GuardPolicy;
  readonly maxSessionsPerUser: number | undefined;
  readonly levels: readonly string[];
  readonly cookie: CookieDescriptor;
  readonly clearSiteData: boolean;
  readonly schemas: DataSchemas | undefined;
  readonly schemaVersion: number;
  readonly migrate: ((key: string, value: unknown, fromVersion: number) => unknown) | undefined;
  /** Freezing costs; while developing it shows who changes a value and expects it to be kept. */
  readonly freezesValues: boolean;
  readonly listener: EventListener;
  readonly clock: Clock;
  readonly random: Random;
}

const MINUTE = 60_000;

/** @throws TypeError that names the option and what to write instead. */
export function resolveOptions(options: SessionOptions): Policy {
  const { store, preset, levels = ['aal1', 'aal2', 'aal3'], maxSessionsPerUser, dataVersion = 1 } = options;
  if (typeof store?.apply !== 'function') {
    throw new TypeError(
      "store: missing; write store: memoryStore() from 'holdfast/stores/memory', or another store",
    );
  }
  if (preset !== undefined && !Object.hasOwn(PRESETS, preset)) {
    throw new TypeError(`preset: ${JSON.stringify(preset)} is unknown; write 'aal1', 'aal2' or 'aal3'`);
  }
  const limits = preset && PRESETS[preset];
  const absoluteTimeout = limited(
    'absoluteTimeout',
    options.absoluteTimeout,
    limits?.absoluteTimeout,
    '8h',
    preset,
  );
  const longestIdle = limited('idleTimeout', options.idleTimeout, limits?.idleTimeout, '30m', preset);
  const idleTimeout =
    options.idleTimeout === undefined ? Math.min(longestIdle, absoluteTimeout) : longestIdle;
  const duration = (name: keyof SessionOptions & string, fallback: number): number => {
    const value = options[name] as Duration | undefined;
    return value === undefined ? fallback : toMilliseconds(value, name);
  };
  const policy: Policy = {
    idleTimeout,
    absoluteTimeout,
    renewAfter: duration('renewAfter', 15 * MINUTE),
    grace: duration('grace', MINUTE),
    touchInterval: duration('touchInterval', Math.min(Math.floor(idleTimeout / 10), MINUTE)),
    clockSkew: duration('clockSkew', Math.min(10_000, duration('grace', MINUTE) / 2)),
    tombstoneFor: duration('tombstoneFor', 24 * 60 * MINUTE),
    onIdle: options.onIdle ?? 'end',
    guard: resolveGuard(options.storeGuard),
    maxSessionsPerUser,
    levels,
    cookie: describeCookie(options.cookie),
    clearSiteData: options.clearSiteData ?? true,
    schemas: options.data,
    schemaVersion: dataVersion,
    migrate: options.migrate,
    freezesValues: !isProduction(),
    listener: options.onEvent ?? warnOnConsole,
    clock: options.clock ?? systemClock,
    random: options.unsafeRandom ?? systemRandom,
  };
  check(policy);
  return policy;
}

/** Asked once: to look into the environment takes longer than to read a value. */
function isProduction(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.['NODE_ENV'] === 'production';
}

function limited(
  name: 'idleTimeout' | 'absoluteTimeout',
  given: Duration | undefined,
  limit: Duration | undefined,
  fallback: Duration,
  preset: string | undefined,
): number {
  const value = toMilliseconds(given ?? limit ?? fallback, name);
  if (value === 0)
    throw new TypeError(`${name}: a session that lives for no time; write for example '${fallback}'`);
  if (limit !== undefined && value > toMilliseconds(limit, name)) {
    throw new TypeError(
      `${name}: longer than the ${limit} that the preset ${preset} allows; shorten it or drop the preset`,
    );
  }
  return value;
}

function check(policy: Policy): void {
  if (policy.idleTimeout > policy.absoluteTimeout) {
    throw new TypeError(
      'idleTimeout: longer than absoluteTimeout, so that it could never end a session; shorten it',
    );
  }
  if (policy.touchInterval >= policy.idleTimeout) {
    throw new TypeError(
      'touchInterval: must be shorter than idleTimeout, or active sessions would end as idle',
    );
  }
  if (policy.clockSkew > 0 && policy.grace <= policy.clockSkew) {
    throw new TypeError(
      'grace: must exceed clockSkew, or a request that was on its way to another server would be refused',
    );
  }
  if (policy.onIdle !== 'end' && policy.onIdle !== 'lock') {
    throw new TypeError("onIdle: write 'end' or 'lock'");
  }
  const max = policy.maxSessionsPerUser;
  if (max !== undefined && !(Number.isInteger(max) && max > 0)) {
    throw new TypeError('maxSessionsPerUser: write a whole number from 1, or leave it out for no limit');
  }
  if (!(Number.isInteger(policy.schemaVersion) && policy.schemaVersion > 0)) {
    throw new TypeError('dataVersion: write a whole number from 1');
  }
  if (policy.levels.length === 0 || new Set(policy.levels).size !== policy.levels.length) {
    throw new TypeError('levels: write each level once, the weakest first');
  }
  for (const [key, schema] of Object.entries(policy.schemas ?? {})) {
    if (typeof schema?.['~standard']?.validate !== 'function') {
      throw new TypeError(
        `data.${key}: not a Standard Schema; write one with zod, valibot, arktype or by hand`,
      );
    }
  }
}
