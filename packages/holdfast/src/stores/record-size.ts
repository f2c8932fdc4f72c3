import type { SessionRecord } from '../record.ts';

/** Measured over 100,000 signed-in sessions with their index entries (2,365 and 124 bytes), and rounded up. */
const BYTES_PER_RECORD = 2_400;
const BYTES_PER_ENTRY = 150;

/** How many bytes of memory a record takes, estimated. */
export function sizeOf(record: SessionRecord): number {
  let bytes = BYTES_PER_RECORD;
  for (const [key, { value }] of record.data) bytes += BYTES_PER_ENTRY + key.length + value.length;
  for (const [key, value] of record.system) bytes += BYTES_PER_ENTRY + key.length + value.length;
  return bytes;
}
