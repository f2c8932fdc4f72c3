/**
 * How a record is written in Redis: three lines in one string, chosen by measurement (docs/adr/0013).
 *
 * 1. What a touch has to decide on, in words: so that the commonest change reads and writes a few bytes.
 * 2. What else is known of the session, by position in a JSON array.
 * 3. The data, which most changes need not look into, as a JSON object.
 */
import type { Authentication, Client, DataEntry, EndReason, SessionRecord } from '../../record.ts';
import type { Mutable } from '../mutable.ts';

/** The first word says the layout, and whether the session has ended. */
const LIVE = '1 ';
const ENDED = '0 ';
export const NO_SALT = '-';

/** Text as it may stand inside JSON that Redis reads: see `plain`. `null` where there is none. */
type Text = string | null;

export type PackedClient = readonly [ip: Text, userAgent: Text, label: Text];
/** `0` for none: an empty list would come back from the server's JSON library as an object. */
export type PackedList = 0 | readonly string[];
/** As above. */
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
  indexes: PackedList,
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
  return text.charCodeAt(0) === 0 ? (JSON.parse(text.slice(1)) as string) : text;
}

/** In place: the list was made by `JSON.parse`, for this record alone. */
function originals(texts: string[]): readonly string[] {
  for (let i = 0; i < texts.length; i++) texts[i] = original(texts[i] as string);
  return texts;
}

export function plainOrNull(text: string | undefined): Text {
  return text === undefined ? null : plain(text);
}

export function packClient({ ip, userAgent, label }: Client): PackedClient {
  return [plainOrNull(ip), plainOrNull(userAgent), plainOrNull(label)];
}

export function packList(texts: readonly string[]): PackedList {
  return texts.length === 0 ? 0 : texts.map(plain);
}

export function packAuthentications(list: readonly Authentication[]): PackedAuthentications {
  if (list.length === 0) return 0;
  return list.map(({ at, level, methods }) => [at, plainOrNull(level), ...methods.map(plain)]);
}

export function packRecord(record: SessionRecord): string {
  const { ended } = record;
  const head = [
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
    packList(record.indexes),
    Object.fromEntries([...record.system].map(([key, text]) => [plain(key), plain(text)])),
    ended ? [ended.at, ended.reason, ended.forgetAt] : null,
  ];
  const data: PackedData = Object.fromEntries(
    [...record.data].map(([key, { value, version, schemaVersion }]) => [
      plain(key),
      [plain(value), version, schemaVersion],
    ]),
  );
  return `${ended ? ENDED : LIVE}${head.join(' ')}\n${JSON.stringify(rest)}\n${JSON.stringify(data)}`;
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

/** Every request comes by here: with `split`, and a spread for each field that may be missing, it would take twice as long. */
function unpack(id: string, text: string): SessionRecord {
  const headEnd = text.indexOf('\n');
  const restEnd = text.indexOf('\n', headEnd + 1);
  if (restEnd === -1 || text.includes('\n', restEnd + 1)) throw new Error('three lines');
  const isEnded = text.startsWith(ENDED);
  if (!isEnded && !text.startsWith(LIVE)) throw new Error('the layout');
  let from = LIVE.length;
  let to = text.indexOf(' ', from);
  const lastSeenAt = numberIn(text, from, to);
  to = text.indexOf(' ', (from = to + 1));
  const absoluteExpiresAt = numberIn(text, from, to);
  to = text.indexOf(' ', (from = to + 1));
  const epoch = numberIn(text, from, to);
  to = text.indexOf(' ', (from = to + 1));
  const dataVersion = numberIn(text, from, to);
  to = text.indexOf(' ', (from = to + 1));
  if (to === -1 || to > headEnd) throw new Error('the first line');
  const secretHash = text.slice(from, to);
  const renewalSalt = text.slice(to + 1, headEnd);

  const known = JSON.parse(text.slice(headEnd + 1, restEnd)) as Rest;
  if (known.length !== REST) throw new Error('the second line');
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
  if (isEnded !== (ended !== null)) throw new Error('an end');
  const record: Mutable<SessionRecord> = {
    id,
    lineageHash,
    secretHash,
    renewedAt: finite(renewedAt),
    renewals: finite(renewals),
    reuse:
      lastIncidentAt === null
        ? { incidents: finite(incidents) }
        : { incidents: finite(incidents), lastAt: lastIncidentAt },
    epoch,
    authentications: unpackAuthentications(authentications),
    createdAt: finite(createdAt),
    lastSeenAt,
    idleTimeout: finite(idleTimeout),
    absoluteExpiresAt,
    client: unpackClient(client),
    data: unpackData(text.slice(restEnd + 1)),
    dataVersion,
    persistent: persistent === 1,
    csrfSeed,
    indexes: indexes === 0 ? [] : originals(indexes as string[]),
    system: unpackSystem(system),
  };
  if (previousHash !== null) record.previousHash = previousHash;
  if (renewalSalt !== NO_SALT) record.renewalSalt = renewalSalt;
  if (confirmedAt !== null) record.confirmedAt = confirmedAt;
  if (userId !== null) record.userId = original(userId);
  if (ended !== null) record.ended = { at: ended[0], reason: ended[1], forgetAt: ended[2] };
  return record;
}

function unpackClient([ip, userAgent, label]: PackedClient): Client {
  const client: Mutable<Client> = {};
  if (ip !== null) client.ip = original(ip);
  if (userAgent !== null) client.userAgent = original(userAgent);
  if (label !== null) client.label = original(label);
  return client;
}

/** A deadline that is no number would never pass. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error('a number');
  return value;
}

/** More digits than that are not added up without loss. */
const EXACT = 15;
const ZERO = 48;

/** The number that stands between two places of the text: nearly always an instant or a count, all digits. */
function numberIn(text: string, from: number, to: number): number {
  if (to <= from) throw new Error('a number');
  if (to - from > EXACT) return otherNumber(text.slice(from, to));
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return otherNumber(text.slice(from, to));
    value = value * 10 + digit;
  }
  return value;
}

function otherNumber(text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Error('a number');
  return Number(text);
}

function unpackAuthentications(packed: PackedAuthentications): Authentication[] {
  const authentications: Authentication[] = [];
  if (packed === 0) return authentications;
  for (const [at, level, ...methods] of packed) {
    originals(methods);
    authentications.push(level === null ? { at, methods } : { at, methods, level: original(level) });
  }
  return authentications;
}

function unpackSystem(packed: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const system = new Map<string, string>();
  for (const key of Object.keys(packed)) system.set(original(key), original(packed[key] as string));
  return system;
}

function unpackData(text: string): ReadonlyMap<string, DataEntry> {
  if (!text.startsWith('{')) throw new Error('the data');
  const data = new Map<string, DataEntry>();
  const packed = JSON.parse(text) as PackedData;
  for (const key of Object.keys(packed)) {
    const [value, version, schemaVersion] = packed[key] as PackedData[string];
    data.set(original(key), {
      value: original(value),
      version: finite(version),
      schemaVersion: finite(schemaVersion),
    });
  }
  return data;
}
