/** A record as one line of JSON text: the layout of stores that keep it whole. */
import type { DataEntry, SessionRecord } from '../record.ts';

type Flat = Omit<SessionRecord, 'data' | 'system'> & {
  readonly data: readonly (readonly [key: string, value: string, version: number, schemaVersion: number])[];
  readonly system: readonly (readonly [key: string, value: string])[];
};

export function encodeRecord(record: SessionRecord): string {
  const flat: Flat = {
    ...record,
    data: [...record.data].map(([key, { value, version, schemaVersion }]) => [
      key,
      value,
      version,
      schemaVersion,
    ]),
    system: [...record.system],
  };
  return JSON.stringify(flat);
}

/** @throws SyntaxError or TypeError when the text is no record: damage, which is a fault and not a missing session. */
export function decodeRecord(text: string): SessionRecord {
  const flat = JSON.parse(text) as Flat;
  const data = new Map<string, DataEntry>();
  for (const [key, value, version, schemaVersion] of flat.data)
    data.set(key, { value, version, schemaVersion });
  return { ...flat, data, system: new Map(flat.system) };
}

/** From when on a record may be dropped: judged by nothing that a touch changes, so that touches move no index. */
export function forgetAt(record: SessionRecord): number {
  return record.ended?.forgetAt ?? record.absoluteExpiresAt;
}

/** How long an admission without a record is taken for a sign-in that is still under way, in milliseconds. */
export const UNFINISHED_FOR = 86_400_000;
