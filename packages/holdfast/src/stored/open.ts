/** Reads and judges the cookie of a request. */
import type { Update } from '../change.ts';
import { readCookie } from '../cookie.ts';
import { StoreUnavailableError } from '../errors.ts';
import type { RejectionReason } from '../events.ts';
import type { Client, SessionRecord } from '../record.ts';
import type { OpenOptions } from '../request.ts';
import { hashLineage, hashSecret, parseToken } from '../token.ts';
import { type Verdict, verdict } from '../verdict.ts';
import { type Core, type Held, NOTHING_DUE, subject } from './core.ts';
import { endRecord } from './end.ts';

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

export async function openStored(
  core: Core,
  cookieHeader: string | null | undefined,
  client: Client,
  options: OpenOptions,
): Promise<Opened> {
  if (!cookieHeader) return NONE;
  const values = readCookie(cookieHeader, core.policy.cookie.name);
  const [value] = values;
  if (value === undefined) return NONE;
  if (values.length > 1) return malformed(core, 'duplicate', client);
  const token = parseToken(value);
  if (!token) return malformed(core, 'malformed', client);
  try {
    const secretHash = await hashSecret(token);
    const presented = { token, secretHash };
    const record = await core.store.read(token.id);
    let judged = await judge(core, presented, client, options, record);
    if (record && core.store.readFresh && !isEnoughFromCache(judged)) {
      const fresh = await core.store.readFresh(token.id, record);
      if (fresh !== record) judged = await judge(core, presented, client, options, fresh);
    }
    return await follow(core, judged, presented, client);
  } catch (error) {
    if (error instanceof StoreUnavailableError && options.onStoreFailure === 'anonymous')
      return { kind: 'unavailable' };
    throw error;
  }
}

/** What a cache remembers may be enough to accept a current secret; to refuse one, or to renew it, it is not. */
function isEnoughFromCache(judged: Verdict): boolean {
  return judged.kind === 'valid' && !judged.due.renew;
}

function malformed(core: Core, reason: 'malformed' | 'duplicate', client: Client): Opened {
  core.raise({ type: 'malformed', at: core.policy.clock.now(), client, reason });
  return { kind: 'none', rejected: reason };
}

type Presented = Pick<Held, 'token' | 'secretHash'>;

type Judged = Verdict & { readonly record: SessionRecord | undefined; readonly at: number };

async function judge(
  core: Core,
  { token, secretHash }: Presented,
  client: Client,
  options: OpenOptions,
  record: SessionRecord | undefined,
): Promise<Judged> {
  const at = core.policy.clock.now();
  // The hash of a secret covers its lineage, so that the lineage needs a look only where the secret is not the current one.
  const isCurrent = record?.secretHash === secretHash;
  const hashes = { secretHash, lineageHash: isCurrent ? record.lineageHash : await hashLineage(token) };
  const presented = { hashes, client, passive: options.passive ?? false };
  return { ...verdict(record, presented, core.policy, at), record, at };
}

async function follow(core: Core, judged: Judged, presented: Presented, client: Client): Promise<Opened> {
  const { record, at } = judged;
  if (record === undefined || judged.kind === 'unknown') {
    core.raise({ type: 'guessed', at, sessionId: presented.token.id, client, reason: 'unknown' });
    return { kind: 'none', rejected: 'unknown', mayHoldBetter: record !== undefined && !record.ended };
  }
  switch (judged.kind) {
    case 'valid':
    case 'superseded':
    case 'pending': {
      const held = { ...presented, record, due: judged.due, isPending: judged.kind === 'pending' };
      return { kind: 'held', held, isLocked: false };
    }
    case 'locked':
      return {
        kind: 'held',
        held: { ...presented, record, due: NOTHING_DUE, isPending: false },
        isLocked: true,
      };
    case 'ended':
      core.raise({ type: 'used_after_end', at, ...subject(record, client), reason: judged.reason });
      return { kind: 'none', rejected: judged.reason };
    case 'expired':
      core.raise({ type: 'used_after_end', at, ...subject(record, client), reason: judged.reason });
      if (judged.end) await endRecord(core, record, judged.reason, { lastSeenAt: record.lastSeenAt });
      return { kind: 'none', rejected: judged.reason };
    case 'reused':
      core.raise({ type: 'reused', at, ...subject(record, client) });
      await (judged.end
        ? endRecord(core, record, 'reused', { epoch: record.epoch })
        : countIncident(core, record, at));
      return {
        kind: 'none',
        rejected: 'reused',
        mayHoldBetter: !judged.end,
        ...(!judged.end && { overtaken: record }),
      };
  }
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
