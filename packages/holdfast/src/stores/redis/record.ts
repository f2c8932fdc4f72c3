/**
 * How a record is written in Redis: two lines of JSON in one string. The first holds, by position, all that a change may
 * have to decide on; the second the data, which most changes need not look into. Chosen by measurement: docs/adr/0013.
 */
import type { Authentication, Client, DataEntry, EndReason, SessionRecord } from '../../record.ts';

export const LAYOUT = 1;

/** Text as it may stand inside JSON that Redis reads: see `plain`. `null` where there is none. */
type Text = string | null;

export type PackedClient = readonly [ip: Text, userAgent: Text, label: Text];
/** A set of names: an empty list would come back from the server's JSON library as an object. */
export type PackedNames = Readonly<Record<string, 1>>;
/** `0` for none, for the same reason. */
export type PackedAuthentications = 0 | readonly (readonly [at: number, level: Text, ...methods: string[]])[];
export type PackedData = Readonly<Record<string, readonly [value: string, version: number, schema: number]>>;

/** The first line. The scripts count from 1. */
type Header = readonly [
  layout: number,
  epoch: number,
  lineageHash: string,
  secretHash: string,
  previousHash: Text,
  renewalSalt: Text,
  renewedAt: number,
  confirmedAt: number | null,
  renewals: number,
  incidents: number,
  lastIncidentAt: number | null,
  userId: Text,
  authentications: PackedAuthentications,
  createdAt: number,
  lastSeenAt: number,
  idleTimeout: number,
  absoluteExpiresAt: number,
  client: PackedClient,
  dataVersion: number,
  persistent: 0 | 1,
  csrfSeed: string,
  indexes: PackedNames,
  system: Readonly<Record<string, string>>,
  ended: readonly [at: number, reason: EndReason, forgetAt: number] | null,
];

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
  const header: Header = [
    LAYOUT,
    record.epoch,
    record.lineageHash,
    record.secretHash,
    record.previousHash ?? null,
    record.renewalSalt ?? null,
    record.renewedAt,
    record.confirmedAt ?? null,
    record.renewals,
    record.reuse.incidents,
    record.reuse.lastAt ?? null,
    plainOrNull(record.userId),
    packAuthentications(record.authentications),
    record.createdAt,
    record.lastSeenAt,
    record.idleTimeout,
    record.absoluteExpiresAt,
    packClient(record.client),
    record.dataVersion,
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
  return `${JSON.stringify(header)}\n${JSON.stringify(data)}`;
}

/** @throws SyntaxError, TypeError or Error when the text is no record of this layout: damage, and not a missing session. */
export function unpackRecord(id: string, text: string): SessionRecord {
  const cut = text.indexOf('\n');
  const header = JSON.parse(text.slice(0, cut)) as Header;
  const [layout, epoch, lineageHash, secretHash, previousHash, renewalSalt, renewedAt, confirmedAt] = header;
  if (layout !== LAYOUT) {
    throw new Error(
      `a session record of layout ${layout}, and this release knows ${LAYOUT}; upgrade holdfast`,
    );
  }
  const [, , , , , , , , renewals, incidents, lastIncidentAt, userId, authentications, createdAt] = header;
  const [ip, userAgent, label] = header[17];
  const ended = header[23];
  return {
    id,
    lineageHash,
    secretHash,
    ...(previousHash !== null && { previousHash }),
    ...(renewalSalt !== null && { renewalSalt }),
    renewedAt,
    ...(confirmedAt !== null && { confirmedAt }),
    renewals,
    reuse: { incidents, ...(lastIncidentAt !== null && { lastAt: lastIncidentAt }) },
    epoch,
    ...(userId !== null && { userId: original(userId) }),
    authentications: authentications === 0 ? [] : authentications.map(unpackAuthentication),
    createdAt,
    lastSeenAt: header[14],
    idleTimeout: header[15],
    absoluteExpiresAt: header[16],
    client: {
      ...(ip !== null && { ip: original(ip) }),
      ...(userAgent !== null && { userAgent: original(userAgent) }),
      ...(label !== null && { label: original(label) }),
    },
    data: unpackData(text.slice(cut + 1)),
    dataVersion: header[18],
    persistent: header[19] === 1,
    csrfSeed: header[20],
    indexes: Object.keys(header[21]).map(original),
    system: new Map(Object.entries(header[22]).map(([key, value]) => [original(key), original(value)])),
    ...(ended !== null && { ended: { at: ended[0], reason: ended[1], forgetAt: ended[2] } }),
  };
}

function unpackAuthentication([at, level, ...methods]: readonly [number, Text, ...string[]]): Authentication {
  return { at, methods: methods.map(original), ...(level !== null && { level: original(level) }) };
}

function unpackData(text: string): ReadonlyMap<string, DataEntry> {
  const data = new Map<string, DataEntry>();
  for (const [key, [value, version, schemaVersion]] of Object.entries(JSON.parse(text) as PackedData)) {
    data.set(original(key), { value: original(value), version, schemaVersion });
  }
  return data;
}
