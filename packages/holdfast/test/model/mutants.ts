/** Single rules of the verdict and of `applyChange`, each broken in one place. The model has to notice every one. */
import type { Change, Update } from '../../src/change.ts';
import type { SessionRecord } from '../../src/record.ts';
import type { Due, Verdict } from '../../src/verdict.ts';
import type { ChangeRule, Rules, VerdictRule } from './rules.ts';
import { unbroken } from './rules.ts';

export interface Mutant {
  /** The rule that is broken, and how. */
  readonly rule: string;
  readonly break: Rules;
}

const NOTHING_DUE: Due = { confirm: false, touch: false, renew: false };
const ACCEPTED: Verdict = { kind: 'superseded', due: NOTHING_DUE };

type Arguments = Parameters<VerdictRule>;

/** A verdict that sees something else than what is there. */
function seeing(rule: string, look: (...args: Arguments) => Arguments): Mutant {
  return {
    rule,
    break: {
      ...unbroken,
      verdict:
        (real) =>
        (...args) =>
          real(...look(...args)),
    },
  };
}

/** A verdict that is overruled. */
function judging(rule: string, overrule: (judged: Verdict, ...args: Arguments) => Verdict): Mutant {
  return {
    rule,
    break: {
      ...unbroken,
      verdict:
        (real) =>
        (...args) =>
          overrule(real(...args), ...args),
    },
  };
}

function changing(rule: string, broken: (real: ChangeRule) => ChangeRule): Mutant {
  return { rule, break: { ...unbroken, change: broken } };
}

/** A change that is applied as if something else had been asked for, or to another record. */
function applying(
  rule: string,
  other: (record: SessionRecord, update: Update) => readonly [SessionRecord, Change],
): Mutant {
  return changing(rule, (real) => (record, change) => {
    if (record === undefined || change.end) return real(record, change);
    return real(...other(record, change));
  });
}

/** A record that comes out otherwise than it should. */
function leaving(
  rule: string,
  alter: (after: SessionRecord, before: SessionRecord, change: Change) => SessionRecord,
): Mutant {
  return changing(rule, (real) => (record, change) => {
    const result = real(record, change);
    if (record === undefined || result.record === undefined) return result;
    return { ...result, record: alter(result.record, record, change) };
  });
}

function without(record: SessionRecord, key: keyof SessionRecord): SessionRecord {
  const rest: Partial<SessionRecord> = { ...record };
  delete rest[key];
  return rest as SessionRecord;
}

function leavingOut(update: Update, key: 'expect' | 'confirm' | 'incident'): Update {
  const rest: Update = { ...update };
  delete rest[key];
  return rest;
}

