import { describe, expect, test } from 'vitest';
import type { Client, SessionRecord } from '../src/record.ts';
import { type Due, type Presentation, type Verdict, type VerdictPolicy, verdict } from '../src/verdict.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const FIREFOX: Client = {
  ip: '192.0.2.1',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};
const NEWER_FIREFOX: Client = {
  ...FIREFOX,
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0',
};
const ELSEWHERE: Client = { ...FIREFOX, ip: '2001:db8::99' };
const SAFARI: Client = {
  ...FIREFOX,
  userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15',
};
const NAMELESS: Client = { ip: '192.0.2.1' };

const hash = (name: string): string => name.padEnd(43, '.');

/** Every secret that can be presented, by what the record knows of it. */
const SECRETS = {
  current: { lineageHash: hash('lineage'), secretHash: hash('current') },
  'current of another lineage': { lineageHash: hash('other lineage'), secretHash: hash('current') },
  previous: { lineageHash: hash('lineage'), secretHash: hash('previous') },
  older: { lineageHash: hash('lineage'), secretHash: hash('older') },
  foreign: { lineageHash: hash('other lineage'), secretHash: hash('guess') },
  /** The hash of a secret covers its lineage, so that this one can not come from a token; it must not pass as retired. */
  'previous of another lineage': { lineageHash: hash('other lineage'), secretHash: hash('previous') },
};

const POLICY: VerdictPolicy = {
  grace: MINUTE,
  clockSkew: 10 * SECOND,
  onIdle: 'end',
  renewAfter: 15 * MINUTE,
  touchInterval: MINUTE,
};
const LOCKING: VerdictPolicy = { ...POLICY, onIdle: 'lock' };

/** Begun at 0, seen at 0, idle after 30 minutes, over after 8 hours; the secret is as old as the session. */
const ANONYMOUS: SessionRecord = {
  id: 'A'.repeat(22),
  lineageHash: SECRETS.current.lineageHash,
  secretHash: SECRETS.current.secretHash,
  renewedAt: 0,
  renewals: 0,
  reuse: { incidents: 0 },
  epoch: 0,
  authentications: [],
  createdAt: 0,
  lastSeenAt: 0,
  idleTimeout: 30 * MINUTE,
  absoluteExpiresAt: 8 * HOUR,
  client: FIREFOX,
  data: new Map(),
  dataVersion: 0,
  persistent: false,
  csrfSeed: hash('seed'),
  indexes: [],
  system: new Map(),
};
const FRESH: SessionRecord = { ...ANONYMOUS, userId: 'alice', indexes: ['user:alice'] };
/** Renewed at 20 minutes; the new secret has not been presented. */
const PENDING: SessionRecord = {
  ...FRESH,
  previousHash: SECRETS.previous.secretHash,
  renewalSalt: hash('salt'),
  renewedAt: 20 * MINUTE,
  lastSeenAt: 20 * MINUTE,
};
const { renewalSalt: _, ...settled } = PENDING;
/** The new secret was presented at 21 minutes. */
const CONFIRMED: SessionRecord = { ...settled, confirmedAt: 21 * MINUTE, lastSeenAt: 21 * MINUTE };
const BUSY: SessionRecord = { ...FRESH, lastSeenAt: 8 * HOUR - MINUTE, renewedAt: 8 * HOUR - MINUTE };
const REVOKED: SessionRecord = {
  ...CONFIRMED,
  ended: { at: 22 * MINUTE, reason: 'revoked', forgetAt: 8 * HOUR },
};

const NOTHING: Due = { confirm: false, touch: false, renew: false };
const valid = (due: Partial<Due> = {}): Verdict => ({ kind: 'valid', due: { ...NOTHING, ...due } });
const pending = (due: Partial<Due> = {}): Verdict => ({ kind: 'pending', due: { ...NOTHING, ...due } });
const superseded = (due: Partial<Due> = {}): Verdict => ({ kind: 'superseded', due: { ...NOTHING, ...due } });
const reused = (end: boolean): Verdict => ({ kind: 'reused', end });
const expired = (reason: 'idle_timeout' | 'absolute_timeout', end: boolean): Verdict => ({
  kind: 'expired',
  reason,
  end,
});
const UNKNOWN: Verdict = { kind: 'unknown' };
const LOCKED: Verdict = { kind: 'locked' };
const ENDED: Verdict = { kind: 'ended', reason: 'revoked' };

interface Row {
  readonly when: string;
  readonly record: SessionRecord | undefined;
  readonly secret: keyof typeof SECRETS;
  readonly at: number;
  readonly is: Verdict;
  readonly client?: Client;
  readonly passive?: boolean;
  readonly policy?: VerdictPolicy;
}

