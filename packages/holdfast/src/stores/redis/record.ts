/**
 * How a record is written in Redis: three lines in one string, chosen by measurement (docs/adr/0013).
 *
 * 1. What a touch has to decide on, in words: so that the commonest change reads and writes a few bytes.
 * 2. What else is known of the session, by position in a JSON array.
 * 3. The data, which most changes need not look into, as a JSON object.
 */
import type { Authentication, Client, DataEntry, EndReason, SessionRecord } from '../../record.ts';

/** The first word says the layout, and whether the session has ended. */
const LIVE = '1';
const ENDED = '0';
export const NO_SALT = '-';

/** Text as it may stand inside JSON that Redis reads: see `plain`. `null` where there is none. */
type Text = string | null;

export type PackedClient = readonly [ip: Text, userAgent: Text, label: Text];
/** A set of names: an empty list would come back from the server's JSON library as an object. */
export type PackedNames = Readonly<Record<string, 1>>;
/** `0` for none, for the same reason. */
export type PackedAuthentications = 0 | readonly (readonly [at: number, level: Text, ...methods: string[]])[];
export type PackedData = Readonly<Record<string, readonly [value: string, version: number, schema: number]>>;

/** The second line. The scripts count from 1. */
type Rest = readonly [
  lineageHash: string,
  previousHash: Text,
  renewedAt: number,
  confirmedAt: number | null,
  renewals: number,
  incidents: number,
  lastIncidentAt: number | null,
  userId: Text,
  authentications: PackedAuthentications,
  createdAt: number,
  idleTimeout: number,
  client: PackedClient,
  persistent: 0 | 1,
  csrfSeed: string,
  indexes: PackedNames,
  system: Readonly<Record<string, string>>,
  ended: readonly [at: number, reason: EndReason, forgetAt: number] | null,
];

const REST = 17;

const ESCAPED = '\u0000';

/**
 * The server's JSON library refuses lone surrogates, which JavaScript's strings may hold. They go as the JSON of the
 * string, behind a NUL; so does what begins with a NUL itself, so that no two strings are written alike.
 */
export function plain(text: string): string {
  return text.isWellFormed() && !text.startsWith(ESCAPED) ? text : ESCAPED + JSON.stringify(text);
}

function original(text: string): string {
  return text.startsWith(ESCAPED) ? (JSON.parse(text.slice(1)) as string) : text;
}

export function plainOrNull(text: string | undefined): Text {
  return text === undefined ? null : plain(text);
}

export function packClient({ ip, userAgent, label }: Client): PackedClient {
  return [plainOrNull(ip), plainOrNull(userAgent), plainOrNull(label)];
}

export function packNames(names: readonly string[]): PackedNames {
  return Object.fromEntries(names.map((name) => [plain(name), 1 as const]));
}

export function packAuthentications(list: readonly Authentication[]): PackedAuthentications {
  if (list.length === 0) return 0;
  return list.map(({ at, level, methods }) => [at, plainOrNull(level), ...methods.map(plain)]);
}

export function packRecord(record: SessionRecord): string {
  const { ended } = record;
  const head = [
    ended ? ENDED : LIVE,
    record.lastSeenAt,
    record.absoluteExpiresAt,
    record.epoch,
    record.dataVersion,
    record.secretHash,
    record.renewalSalt ?? NO_SALT,
  ];
  const rest: Rest = [
    record.lineageHash,
    record.previousHash ?? null,
    record.renewedAt,
    record.confirmedAt ?? null,
    record.renewals,
    record.reuse.incidents,
    record.reuse.lastAt ?? null,
    plainOrNull(record.userId),
    packAuthentications(record.authentications),
    record.createdAt,
    record.idleTimeout,
    packClient(record.client),
    record.persistent ? 1 : 0,
    record.csrfSeed,
    packNames(record.indexes),
    Object.fromEntries([...record.system].map(([key, text]) => [plain(key), plain(text)])),
    ended ? [ended.at, ended.reason, ended.forgetAt] : null,
  ];
  const data: PackedData = Object.fromEntries(
    [...record.data].map(([key, { value, version, schemaVersion }]) => [
      plain(key),
      [plain(value), version, schemaVersion],
    ]),
  );
  return `${head.join(' ')}\n${JSON.stringify(rest)}\n${JSON.stringify(data)}`;
}