export const mutants: readonly Mutant[] = [
  // The verdict.
  judging('the hash is not judged first: a guess learns that the session has ended', (judged, record) =>
    judged.kind === 'unknown' && record?.ended ? { kind: 'ended', reason: record.ended.reason } : judged,
  ),
  judging('the lineage is not compared: a guess counts as a reuse', (judged, record) =>
    judged.kind === 'unknown' && record && !record.ended ? { kind: 'reused', end: true } : judged,
  ),
  seeing('`ended` is not checked', (record, ...rest) => [record && without(record, 'ended'), ...rest]),
  seeing('the absolute deadline is not checked', (record, ...rest) => [
    record && { ...record, absoluteExpiresAt: Number.MAX_SAFE_INTEGER },
    ...rest,
  ]),
  seeing('the idle limit is not checked', (record, ...rest) => [
    record && { ...record, idleTimeout: Number.MAX_SAFE_INTEGER / 2 },
    ...rest,
  ]),
  seeing('the grace never ends', (record, presented, policy, now) => [
    record,
    presented,
    { ...policy, grace: Number.MAX_SAFE_INTEGER },
    now,
  ]),
  seeing('there is no grace', (record, presented, policy, now) => [
    record,
    presented,
    { ...policy, grace: -1 },
    now,
  ]),
  judging('`pending` accepts any browser', (judged, record, { hashes }) =>
    judged.kind === 'reused' && record?.renewalSalt !== undefined && record.previousHash === hashes.secretHash
      ? { kind: 'pending', due: NOTHING_DUE }
      : judged,
  ),
  judging('`pending` is refused: a lost answer is a reuse', (judged) =>
    judged.kind === 'pending' ? { kind: 'reused', end: false } : judged,
  ),
  judging('`reused` is accepted', (judged) => (judged.kind === 'reused' ? ACCEPTED : judged)),
  judging('a reuse from another browser does not end the session', (judged) =>
    judged.kind === 'reused' ? { ...judged, end: false } : judged,
  ),
  judging('a reuse from the same browser ends the session at once', (judged) =>
    judged.kind === 'reused' ? { ...judged, end: true } : judged,
  ),
  judging('renewal is never due', (judged) =>
    'due' in judged ? { ...judged, due: { ...judged.due, renew: false } } : judged,
  ),
  judging('the first presentation of a new secret confirms nothing', (judged) =>
    'due' in judged ? { ...judged, due: { ...judged.due, confirm: false } } : judged,
  ),
  seeing('a passive request is activity', (record, presented, ...rest) => [
    record,
    { ...presented, passive: false },
    ...rest,
  ]),
  judging('idleness locks where the policy is to end', (judged) =>
    judged.kind === 'expired' && judged.reason === 'idle_timeout' ? { kind: 'locked' } : judged,
  ),

  // `applyChange`.
  changing(
    'an ended record is changed, and alive again',
    (real) => (record, change) => real(record && !change.end ? without(record, 'ended') : record, change),
  ),
  applying('the absolute deadline is not checked when writing', (record, update) => [
    record,
    { ...update, at: Math.min(update.at, record.absoluteExpiresAt - 1) },
  ]),
  applying('the epoch is not compared', (record, update) => [record, { ...update, epoch: record.epoch }]),
  changing(
    'an end respects the epoch: it is refused after a privilege change',
    (real) => (record, change) =>
      real(record, change.end && record ? { ...change, while: { ...change.while, epoch: 0 } } : change),
  ),
  changing('an end does not end', (real) => (record, change) => {
    const result = real(record, change);
    return result.record?.ended && record ? { applied: result.applied, record } : result;
  }),
  applying('`expect` is ignored', (record, update) => [record, leavingOut(update, 'expect')]),
  applying('a renewal is not compared on the presented hash', (record, update) => [
    record,
    update.renew ? { ...update, renew: { ...update.renew, from: record.secretHash } } : update,
  ]),
  applying('`confirm` is not compared: it erases any salt', (record, update) => [
    record,
    update.confirm === undefined ? update : { ...update, confirm: record.secretHash },
  ]),
  applying('`confirm` erases no salt', (record, update) => [record, leavingOut(update, 'confirm')]),
  applying('incidents are not counted', (record, update) => [record, leavingOut(update, 'incident')]),
  applying('every late request is an incident', (record, update) => [
    record,
    update.incident ? { ...update, incident: { ...update.incident, apart: 0 } } : update,
  ]),
  applying('the incident limit is one', (record, update) => [
    record,
    update.incident ? { ...update, incident: { ...update.incident, limit: 1 } } : update,
  ]),
  leaving('a renewal moves the absolute deadline', (after, before, change) =>
    !change.end && change.renew && after.secretHash !== before.secretHash
      ? { ...after, absoluteExpiresAt: change.at + (before.absoluteExpiresAt - before.createdAt) }
      : after,
  ),
  leaving('a renewal keeps no previous secret', (after, before) =>
    after.renewalSalt !== before.renewalSalt && after.renewalSalt !== undefined
      ? without(after, 'previousHash')
      : after,
  ),
  leaving('the lineage is kept at a privilege change', (after, before) =>
    after.epoch === before.epoch ? after : { ...after, lineageHash: before.lineageHash },
  ),
  leaving('the secret before a privilege change has a grace', (after, before, change) =>
    after.epoch === before.epoch || change.end
      ? after
      : {
          ...after,
          lineageHash: before.lineageHash,
          previousHash: before.secretHash,
          confirmedAt: change.at,
        },
  ),
  leaving('the epoch stays at a privilege change', (after, before) => ({ ...after, epoch: before.epoch })),
  leaving('a write replaces all data', (after, before, change) =>
    change.end || !change.set || after.epoch !== before.epoch
      ? after
      : { ...after, data: new Map([...after.data].filter(([key]) => change.set?.has(key))) },
  ),
  leaving('the tombstone loses its hashes', (after) =>
    after.ended ? { ...after, secretHash: '', lineageHash: '' } : after,
  ),
  leaving('a touch is not written', (after, before) => ({ ...after, lastSeenAt: before.lastSeenAt })),
  leaving('every change is a touch', (after, _before, change) =>
    change.end ? after : { ...after, lastSeenAt: Math.max(after.lastSeenAt, change.at) },
  ),
];