// biome-ignore format: a table is read row by row
const rows: readonly Row[] = [
  // Known or not: the hash is judged before anything else.
  { when: 'there is no such record', record: undefined, secret: 'current', at: 0, is: UNKNOWN },
  { when: 'neither secret nor lineage match', record: FRESH, secret: 'foreign', at: 0, is: UNKNOWN },
  { when: 'a guess meets an ended session: it learns nothing', record: REVOKED, secret: 'foreign', at: 23 * MINUTE, is: UNKNOWN },
  { when: 'a guess meets an expired session: it learns and ends nothing', record: FRESH, secret: 'foreign', at: 9 * HOUR, is: UNKNOWN },
  { when: 'a guess meets an idle session that locks', record: FRESH, secret: 'foreign', at: HOUR, policy: LOCKING, is: UNKNOWN },
  { when: 'a guess comes from another browser: it ends nothing', record: FRESH, secret: 'foreign', at: 0, client: SAFARI, is: UNKNOWN },
  { when: 'the retired hash comes without its lineage', record: PENDING, secret: 'previous of another lineage', at: 20 * MINUTE, is: UNKNOWN },

  // Ended.
  { when: 'the session has ended and the secret was its current one', record: REVOKED, secret: 'current', at: 23 * MINUTE, is: ENDED },
  { when: 'the session has ended and the secret was retired before', record: REVOKED, secret: 'previous', at: 23 * MINUTE, is: ENDED },
  { when: 'the session has ended and the secret is of its lineage only', record: REVOKED, secret: 'older', at: 23 * MINUTE, is: ENDED },
  { when: 'the session ended and its deadline has passed too', record: REVOKED, secret: 'current', at: 9 * HOUR, is: ENDED },
  { when: 'the session ended and another browser presents it', record: REVOKED, secret: 'older', at: 23 * MINUTE, client: SAFARI, is: ENDED },

  // The absolute deadline.
  { when: 'one millisecond before the absolute deadline', record: BUSY, secret: 'current', at: 8 * HOUR - 1, is: valid() },
  { when: 'at the absolute deadline', record: BUSY, secret: 'current', at: 8 * HOUR, is: expired('absolute_timeout', false) },
  { when: 'one millisecond before the tolerance for clocks is over', record: BUSY, secret: 'current', at: 8 * HOUR + 10 * SECOND - 1, is: expired('absolute_timeout', false) },
  { when: 'when the tolerance for clocks is over', record: BUSY, secret: 'current', at: 8 * HOUR + 10 * SECOND, is: expired('absolute_timeout', true) },
  { when: 'both deadlines have passed: the absolute one is named', record: FRESH, secret: 'current', at: 9 * HOUR, is: expired('absolute_timeout', true) },
  { when: 'the absolute deadline has passed under a policy that locks', record: FRESH, secret: 'current', at: 8 * HOUR, policy: LOCKING, is: expired('absolute_timeout', false) },
  { when: 'a retired secret meets an expired session', record: PENDING, secret: 'older', at: 9 * HOUR, client: SAFARI, is: expired('absolute_timeout', true) },

  // The idle deadline.
  { when: 'one millisecond before the idle deadline', record: ANONYMOUS, secret: 'current', at: 30 * MINUTE - 1, is: valid({ touch: true }) },
  { when: 'at the idle deadline', record: ANONYMOUS, secret: 'current', at: 30 * MINUTE, is: expired('idle_timeout', false) },
  { when: 'idle, and the tolerance for clocks almost over', record: ANONYMOUS, secret: 'current', at: 30 * MINUTE + 10 * SECOND - 1, is: expired('idle_timeout', false) },
  { when: 'idle, and the tolerance for clocks over', record: ANONYMOUS, secret: 'current', at: 30 * MINUTE + 10 * SECOND, is: expired('idle_timeout', true) },
  { when: 'idle, and the secret is retired', record: CONFIRMED, secret: 'previous', at: 52 * MINUTE, is: expired('idle_timeout', true) },
  { when: 'idle, and a poll presents the secret', record: ANONYMOUS, secret: 'current', at: 30 * MINUTE, passive: true, is: expired('idle_timeout', false) },
  { when: 'without tolerance for clocks', record: ANONYMOUS, secret: 'current', at: 30 * MINUTE, policy: { ...POLICY, clockSkew: 0 }, is: expired('idle_timeout', true) },

  // Locked instead of expired.
  { when: 'one millisecond before it locks', record: ANONYMOUS, secret: 'current', at: 30 * MINUTE - 1, policy: LOCKING, is: valid({ touch: true }) },
  { when: 'idle under a policy that locks', record: FRESH, secret: 'current', at: 30 * MINUTE, policy: LOCKING, is: LOCKED },
  { when: 'idle for hours under a policy that locks', record: FRESH, secret: 'current', at: 8 * HOUR - 1, policy: LOCKING, is: LOCKED },
  { when: 'locked, and the secret is the pending one', record: PENDING, secret: 'previous', at: HOUR, policy: LOCKING, is: LOCKED },
  { when: 'locked, and the secret is superseded', record: { ...CONFIRMED, confirmedAt: HOUR }, secret: 'previous', at: HOUR, policy: LOCKING, is: LOCKED },
  { when: 'locked, and the secret is retired for good', record: CONFIRMED, secret: 'previous', at: HOUR, policy: LOCKING, is: reused(false) },
  { when: 'locked, and the secret is an older one of another browser', record: CONFIRMED, secret: 'older', at: HOUR, client: SAFARI, policy: LOCKING, is: reused(true) },
  { when: 'locked, and the pending secret comes from another browser', record: PENDING, secret: 'previous', at: HOUR, client: SAFARI, policy: LOCKING, is: reused(true) },

  // The current secret.
  { when: 'the secret is the current one', record: FRESH, secret: 'current', at: 0, is: valid() },
  { when: 'the current secret comes from another browser: a header decides nothing about it', record: FRESH, secret: 'current', at: 0, client: SAFARI, is: valid() },
  { when: 'the current secret comes from a clock that is behind', record: CONFIRMED, secret: 'current', at: 20 * MINUTE, is: valid() },
  { when: 'the renewed secret is presented for the first time', record: PENDING, secret: 'current', at: 20 * MINUTE, is: valid({ confirm: true }) },
  { when: 'the renewed secret is presented for the first time by a poll', record: PENDING, secret: 'current', at: 20 * MINUTE, passive: true, is: valid({ confirm: true }) },
  { when: 'the renewed secret is presented again', record: CONFIRMED, secret: 'current', at: 21 * MINUTE, is: valid() },

  { when: 'the hash of the current secret, which covers its lineage, is enough', record: FRESH, secret: 'current of another lineage', at: 0, is: valid() },

  // When a touch is due.
  { when: 'one millisecond before the touch interval is over', record: FRESH, secret: 'current', at: MINUTE - 1, is: valid() },
  { when: 'when the touch interval is over', record: FRESH, secret: 'current', at: MINUTE, is: valid({ touch: true }) },
  { when: 'the touch interval is over, but it is a poll', record: FRESH, secret: 'current', at: MINUTE, passive: true, is: valid() },
  { when: 'with a touch interval of nothing', record: FRESH, secret: 'current', at: 0, policy: { ...POLICY, touchInterval: 0 }, is: valid({ touch: true }) },

  // When a renewal is due.
  { when: 'one millisecond before a renewal is due', record: FRESH, secret: 'current', at: 15 * MINUTE - 1, is: valid({ touch: true }) },
  { when: 'when a renewal is due', record: FRESH, secret: 'current', at: 15 * MINUTE, is: valid({ touch: true, renew: true }) },
  { when: 'a renewal is due, but it is a poll', record: FRESH, secret: 'current', at: 15 * MINUTE, passive: true, is: valid() },
  { when: 'a renewal would be due, but nobody is signed in', record: ANONYMOUS, secret: 'current', at: 15 * MINUTE, is: valid({ touch: true }) },
  { when: 'the renewed secret is first presented when the next renewal is due', record: { ...PENDING, lastSeenAt: 35 * MINUTE }, secret: 'current', at: 35 * MINUTE, is: valid({ confirm: true, renew: true }) },
  { when: 'one millisecond before a confirmed secret is as old as a renewal takes', record: { ...CONFIRMED, lastSeenAt: 35 * MINUTE }, secret: 'current', at: CONFIRMED.renewedAt + 15 * MINUTE - 1, is: valid() },
  { when: 'a confirmed secret is as old as a renewal takes', record: { ...CONFIRMED, lastSeenAt: 35 * MINUTE }, secret: 'current', at: CONFIRMED.renewedAt + 15 * MINUTE, is: valid({ renew: true }) },

  // The previous secret, its successor not seen yet.
  { when: 'the previous secret comes again before its successor', record: PENDING, secret: 'previous', at: 20 * MINUTE, is: pending() },
  { when: 'the previous secret comes again, long after, from the same browser: the answer was lost', record: PENDING, secret: 'previous', at: 40 * MINUTE, is: pending({ touch: true }) },
  { when: 'the previous secret comes when the next renewal would be due: it starts none', record: { ...PENDING, lastSeenAt: 36 * MINUTE }, secret: 'previous', at: 36 * MINUTE, is: pending() },
  { when: 'the previous secret comes by a poll', record: PENDING, secret: 'previous', at: 40 * MINUTE, passive: true, is: pending() },
  { when: 'the previous secret comes from another address', record: PENDING, secret: 'previous', at: 20 * MINUTE, client: ELSEWHERE, is: pending() },
  { when: 'the previous secret comes from a newer version of the browser', record: PENDING, secret: 'previous', at: 20 * MINUTE, client: NEWER_FIREFOX, is: pending() },
  { when: 'the previous secret comes from another browser', record: PENDING, secret: 'previous', at: 20 * MINUTE, client: SAFARI, is: reused(true) },
  { when: 'the previous secret comes without a User-Agent', record: PENDING, secret: 'previous', at: 20 * MINUTE, client: NAMELESS, is: reused(true) },
  { when: 'the previous secret comes with a User-Agent, where the renewal had none', record: { ...PENDING, client: NAMELESS }, secret: 'previous', at: 20 * MINUTE, is: reused(true) },
  { when: 'the previous secret comes without a User-Agent, as the renewal did', record: { ...PENDING, client: NAMELESS }, secret: 'previous', at: 20 * MINUTE, client: { ip: '203.0.113.9' }, is: pending() },

  // The previous secret, its successor seen.
  { when: 'the previous secret comes at the instant its successor is seen', record: CONFIRMED, secret: 'previous', at: 21 * MINUTE, is: superseded() },
  { when: 'the previous secret comes from a clock that is behind', record: CONFIRMED, secret: 'previous', at: 20 * MINUTE, is: superseded() },
  { when: 'the previous secret comes at the end of the grace', record: CONFIRMED, secret: 'previous', at: 22 * MINUTE, is: superseded({ touch: true }) },
  { when: 'the previous secret comes a millisecond after the grace', record: CONFIRMED, secret: 'previous', at: 22 * MINUTE + 1, is: reused(false) },
  { when: 'the previous secret comes within the grace by a poll', record: CONFIRMED, secret: 'previous', at: 22 * MINUTE, passive: true, is: superseded() },
  { when: 'a request on its way comes from another browser within the grace', record: CONFIRMED, secret: 'previous', at: 21 * MINUTE, client: SAFARI, is: superseded() },
  { when: 'the previous secret comes late from another address', record: CONFIRMED, secret: 'previous', at: 23 * MINUTE, client: ELSEWHERE, is: reused(false) },
  { when: 'the previous secret comes late from a newer version of the browser', record: CONFIRMED, secret: 'previous', at: 23 * MINUTE, client: NEWER_FIREFOX, is: reused(false) },
  { when: 'the previous secret comes late from another browser', record: CONFIRMED, secret: 'previous', at: 23 * MINUTE, client: SAFARI, is: reused(true) },
  { when: 'the previous secret comes late without a User-Agent', record: CONFIRMED, secret: 'previous', at: 23 * MINUTE, client: NAMELESS, is: reused(true) },

  // Any other secret of the lineage.
  { when: 'an older secret of the lineage comes from the same browser', record: CONFIRMED, secret: 'older', at: 21 * MINUTE, is: reused(false) },
  { when: 'an older secret comes while the renewal is pending', record: PENDING, secret: 'older', at: 20 * MINUTE, is: reused(false) },
  { when: 'an older secret comes from another browser', record: CONFIRMED, secret: 'older', at: 21 * MINUTE, client: SAFARI, is: reused(true) },
  { when: 'a secret of the lineage comes that was never renewed', record: FRESH, secret: 'previous', at: 0, is: reused(false) },

];

describe('the verdict', () => {
  test.each(rows)('$is.kind: $when', ({
    record,
    secret,
    at,
    is,
    client = FIREFOX,
    passive = false,
    policy = POLICY,
  }) => {
    const presented: Presentation = { hashes: SECRETS[secret], client, passive };
    expect(verdict(record, presented, policy, at)).toEqual(is);
  });

  test('each verdict has its rows', () => {
    const kinds = new Set(rows.map(({ is }) => is.kind));
    expect([...kinds].toSorted()).toEqual([
      'ended',
      'expired',
      'locked',
      'pending',
      'reused',
      'superseded',
      'unknown',
      'valid',
    ]);
  });

  test('no two rows are the same case', () => {
    const cases = rows.map(({ when: _when, is: _is, ...row }) => JSON.stringify(row));
    expect(new Set(cases).size).toBe(rows.length);
  });
});
