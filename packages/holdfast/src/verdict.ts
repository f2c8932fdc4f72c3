/**
 * What a presented token is worth. One pure function; all of its cases stand in the table of its test.
 *
 * The hash is judged first, so that whoever knows only an id learns nothing and causes nothing; then whether the
 * session has ended, then whether it has expired, then the rest.
 */
import { sameClient } from './client.ts';
import { equalConstantTime } from './platform.ts';
import { type Client, type EndReason, idleExpiresAt, type SessionRecord } from './record.ts';
import type { TokenHashes } from './token.ts';

export interface VerdictPolicy {
  /** How long after its successor was first presented a secret still counts as "on its way". */
  readonly grace: number;
  /** How far the clocks of two servers may differ; an expired record is ended only this much later. */
  readonly clockSkew: number;
  readonly onIdle: 'end' | 'lock';
  readonly renewAfter: number;
  readonly touchInterval: number;
}

export interface Presentation {
  readonly hashes: TokenHashes;
  readonly client: Client;
  /** A poll or a countdown: no sign that someone is there. */
  readonly passive: boolean;
}

/** What an authenticated request owes the record: carried out with its commit. */
export interface Due {
  /** The renewed secret was presented for the first time: its salt is to be erased. */
  readonly confirm: boolean;
  /** `lastSeenAt` is older than the touch interval. */
  readonly touch: boolean;
  /** The secret was made, and last offered, `renewAfter` ago or longer. */
  readonly renew: boolean;
}

export type Verdict =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'ended'; readonly reason: EndReason }
  | { readonly kind: 'expired'; readonly reason: 'idle_timeout' | 'absolute_timeout'; readonly end: boolean }
  | { readonly kind: 'locked' }
  | { readonly kind: 'valid'; readonly due: Due }
  | { readonly kind: 'pending'; readonly due: Due }
  | { readonly kind: 'superseded'; readonly due: Due }
  | { readonly kind: 'reused'; readonly end: boolean };

export function verdict(
  record: SessionRecord | undefined,
  presented: Presentation,
  policy: VerdictPolicy,
  now: number,
): Verdict {
  if (record === undefined) return { kind: 'unknown' };
  const current = equalConstantTime(record.secretHash, presented.hashes.secretHash);
  if (!current && !equalConstantTime(record.lineageHash, presented.hashes.lineageHash))
    return { kind: 'unknown' };
  if (record.ended) return { kind: 'ended', reason: record.ended.reason };

  const absoluteDeadline = record.absoluteExpiresAt;
  if (now >= absoluteDeadline) {
    return { kind: 'expired', reason: 'absolute_timeout', end: now >= absoluteDeadline + policy.clockSkew };
  }
  const idleDeadline = idleExpiresAt(record);
  const idle = now >= idleDeadline;
  if (idle && policy.onIdle === 'end') {
    return { kind: 'expired', reason: 'idle_timeout', end: now >= idleDeadline + policy.clockSkew };
  }

  const kind = current ? 'valid' : judgeRetired(record, presented, policy, now);
  if (kind === 'reused') return { kind, end: !sameClient(record.client, presented.client) };
  if (idle) return { kind: 'locked' };
  return { kind, due: dueOf(kind, record, presented.passive, policy, now) };
}

/** A secret of this lineage that is not the current one. */
function judgeRetired(
  record: SessionRecord,
  presented: Presentation,
  policy: VerdictPolicy,
  now: number,
): 'pending' | 'superseded' | 'reused' {
  const isPrevious =
    record.previousHash !== undefined && equalConstantTime(record.previousHash, presented.hashes.secretHash);
  if (!isPrevious) return 'reused';
  if (record.renewalSalt !== undefined) {
    return sameClient(record.client, presented.client) ? 'pending' : 'reused';
  }
  const onItsWay = record.confirmedAt !== undefined && now - record.confirmedAt <= policy.grace;
  return onItsWay ? 'superseded' : 'reused';
}

function dueOf(
  kind: 'valid' | 'pending' | 'superseded',
  record: SessionRecord,
  passive: boolean,
  policy: VerdictPolicy,
  now: number,
): Due {
  const isCurrent = kind === 'valid';
  const isOld = now - record.renewedAt >= policy.renewAfter;
  return {
    confirm: isCurrent && record.renewalSalt !== undefined,
    touch: !passive && now - record.lastSeenAt >= policy.touchInterval,
    renew: isCurrent && !passive && record.userId !== undefined && isOld,
  };
}
