/** Sign-in, re-authentication and elevation: what gives a session a new lineage. */
import { encodeBase64url } from '../base64url.ts';
import type { PrivilegeChange, Update } from '../change.ts';
import type { Pending } from '../data.ts';
import {
  type Authentication,
  type Client,
  type DataEntry,
  type SessionRecord,
  userIndex,
} from '../record.ts';
import { StoreUnavailableError } from '../errors.ts';
import type { AuthenticationDetails, SignInDetails } from '../session.ts';
import { hashToken, mintToken, type Token } from '../token.ts';
import { afterChange, type Core, type Held, holding, subject } from './core.ts';
import { endRecord } from './end.ts';
import { sessionChanged } from './faults.ts';
import { isAtLeast, levelOf } from './level.ts';

const MOST_AUTHENTICATIONS = 8;

/** A record that has just begun, with the data of `pending`. */
export async function beginRecord(
  core: Core,
  token: Token,
  client: Client,
  set: Pending['set'],
): Promise<SessionRecord> {
  const { clock, random, idleTimeout, absoluteTimeout } = core.policy;
  const now = clock.now();
  const data = new Map<string, DataEntry>();
  for (const [key, entry] of set ?? []) data.set(key, { ...entry, version: 1 });
  return {
    id: token.id,
    ...(await hashToken(token)),
    renewedAt: now,
    renewals: 0,
    reuse: { incidents: 0 },
    epoch: 0,
    authentications: [],
    createdAt: now,
    lastSeenAt: now,
    idleTimeout,
    absoluteExpiresAt: now + absoluteTimeout,
    client,
    data,
    dataVersion: data.size > 0 ? 1 : 0,
    persistent: false,
    csrfSeed: encodeBase64url(random(32)),
    indexes: [],
    system: new Map(),
  };
}

/** An anonymous session, because a request without one has something to keep. */
export async function createSession(core: Core, client: Client, pending: Pending): Promise<Held> {
  const token = mintToken(core.policy.random);
  const record = await beginRecord(core, token, client, pending.set);
  await core.store.insert(record);
  core.raise({ type: 'created', at: record.createdAt, ...subject(record, client) });
  return holding(token, record);
}

/**
 * Signs a user in: admits the session to the user's index, changes the held record or inserts a new one, and looks
 * whether the index was revoked meanwhile. Whatever crashes between two steps leaves nothing live that is not listed.
 *
 * @param held an anonymous session, or one of the same user
 */
export async function signIn(
  core: Core,
  held: Held | undefined,
  client: Client,
  details: SignInDetails,
  pending: Pending,
): Promise<Held> {
  const index = userIndex(details.userId);
  const token = mintToken(core.policy.random, held?.token.id);
  const epoch = await admit(core, index, token.id, details.userEpoch);
  const within = held && (await signInWithin(core, held, token, client, details, pending));
  const signedIn = typeof within === 'object' ? within : await signInApart();
  await confirmAdmission(core, index, signedIn.record, epoch).catch((error: unknown) =>
    abandon(core, signedIn.record, error),
  );
  core.raise({ type: 'signed_in', at: signedIn.record.renewedAt, ...subject(signedIn.record, client) });
  return signedIn;

  /** There is no session yet; or another request was quicker, and has ended it, or signed in with it. */
  async function signInApart(): Promise<Held> {
    if (within === undefined) return signInAnew(core, token, client, details, pending);
    const own = mintToken(core.policy.random);
    // Under the epoch of the first admission: what ended the session may have been meant for this sign-in too.
    await admit(core, index, own.id, epoch);
    const inherited = held && within === 'stale' ? inherit(held.record, details, pending) : pending;
    return signInAnew(core, own, client, details, inherited);
  }
}

/**
 * Enters the id into the user's index. Returns the epoch of the index.
 *
 * @throws `session_changed` when it is not `expected`: all sessions were revoked since the caller looked.
 */
async function admit(core: Core, index: string, id: string, expected: number | undefined): Promise<number> {
  const { epoch } = await core.store.admit(index, id, core.policy.clock.now());
  if (expected !== undefined && epoch !== expected) throw sessionChanged('gone');
  return epoch;
}

/**
 * The last step of a sign-in, when its record is in the store: it stands only if nobody revoked the user's sessions since
 * it was admitted, and it ends those over the limit. Of several sign-ins at once, the last to come here sees them all.
 *
 * @throws `session_changed` when this sign-in is the one that has to go.
 */
async function confirmAdmission(
  core: Core,
  index: string,
  record: SessionRecord,
  epoch: number,
): Promise<void> {
  const { maxSessionsPerUser: limit } = core.policy;
  const now =
    limit === undefined
      ? { epoch: await core.store.epochOf(index), displaced: [] }
      : await core.store.admit(index, record.id, record.renewedAt, limit);
  if (now.epoch !== epoch) {
    await endRecord(core, record, 'revoked');
    throw sessionChanged('gone');
  }
  for (const id of now.displaced) {
    await endRecord(core, { id, ...(record.userId !== undefined && { userId: record.userId }) }, 'limit', {
      index,
    });
  }
  if (now.displaced.includes(record.id)) throw sessionChanged('gone');
}

