/** Reads and judges the cookie of a request. */
import { isThenable, type MaybePromise } from '../at-once.ts';
import type { Update } from '../change.ts';
import { readCookie } from '../cookie.ts';
import { StoreUnavailableError } from '../errors.ts';
import type { RejectionReason } from '../events.ts';
import type { Client, SessionRecord } from '../record.ts';
import { hashLineage, hashPresented, parseToken, type Token } from '../token.ts';
import { type Verdict, verdict } from '../verdict.ts';
import { type Core, type Held, NOTHING_DUE, subject } from './core.ts';
import { endRecord } from './end.ts';
import type { Origin } from './origin.ts';

export type Opened =
  | {
      readonly kind: 'none';
      readonly rejected?: RejectionReason;
      /** The cookie is of a session that lives under another secret: the browser may hold that by now. */
      readonly mayHoldBetter?: boolean;
      /** The living session whose retired secret was presented: somebody else may hold its current one. */
      readonly overtaken?: Pick<SessionRecord, 'id' | 'userId'>;
    }
  | { readonly kind: 'held'; readonly held: Held; readonly isLocked: boolean }
  | { readonly kind: 'unavailable' };

const NONE: Opened = { kind: 'none' };

/** The third refused reuse since the last confirmed renewal ends a session, wherever it came from. */
const INCIDENT_LIMIT = 3;

/** At once where the store answers so, and nothing has to be changed. */
export function openStored(core: Core, origin: Origin): MaybePromise<Opened> {
  const cookieHeader = origin.request.headers.get('cookie');
  if (!cookieHeader) return NONE;
  const values = readCookie(cookieHeader, core.policy.cookie.name);
  const [value] = values;
  if (value === undefined) return NONE;
  if (values.length > 1) return malformed(core, 'duplicate', origin.client);
  const token = parseToken(value);
  if (!token) return malformed(core, 'malformed', origin.client);
  const opened = openToken(core, token, hashPresented(value), origin);
  return origin.doesWithoutStore && isThenable(opened) ? opened.catch(unavailable) : opened;
}

function unavailable(error: unknown): Opened {
  if (error instanceof StoreUnavailableError) return { kind: 'unavailable' };
  throw error;
}

// Step by step, and no closure where nothing is waited for: every request with a session comes by here.

function openToken(
  core: Core,
  token: Token,
  secretHash: MaybePromise<string>,
  origin: Origin,
): MaybePromise<Opened> {
  return isThenable(secretHash)
    ? secretHash.then((late) => openHashed(core, { token, secretHash: late }, origin))
    : openHashed(core, { token, secretHash }, origin);
}

function openHashed(core: Core, presented: Presented, origin: Origin): MaybePromise<Opened> {
  const record = core.store.read(presented.token.id);
  return isThenable(record)
    ? record.then((late) => openRecord(core, presented, origin, late, core.policy.clock.now()))
    : openRecord(core, presented, origin, record, origin.at);
}

function openRecord(
  core: Core,
  presented: Presented,
  origin: Origin,
  record: SessionRecord | undefined,
  at: number,
): MaybePromise<Opened> {
  const judged = judge(core, presented, origin, record, at);
  return isThenable(judged)
    ? judged.then((late) => openJudged(core, presented, origin, late))
    : openJudged(core, presented, origin, judged);
}

function openJudged(core: Core, presented: Presented, origin: Origin, judged: Judged): MaybePromise<Opened> {
  return judged.record && core.store.readFresh && !isEnoughFromCache(judged)
    ? openAfresh(core, presented, origin, judged.record, judged)
    : follow(core, judged, presented, origin);
}

async function openAfresh(
  core: Core,
  presented: Presented,
  origin: Origin,
  record: SessionRecord,
  judged: Judged,
): Promise<Opened> {
  const fresh = await core.store.readFresh?.(record.id, record);
  const is = fresh === record ? judged : await judge(core, presented, origin, fresh, core.policy.clock.now());
  return follow(core, is, presented, origin);
}