/**
 * @throws SyntaxError when the text is no record of this layout: damage, and not a missing session. Without a cause, which
 * would quote what the record holds.
 */
export function unpackRecord(id: string, text: string): SessionRecord {
  try {
    return unpack(id, text);
  } catch {
    throw new SyntaxError('a session record is damaged, or of a layout that only a newer release knows');
  }
}

function unpack(id: string, text: string): SessionRecord {
  const lines = text.split('\n');
  const [head = '', rest = '', data = ''] = lines;
  const [state, lastSeenAt, absoluteExpiresAt, epoch, dataVersion, secretHash, renewalSalt] = head.split(' ');
  if ((state !== LIVE && state !== ENDED) || secretHash === undefined || renewalSalt === undefined) {
    throw new Error('the first line');
  }
  const known = JSON.parse(rest) as Rest;
  if (lines.length !== 3 || known.length !== REST) throw new Error('the second line');
  const [
    lineageHash,
    previousHash,
    renewedAt,
    confirmedAt,
    renewals,
    incidents,
    lastIncidentAt,
    userId,
    authentications,
    createdAt,
    idleTimeout,
    client,
    persistent,
    csrfSeed,
    indexes,
    system,
    ended,
  ] = known;
  if (![renewedAt, renewals, incidents, createdAt, idleTimeout].every(Number.isFinite)) {
    throw new Error('an instant');
  }
  // Every request comes by here: with a spread for each field that may be missing it would take half as long again.
  const record: Mutable<SessionRecord> = {
    id,
    lineageHash,
    secretHash,
    renewedAt,
    renewals,
    reuse: lastIncidentAt === null ? { incidents } : { incidents, lastAt: lastIncidentAt },
    epoch: number(epoch),
    authentications: authentications === 0 ? [] : authentications.map(unpackAuthentication),
    createdAt,
    lastSeenAt: number(lastSeenAt),
    idleTimeout,
    absoluteExpiresAt: number(absoluteExpiresAt),
    client: unpackClient(client),
    data: unpackData(data),
    dataVersion: number(dataVersion),
    persistent: persistent === 1,
    csrfSeed,
    indexes: Object.keys(indexes).map(original),
    system: new Map(Object.entries(system).map(([key, value]) => [original(key), original(value)])),
  };
  if (previousHash !== null) record.previousHash = previousHash;
  if (renewalSalt !== NO_SALT) record.renewalSalt = renewalSalt;
  if (confirmedAt !== null) record.confirmedAt = confirmedAt;
  if (userId !== null) record.userId = original(userId);
  if (ended !== null) record.ended = { at: ended[0], reason: ended[1], forgetAt: ended[2] };
  return record;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function unpackClient([ip, userAgent, label]: PackedClient): Client {
  const client: Mutable<Client> = {};
  if (ip !== null) client.ip = original(ip);
  if (userAgent !== null) client.userAgent = original(userAgent);
  if (label !== null) client.label = original(label);
  return client;
}

/** A deadline that is no number would never pass. */
function number(text: string | undefined): number {
  if (!text || !/^-?\d+(\.\d+)?$/.test(text)) throw new Error('a number');
  return Number(text);
}

function unpackAuthentication([at, level, ...methods]: readonly [number, Text, ...string[]]): Authentication {
  return { at, methods: methods.map(original), ...(level !== null && { level: original(level) }) };
}

function unpackData(text: string): ReadonlyMap<string, DataEntry> {
  const data = new Map<string, DataEntry>();
  const packed = JSON.parse(text) as PackedData;
  if (Array.isArray(packed)) throw new Error('the data');
  for (const [key, [value, version, schemaVersion]] of Object.entries(packed)) {
    if (!Number.isFinite(version) || !Number.isFinite(schemaVersion)) throw new Error('a version');
    data.set(original(key), { value: original(value), version, schemaVersion });
  }
  return data;
}
