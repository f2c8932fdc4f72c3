/** A record as one line of JSON text: the layout of a store that keeps it whole, chosen by measurement (docs/adr/0018). */
import type { Authentication, Client, DataEntry, EndReason, SessionRecord } from '../record.ts';
import type { Mutable } from './mutable.ts';

/**
 * By position: what every record has, what it may have (`null` where it does not), and its lists, each behind its length. Names
 * would be a third of the text, and lists inside the list a third of the time that it takes to read it.
 */
export function encodeRecord(record: SessionRecord): string {
  const { reuse, client, authentications, indexes, data, system, ended } = record;
  const flat: unknown[] = [
    record.id,
    record.lineageHash,
    record.secretHash,
    record.csrfSeed,
    record.renewedAt,
    record.renewals,
    record.epoch,
    record.createdAt,
    record.lastSeenAt,
    record.idleTimeout,
    record.absoluteExpiresAt,
    record.dataVersion,
    reuse.incidents,
    record.persistent ? 1 : 0,
    // 14
    record.previousHash,
    record.renewalSalt,
    record.confirmedAt,
    record.userId,
    reuse.lastAt,
    client.ip,
    client.userAgent,
    client.label,
    ended?.at,
    ended?.reason,
    ended?.forgetAt,
    // LISTS
    authentications.length,
  ];
  for (const { at, level, methods } of authentications) flat.push(at, level, methods.length, ...methods);
  flat.push(indexes.length, ...indexes, data.size);
  for (const [key, entry] of data) flat.push(key, entry.value, entry.version, entry.schemaVersion);
  flat.push(system.size);
  for (const [key, value] of system) flat.push(key, value);
  return JSON.stringify(flat);
}

const LISTS = 25;

/**
 * @throws SyntaxError when the text is no record of this layout: damage, which is a fault and not a missing session. Without a
 * cause, which would quote what the record holds.
 */
export function decodeRecord(text: string): SessionRecord {
  try {
    return decode(JSON.parse(text) as Flat);
  } catch {
    throw new SyntaxError('a session record is damaged');
  }
}

type Flat = readonly unknown[];

/** Every request comes by here: with a list of pairs or a spread on the way it would take half as long again. */
function decode(flat: Flat): SessionRecord {
  let next = LISTS;
  const authentications: Authentication[] = [];
  for (let left = numberAt(flat, next++); left > 0; left--) {
    const at = numberAt(flat, next++);
    const level = flat[next++];
    const methods: string[] = [];
    for (let more = numberAt(flat, next++); more > 0; more--) methods.push(textAt(flat, next++));
    authentications.push(level === null ? { at, methods } : { at, methods, level: textOf(level) });
  }
  const indexes: string[] = [];
  for (let left = numberAt(flat, next++); left > 0; left--) indexes.push(textAt(flat, next++));
  const data = new Map<string, DataEntry>();
  for (let left = numberAt(flat, next++); left > 0; left--) {
    data.set(textAt(flat, next++), {
      value: textAt(flat, next++),
      version: numberAt(flat, next++),
      schemaVersion: numberAt(flat, next++),
    });
  }
  const system = new Map<string, string>();
  for (let left = numberAt(flat, next++); left > 0; left--) {
    system.set(textAt(flat, next++), textAt(flat, next++));
  }
  if (next !== flat.length) throw new TypeError('its length');

  const incidents = numberAt(flat, 12);
  const record: Mutable<SessionRecord> = {
    id: textAt(flat, 0),
    lineageHash: textAt(flat, 1),
    secretHash: textAt(flat, 2),
    renewedAt: numberAt(flat, 4),
    renewals: numberAt(flat, 5),
    reuse: flat[18] === null ? { incidents } : { incidents, lastAt: numberAt(flat, 18) },
    epoch: numberAt(flat, 6),
    authentications,
    createdAt: numberAt(flat, 7),
    lastSeenAt: numberAt(flat, 8),
    idleTimeout: numberAt(flat, 9),
    absoluteExpiresAt: numberAt(flat, 10),
    client: clientOf(flat),
    data,
    dataVersion: numberAt(flat, 11),
    persistent: numberAt(flat, 13) === 1,
    csrfSeed: textAt(flat, 3),
    indexes,
    system,
  };
  if (flat[14] !== null) record.previousHash = textAt(flat, 14);
  if (flat[15] !== null) record.renewalSalt = textAt(flat, 15);
  if (flat[16] !== null) record.confirmedAt = numberAt(flat, 16);
  if (flat[17] !== null) record.userId = textAt(flat, 17);
  // One of them alone is damage too, and not a record that is alive.
  if ((flat[22] ?? flat[23] ?? flat[24]) !== null) {
    const reason = textAt(flat, 23) as EndReason;
    record.ended = { at: numberAt(flat, 22), reason, forgetAt: numberAt(flat, 24) };
  }
  return record;
}

function clientOf(flat: Flat): Client {
  const client: Mutable<Client> = {};
  if (flat[19] !== null) client.ip = textAt(flat, 19);
  if (flat[20] !== null) client.userAgent = textAt(flat, 20);
  if (flat[21] !== null) client.label = textAt(flat, 21);
  return client;
}

function textAt(flat: Flat, place: number): string {
  return textOf(flat[place]);
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('no text');
  return value;
}

/** A deadline that is no number would never pass. */
function numberAt(flat: Flat, place: number): number {
  const value = flat[place];
  if (!Number.isFinite(value)) throw new TypeError('no number');
  return value as number;
}

/** From when on a record may be dropped: judged by nothing that a touch changes, so that touches move no index. */
export function forgetAt(record: SessionRecord): number {
  return record.ended?.forgetAt ?? record.absoluteExpiresAt;
}

/** How long an admission without a record is taken for a sign-in that is still under way, in milliseconds. */
export const UNFINISHED_FOR = 86_400_000;