/** What a cache remembers may be enough to accept a current secret; to refuse one, or to renew it, it is not. */
function isEnoughFromCache({ is }: Judged): boolean {
  return is.kind === 'valid' && !is.due.renew;
}

function malformed(core: Core, reason: 'malformed' | 'duplicate', client: Client): Opened {
  core.raise({ type: 'malformed', at: core.policy.clock.now(), client, reason });
  return { kind: 'none', rejected: reason };
}

type Presented = Pick<Held, 'token' | 'secretHash'>;

interface Judged {
  readonly is: Verdict;
  readonly record: SessionRecord | undefined;
  readonly at: number;
}

/** At once where the secret is the current one: its hash covers the lineage, and who presents it makes no difference. */
function judge(
  { policy }: Core,
  { token, secretHash }: Presented,
  origin: Origin,
  record: SessionRecord | undefined,
  at: number,
): MaybePromise<Judged> {
  if (record?.secretHash !== secretHash) return judgeOther(policy, token, secretHash, origin, record, at);
  const { lineageHash, client } = record;
  const presented = { hashes: { lineageHash, secretHash }, client, passive: origin.isPassive };
  return { is: verdict(record, presented, policy, at), record, at };
}

async function judgeOther(
  policy: Core['policy'],
  token: Token,
  secretHash: string,
  { client, isPassive: passive }: Origin,
  record: SessionRecord | undefined,
  at: number,
): Promise<Judged> {
  const hashes = { lineageHash: await hashLineage(token), secretHash };
  return { is: verdict(record, { hashes, client, passive }, policy, at), record, at };
}

function follow(
  core: Core,
  { is, record, at }: Judged,
  { token, secretHash }: Presented,
  origin: Origin,
): MaybePromise<Opened> {
  if (record === undefined || is.kind === 'unknown') {
    core.raise({ type: 'guessed', at, sessionId: token.id, client: origin.client, reason: 'unknown' });
    return { kind: 'none', rejected: 'unknown', mayHoldBetter: record !== undefined && !record.ended };
  }
  switch (is.kind) {
    case 'valid':
    case 'superseded':
    case 'pending': {
      const held = { token, secretHash, record, due: is.due, isPending: is.kind === 'pending' };
      return { kind: 'held', held, isLocked: false };
    }
    case 'locked': {
      const held = { token, secretHash, record, due: NOTHING_DUE, isPending: false };
      return { kind: 'held', held, isLocked: true };
    }
    case 'ended':
      core.raise({ type: 'used_after_end', at, ...subject(record, origin.client), reason: is.reason });
      return { kind: 'none', rejected: is.reason };
    case 'expired':
      core.raise({ type: 'used_after_end', at, ...subject(record, origin.client), reason: is.reason });
      return expire(core, record, is);
    case 'reused':
      core.raise({ type: 'reused', at, ...subject(record, origin.client) });
      return refuseReuse(core, record, is.end, at);
  }
}

async function expire(
  core: Core,
  record: SessionRecord,
  { end, reason }: Extract<Verdict, { kind: 'expired' }>,
): Promise<Opened> {
  if (end) await endRecord(core, record, reason, { lastSeenAt: record.lastSeenAt });
  return { kind: 'none', rejected: reason };
}

async function refuseReuse(core: Core, record: SessionRecord, end: boolean, at: number): Promise<Opened> {
  await (end ? endRecord(core, record, 'reused', { epoch: record.epoch }) : countIncident(core, record, at));
  return {
    kind: 'none',
    rejected: 'reused',
    mayHoldBetter: !end,
    ...(!end && { overtaken: record }),
  };
}

/** Incidents within one grace of each other count once: a burst of late requests is one event in the user's life. */
async function countIncident(core: Core, record: SessionRecord, at: number): Promise<void> {
  const { grace: apart, tombstoneFor } = core.policy;
  const change: Update = {
    epoch: record.epoch,
    at,
    incident: { apart, limit: INCIDENT_LIMIT, tombstoneFor },
  };
  const { ended } = await core.store.apply(record.id, change);
  if (ended) core.raise({ type: 'ended', at, ...subject(record), reason: ended });
}