/** A sign-in that fails now sends no cookie: as far as the store still listens, nothing is left that nobody holds. */
async function abandon(core: Core, record: SessionRecord, error: unknown): Promise<never> {
  if (error instanceof StoreUnavailableError) await endRecord(core, record, 'revoked').catch(() => undefined);
  throw error;
}

async function signInWithin(
  core: Core,
  held: Held,
  token: Token,
  client: Client,
  details: SignInDetails,
  pending: Pending,
): Promise<Held | 'gone' | 'stale'> {
  const at = core.policy.clock.now();
  const { userId, persistent = false, keep, drop = [] } = details;
  const privilege: PrivilegeChange = {
    ...(await newLineage(core, token, at, labelled(client, details))),
    authentications: [authentication(details, at)],
    userId,
    indexes: [userIndex(userId)],
    persistent,
    idleTimeout: core.policy.idleTimeout,
    absoluteExpiresAt: at + core.policy.absoluteTimeout,
    // What this request has just written was written by today's code for this sign-in: it stays.
    ...(keep && { keep: [...keep, ...(pending.set?.keys() ?? [])] }),
  };
  const remove = [...drop.filter((key) => !pending.set?.has(key)), ...(pending.remove ?? [])];
  const change: Update = { epoch: held.record.epoch, at, ...pending, remove, privilege };
  const { status, dataVersion } = await core.store.apply(held.record.id, change);
  if (status === 'applied') return holding(token, afterChange(held.record, change, dataVersion));
  return status === 'stale' ? 'stale' : 'gone';
}

async function signInAnew(
  core: Core,
  token: Token,
  client: Client,
  details: SignInDetails,
  pending: Pending,
): Promise<Held> {
  const { userId, persistent = false } = details;
  const begun = await beginRecord(core, token, labelled(client, details), pending.set);
  const record: SessionRecord = {
    ...begun,
    userId,
    persistent,
    authentications: [authentication(details, begun.createdAt)],
    indexes: [userIndex(userId)],
  };
  await core.store.insert(record);
  core.raise({ type: 'created', at: record.createdAt, ...subject(record, client) });
  return holding(token, record);
}

/** The data of a session that another request has just signed in with: this request holds it as rightfully. */
function inherit(record: SessionRecord, details: SignInDetails, pending: Pending): Pending {
  const { keep, drop = [] } = details;
  const set = new Map<string, Pick<DataEntry, 'value' | 'schemaVersion'>>();
  for (const [key, { value, schemaVersion }] of record.data) {
    const survives =
      (keep ? keep.includes(key) : true) && !drop.includes(key) && !pending.remove?.includes(key);
    if (survives) set.set(key, { value, schemaVersion });
  }
  for (const [key, entry] of pending.set ?? []) set.set(key, entry);
  return { set };
}

/** @throws `session_changed` when the session has ended or its privileges have changed since it was opened. */
export async function reauthenticate(
  core: Core,
  held: Held,
  client: Client,
  details: AuthenticationDetails,
  pending: Pending,
): Promise<Held> {
  const { clock, levels, absoluteTimeout } = core.policy;
  const at = clock.now();
  const { authentications } = held.record;
  const isStrongEnough = isAtLeast(levels, details.level, levelOf(levels, authentications));
  const next = await changePrivilege(core, held, client, pending, {
    authentications: remember(levels, authentications, authentication(details, at)),
    ...(isStrongEnough && { absoluteExpiresAt: at + absoluteTimeout }),
  });
  core.raise({ type: 'reauthenticated', at, ...subject(next.record, client) });
  return next;
}

/** @throws `session_changed` as `reauthenticate` does. */
export async function elevate(core: Core, held: Held, client: Client, pending: Pending): Promise<Held> {
  const next = await changePrivilege(core, held, client, pending, {});
  core.raise({ type: 'elevated', at: next.record.renewedAt, ...subject(next.record, client) });
  return next;
}

async function changePrivilege(
  core: Core,
  held: Held,
  client: Client,
  pending: Pending,
  more: Partial<PrivilegeChange>,
): Promise<Held> {
  const at = core.policy.clock.now();
  const token = mintToken(core.policy.random, held.token.id);
  const privilege = { ...(await newLineage(core, token, at, client)), ...more };
  const change: Update = { epoch: held.record.epoch, at, ...pending, privilege };
  const { status, dataVersion } = await core.store.apply(held.record.id, change);
  if (status !== 'applied') throw sessionChanged(status);
  return holding(token, afterChange(held.record, change, dataVersion));
}

async function newLineage(core: Core, token: Token, at: number, client: Client): Promise<PrivilegeChange> {
  return { ...(await hashToken(token)), csrfSeed: encodeBase64url(core.policy.random(32)), at, client };
}

function labelled(client: Client, { label }: SignInDetails): Client {
  return label === undefined ? client : { ...client, label };
}

function authentication({ methods = ['pwd'], level }: AuthenticationDetails, at: number): Authentication {
  return { at, methods, ...(level !== undefined && { level }) };
}

/** The list stays short; the newest stays in it, and what gave the session its level. */
function remember(
  levels: readonly string[],
  list: readonly Authentication[],
  newest: Authentication,
): readonly Authentication[] {
  const all = [...list, newest];
  if (all.length <= MOST_AUTHENTICATIONS) return all;
  const strongest = levelOf(levels, all);
  const weaker = list.findIndex(({ level }) => level !== strongest);
  return all.toSpliced(Math.max(weaker, 0), 1);
}
