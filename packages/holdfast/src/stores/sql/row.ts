/** A record as a row: a column for each field, so that whoever looks into the database finds what they would look for. */
import type { Authentication, Client, DataEntry, EndReason, SessionRecord } from '../../record.ts';
import { forgetAt } from '../record-json.ts';
import type { SqlRow, SqlValue } from './link.ts';
import { original, plain, plainOrNull } from './plain.ts';

/** In the order of the values of `packRow`, which is that of the values that `unpackRow` takes. */
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

export function packRow(record: SessionRecord): readonly SqlValue[] {
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

/** @throws SyntaxError or TypeError when a column does not hold what it should: damage, and not a missing session. */
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
    endedAt,
    endedReason,
    forgetAtOfRow,
  ] = row;
  return {
    id: text(id),
    lineageHash: text(lineageHash),
    secretHash: text(secretHash),
    ...(previousHash !== null && { previousHash: text(previousHash) }),
    ...(renewalSalt !== null && { renewalSalt: text(renewalSalt) }),
    renewedAt: Number(renewedAt),
    ...(confirmedAt !== null && { confirmedAt: Number(confirmedAt) }),
    renewals: Number(renewals),
    reuse: {
      incidents: Number(incidents),
      ...(lastIncidentAt !== null && { lastAt: Number(lastIncidentAt) }),
    },
    epoch: Number(epoch),
    ...(userId !== null && { userId: original(text(userId)) }),
    authentications: parsed<PackedAuthentications>(authentications).map(unpackAuthentication),
    createdAt: Number(createdAt),
    lastSeenAt: Number(lastSeenAt),
    idleTimeout: Number(idleTimeout),
    absoluteExpiresAt: Number(absoluteExpiresAt),
    client: {
      ...(ip !== null && { ip: original(text(ip)) }),
      ...(userAgent !== null && { userAgent: original(text(userAgent)) }),
      ...(label !== null && { label: original(text(label)) }),
    },
    data: unpackData(parsed(data)),
    dataVersion: Number(dataVersion),
    persistent: Boolean(persistent),
    csrfSeed: text(csrfSeed),
    indexes: parsed<readonly string[]>(indexes).map(original),
    system: unpackSystem(parsed(system)),
    ...(endedAt !== null && {
      ended: { at: Number(endedAt), reason: text(endedReason) as EndReason, forgetAt: Number(forgetAtOfRow) },
    }),
  };
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a column of a session holds no text');
  return value;
}

/** JSON as text, or as what the database has made of it already. */
function parsed<T>(value: unknown): T {
  return (typeof value === 'object' && value !== null ? value : JSON.parse(text(value))) as T;
}

function unpackAuthentication([at, level, ...methods]: PackedAuthentications[number]): Authentication {
  return { at, methods: methods.map(original), ...(level !== null && { level: original(level) }) };
}

function unpackData(packed: PackedData): ReadonlyMap<string, DataEntry> {
  const data = new Map<string, DataEntry>();
  for (const [key, [value, version, schemaVersion]] of Object.entries(packed)) {
    data.set(original(key), { value: original(value), version, schemaVersion });
  }
  return data;
}

function unpackSystem(packed: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(packed).map(([key, value]) => [original(key), original(value)]));
}
