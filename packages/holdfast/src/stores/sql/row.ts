/** A record as a row: a column for each field, so that whoever looks into the database finds what they would look for. */
import type { Authentication, Client, DataEntry, EndReason, SessionRecord } from '../../record.ts';
import type { Mutable } from '../mutable.ts';
import { forgetAt } from '../record-json.ts';
import type { SqlRow, SqlValue } from './link.ts';
import { original, plain, plainOrNull } from './plain.ts';

/** In the order of the values of `packRow`. */
export const COLUMNS = [
  'id',
  'lineage_hash',
  'secret_hash',
  'previous_hash',
  'renewal_salt',
  'renewed_at',
  'confirmed_at',
  'renewals',
  'incidents',
  'last_incident_at',
  'epoch',
  'user_id',
  'authentications',
  'created_at',
  'last_seen_at',
  'idle_timeout',
  'absolute_expires_at',
  'ip',
  'user_agent',
  'label',
  'persistent',
  'csrf_seed',
  'indexes',
  'data',
  'data_version',
  'system_data',
  'ended_at',
  'ended_reason',
  'forget_at',
] as const;

/** JSON: a list. */
export type PackedAuthentications = readonly (readonly [
  at: number,
  level: string | null,
  ...methods: string[],
])[];
/** JSON: by key. */
export type PackedData = Readonly<Record<string, readonly [value: string, version: number, schema: number]>>;

export function packAuthentications(list: readonly Authentication[]): PackedAuthentications {
  return list.map(({ at, level, methods }) => [at, plainOrNull(level), ...methods.map(plain)]);
}

export function packClient({ ip, userAgent, label }: Client): readonly (string | null)[] {
  return [plainOrNull(ip), plainOrNull(userAgent), plainOrNull(label)];
}

/** `Object.fromEntries` makes own keys of whatever name, `__proto__` among them; JSON writes and reads them as such. */
export function byName<From, To>(
  map: ReadonlyMap<string, From>,
  pack: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries([...map].map(([name, value]) => [plain(name), pack(value)]));
}

export function packRow(record: SessionRecord): SqlValue[] {
  const { reuse, client, ended } = record;
  return [
    record.id,
    record.lineageHash,
    record.secretHash,
    record.previousHash ?? null,
    record.renewalSalt ?? null,
    record.renewedAt,
    record.confirmedAt ?? null,
    record.renewals,
    reuse.incidents,
    reuse.lastAt ?? null,
    record.epoch,
    plainOrNull(record.userId),
    JSON.stringify(packAuthentications(record.authentications)),
    record.createdAt,
    record.lastSeenAt,
    record.idleTimeout,
    record.absoluteExpiresAt,
    ...packClient(client),
    record.persistent,
    record.csrfSeed,
    JSON.stringify(record.indexes.map(plain)),
    JSON.stringify(byName(record.data, (entry) => [plain(entry.value), entry.version, entry.schemaVersion])),
    record.dataVersion,
    JSON.stringify(byName(record.system, plain)),
    ended?.at ?? null,
    ended?.reason ?? null,
    forgetAt(record),
  ];
}

/**
 * What a record is read from, in one column: a JSON list of these, the JSON columns as they are, and behind them `null` or, of
 * a session that has ended, the list of the columns of `ENDED`. Of each column of an answer drivers describe, slice and convert
 * a value, and that took longer than all else in a request.
 */
export const READ: readonly string[] = COLUMNS.slice(0, -3);
export const ENDED: readonly string[] = COLUMNS.slice(-3);

type Text = string | null;

/**
 * @param row what `READ` says; what follows it is the caller's
 * @throws SyntaxError or TypeError when a column does not hold what it should: damage, and not a missing session.
 */
export function unpackRow(row: SqlRow): SessionRecord {
  const [
    id,
    lineageHash,
    secretHash,
    previousHash,
    renewalSalt,
    renewedAt,
    confirmedAt,
    renewals,
    incidents,
    lastIncidentAt,
    epoch,
    userId,
    authentications,
    createdAt,
    lastSeenAt,
    idleTimeout,
    absoluteExpiresAt,
    ip,
    userAgent,
    label,
    persistent,
    csrfSeed,
    indexes,
    data,
    dataVersion,
    system,
    ended,
  ] = row;
  // Every request comes by here: with a spread for each field that may be missing it would take half as long again.
  const record: Mutable<SessionRecord> = {
    id: textIn(id),
    lineageHash: textIn(lineageHash),
    secretHash: textIn(secretHash),
    renewedAt: numberIn(renewedAt),
    renewals: numberIn(renewals),
    reuse:
      lastIncidentAt === null
        ? { incidents: numberIn(incidents) }
        : { incidents: numberIn(incidents), lastAt: numberIn(lastIncidentAt) },
    epoch: numberIn(epoch),
    authentications: listIn<PackedAuthentications[number]>(authentications).map(unpackAuthentication),
    createdAt: numberIn(createdAt),
    lastSeenAt: numberIn(lastSeenAt),
    idleTimeout: numberIn(idleTimeout),
    absoluteExpiresAt: numberIn(absoluteExpiresAt),
    client: unpackClient(ip as Text, userAgent as Text, label as Text),
    data: unpackData(data as PackedData),
    dataVersion: numberIn(dataVersion),
    persistent: Boolean(persistent),
    csrfSeed: textIn(csrfSeed),
    indexes: listIn<string>(indexes).map(original),
    system: unpackSystem(system as Readonly<Record<string, string>>),
  };
  if (previousHash !== null) record.previousHash = textIn(previousHash);
  if (renewalSalt !== null) record.renewalSalt = textIn(renewalSalt);
  if (confirmedAt !== null) record.confirmedAt = numberIn(confirmedAt);
  if (userId !== null) record.userId = original(textIn(userId));
  if (ended !== null) {
    const [at, reason, forgetAtOfRow] = listIn<unknown>(ended);
    record.ended = {
      at: numberIn(at),
      reason: textIn(reason) as EndReason,
      forgetAt: numberIn(forgetAtOfRow),
    };
  }
  return record;
}

function textIn(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a column of a session holds no text');
  return value;
}

/** A deadline that is no number would never pass. */
function numberIn(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('a column of a session holds no number');
  return value;
}

function listIn<T>(value: unknown): readonly T[] {
  if (!Array.isArray(value)) throw new TypeError('a column of a session holds no list');
  return value as readonly T[];
}

function unpackClient(ip: Text, userAgent: Text, label: Text): Client {
  const client: Mutable<Client> = {};
  if (ip !== null) client.ip = original(ip);
  if (userAgent !== null) client.userAgent = original(userAgent);
  if (label !== null) client.label = original(label);
  return client;
}

function unpackAuthentication([at, level, ...methods]: PackedAuthentications[number]): Authentication {
  return level === null
    ? { at, methods: methods.map(original) }
    : { at, methods: methods.map(original), level: original(level) };
}

function unpackData(packed: PackedData): ReadonlyMap<string, DataEntry> {
  const data = new Map<string, DataEntry>();
  for (const key of Object.keys(packed)) {
    const [value, version, schemaVersion] = packed[key] as PackedData[string];
    data.set(original(key), { value: original(value), version, schemaVersion });
  }
  return data;
}

function unpackSystem(packed: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const system = new Map<string, string>();
  for (const key of Object.keys(packed)) system.set(original(key), original(packed[key] as string));
  return system;
}
