/**
 * What a request does to a record. A request never writes a record back whole: it commits one change, which a store
 * applies atomically, and only to a record that is alive and of the epoch the request was opened under.
 */
import type { Authentication, Client, DataEntry, Ended, EndReason, SessionRecord } from './record.ts';

/** How a session is ended: the one change that ignores the epoch, so that signing out never loses a race. */
export interface End {
  readonly reason: EndReason;
  readonly at: number;
  /** How long the tombstone is kept, at most: never beyond the session's absolute deadline. */
  readonly tombstoneFor: number;
}

/** A periodic renewal. It happens only while `from` is the record's secret: of many callers, one renews. */
export interface Renewal {
  /** The hash of the secret that was presented. */
  readonly from: string;
  readonly secretHash: string;
  readonly salt: string;
  readonly at: number;
  readonly client: Client;
}

/** A sign-in, a re-authentication or an elevation: a new lineage, so that every earlier secret is dead at once. */
export interface PrivilegeChange {
  readonly lineageHash: string;
  readonly secretHash: string;
  readonly csrfSeed: string;
  readonly at: number;
  readonly client: Client;
  /** The list after the change; what is left out stays as it is, here and below. */
  readonly authentications?: readonly Authentication[];
  readonly userId?: string;
  readonly indexes?: readonly string[];
  readonly persistent?: boolean;
  readonly idleTimeout?: number;
  readonly absoluteExpiresAt?: number;
  /** The data keys that survive: all of them when left out. */
  readonly keep?: readonly string[];
}

export interface Update {
  readonly end?: never;
  /** The epoch the request was opened under; another one in the record makes the change `stale`. */
  readonly epoch: number;
  readonly at: number;
  readonly set?: ReadonlyMap<string, Pick<DataEntry, 'value' | 'schemaVersion'>>;
  readonly remove?: readonly string[];
  /** Data keys and the version each must have (0 for absent); otherwise `conflict`, and nothing is changed. */
  readonly expect?: ReadonlyMap<string, number>;
  /** System keys, each replaced only if it still holds `from`; otherwise `conflict`, and nothing is changed. */
  readonly system?: ReadonlyMap<
    string,
    { readonly from: string | undefined; readonly to: string | undefined }
  >;
  /** When the user was seen: when the request came in, not when it ended. */
  readonly touch?: number;
  /** The hash of a renewed secret that was presented: erases the salt, if that secret is still the current one. */
  readonly confirm?: string;
  readonly renew?: Renewal;
  /**
   * The hash of the previous secret, to which the answer repeats the pending one: that counts as its making, or a secret
   * whose answer was lost for long would be renewed as soon as it arrives, while its predecessor is still on its way.
   */
  readonly repeat?: string;
  /** A refused reuse. Incidents closer together than `apart` count once; at the `limit` the session ends. */
  readonly incident?: { readonly apart: number; readonly limit: number; readonly tombstoneFor: number };
  readonly privilege?: PrivilegeChange;
}

export interface Ending {
  readonly end: End;
  /** The end holds only while the record is still as the decision to end it found it; otherwise `conflict`. */
  readonly while?: EndCondition;
}

export interface EndCondition {
  /** The record carries this index. */
  readonly index?: string;
  /** Its user has not been seen since: an expired session was not re-authenticated meanwhile. */
  readonly lastSeenAt?: number;
  /** Its privileges have not changed: the secret that was reused is not dead already. */
  readonly epoch?: number;
}

export type Change = Update | Ending;

export interface Applied {
  /**
   * - `applied`: the record is changed.
   * - `gone`: there is no such record, it has ended, or its absolute deadline has passed.
   * - `stale`: its epoch is another one.
   * - `conflict`: a compared key or index was not as expected.
   *
   * In all but the first, nothing was changed.
   */
  readonly status: 'applied' | 'gone' | 'stale' | 'conflict';
  /** Whether this call renewed: false for the callers who lost. */
  readonly renewed: boolean;
  /** Why this call ended the record, if it did. */
  readonly ended?: EndReason;
  /** As the record has them after the call; absent when it is gone. */
  readonly secretHash?: string;
  readonly renewalSalt?: string;
  readonly dataVersion?: number;
}

export const GONE: Applied = { status: 'gone', renewed: false };

/**
 * The meaning of a change, as a pure function. Stores that can hold a record still (a lock, a transaction) call it;
 * stores that cannot (a script inside the database) must agree with it, which the contract suite checks.
 */
export function applyChange(
  record: SessionRecord | undefined,
  change: Change,
): { readonly applied: Applied; readonly record?: SessionRecord } {
  if (record === undefined || record.ended) return { applied: GONE };
  if (change.end) {
    if (change.while && !holds(change.while, record)) return refused('conflict', record);
    return accepted(tombstone(record, change.end), false, change.end.reason);
  }
  if (change.at >= record.absoluteExpiresAt) return { applied: GONE };
  if (change.epoch !== record.epoch) return refused('stale', record);
  if (!asExpected(record, change)) return refused('conflict', record);

  let next = record;
  if (change.privilege) next = applyPrivilege(next, change.privilege);
  next = applyData(next, change);
  if (change.touch !== undefined && change.touch > next.lastSeenAt)
    next = { ...next, lastSeenAt: change.touch };
  if (change.confirm !== undefined) next = applyConfirm(next, change.confirm, change.at);
  if (change.repeat !== undefined) next = applyRepeat(next, change.repeat, change.at);
  const renewed = change.renew !== undefined && change.renew.from === next.secretHash;
  if (change.renew && renewed) next = applyRenewal(next, change.renew);
  if (change.incident) {
    next = applyIncident(next, change.incident.apart, change.at);
    if (next.reuse.incidents >= change.incident.limit) {
      const end: End = { reason: 'reused', at: change.at, tombstoneFor: change.incident.tombstoneFor };
      return accepted(tombstone(next, end), renewed, 'reused');
    }
  }
  return accepted(next, renewed);
}

/** What is left of an ended session: its hashes, so that "has ended" can be told from "never was", and no data. */
export function tombstone(record: SessionRecord, end: End): SessionRecord {
  const { renewalSalt: _, ...rest } = record;
  const forgetAt = Math.max(end.at, Math.min(record.absoluteExpiresAt, end.at + end.tombstoneFor));
  const ended: Ended = { at: end.at, reason: end.reason, forgetAt };
  return { ...rest, client: {}, data: new Map(), system: new Map(), indexes: [], csrfSeed: '', ended };
}

function holds(condition: EndCondition, record: SessionRecord): boolean {
  const { index, lastSeenAt, epoch } = condition;
  return (
    (index === undefined || record.indexes.includes(index)) &&
    (lastSeenAt === undefined || record.lastSeenAt === lastSeenAt) &&
    (epoch === undefined || record.epoch === epoch)
  );
}

function asExpected(record: SessionRecord, change: Update): boolean {
  for (const [key, version] of change.expect ?? []) {
    if ((record.data.get(key)?.version ?? 0) !== version) return false;
  }
  for (const [key, { from }] of change.system ?? []) {
    if (record.system.get(key) !== from) return false;
  }
  return true;
}

function applyPrivilege(record: SessionRecord, change: PrivilegeChange): SessionRecord {
  const { previousHash: _p, renewalSalt: _s, confirmedAt: _c, ...rest } = record;
  const { keep: _k, at, client, ...fields } = change;
  const label = client.label ?? record.client.label;
  return {
    ...rest,
    ...fields,
    client: { ...client, ...(label !== undefined && { label }) },
    renewedAt: Math.max(record.renewedAt, at),
    lastSeenAt: Math.max(record.lastSeenAt, at),
    renewals: record.renewals + 1,
    reuse: { incidents: 0 },
    epoch: record.epoch + 1,
  };
}

function applyData(record: SessionRecord, change: Update): SessionRecord {
  const removed = keysToRemove(record, change);
  let next = record;
  if (removed.length > 0 || (change.set && change.set.size > 0)) {
    const version = record.dataVersion + 1;
    const data = new Map(record.data);
    for (const key of removed) data.delete(key);
    for (const [key, entry] of change.set ?? []) {
      data.set(key, { value: entry.value, version, schemaVersion: entry.schemaVersion });
    }
    next = { ...next, data, dataVersion: version };
  }
  if (change.system && change.system.size > 0) {
    const system = new Map(record.system);
    for (const [key, { to }] of change.system) {
      if (to === undefined) system.delete(key);
      else system.set(key, to);
    }
    next = { ...next, system };
  }
  return next;
}

function keysToRemove(record: SessionRecord, change: Update): string[] {
  const keep = change.privilege?.keep;
  return [...record.data.keys()].filter(
    (key) => change.remove?.includes(key) || (keep !== undefined && !keep.includes(key)),
  );
}

function applyConfirm(record: SessionRecord, secretHash: string, at: number): SessionRecord {
  if (record.renewalSalt === undefined || record.secretHash !== secretHash) return record;
  const { renewalSalt: _, ...rest } = record;
  return { ...rest, confirmedAt: Math.max(record.renewedAt, at), reuse: { incidents: 0 } };
}

function applyRenewal(record: SessionRecord, renewal: Renewal): SessionRecord {
  const { confirmedAt: _, ...rest } = record;
  const { label } = record.client;
  return {
    ...rest,
    secretHash: renewal.secretHash,
    previousHash: record.secretHash,
    renewalSalt: renewal.salt,
    renewedAt: Math.max(record.renewedAt, renewal.at),
    renewals: record.renewals + 1,
    client: { ...renewal.client, ...(label !== undefined && { label }) },
  };
}

function applyRepeat(record: SessionRecord, previousHash: string, at: number): SessionRecord {
  const isPending = record.renewalSalt !== undefined && record.previousHash === previousHash;
  return isPending && at > record.renewedAt ? { ...record, renewedAt: at } : record;
}

function applyIncident(record: SessionRecord, apart: number, at: number): SessionRecord {
  const { incidents, lastAt } = record.reuse;
  if (lastAt !== undefined && at - lastAt < apart) return record;
  return { ...record, reuse: { incidents: incidents + 1, lastAt: at } };
}

function refused(status: 'stale' | 'conflict', record: SessionRecord): { applied: Applied } {
  return { applied: { status, renewed: false, ...after(record) } };
}

function accepted(
  record: SessionRecord,
  renewed: boolean,
  ended?: EndReason,
): { applied: Applied; record: SessionRecord } {
  return {
    applied: { status: 'applied', renewed, ...(ended && { ended }), ...after(record) },
    record,
  };
}

function after(record: SessionRecord): Pick<Applied, 'secretHash' | 'renewalSalt' | 'dataVersion'> {
  return {
    secretHash: record.secretHash,
    ...(record.renewalSalt !== undefined && { renewalSalt: record.renewalSalt }),
    dataVersion: record.dataVersion,
  };
}
