/** Copies of records that were read a short while ago, within bounds. */
import type { SessionRecord } from '../record.ts';
import { frozenCopyOf } from './frozen-record.ts';
import { sizeOf } from './record-size.ts';

export interface RecentBounds {
  /** In milliseconds. */
  readonly maxAge: number;
  readonly max: number;
  readonly maxBytes: number;
}

/** In milliseconds, from whenever. */
export type MillisecondClock = () => number;

/** What each of the clocks says. */
export type Reading = readonly number[];

interface Entry {
  readonly record: SessionRecord;
  readonly readAt: Reading;
  readonly bytes: number;
}

export class RecentRecords {
  readonly #bounds: RecentBounds;
  readonly #clocks: readonly MillisecondClock[];
  /** In the order of their reading. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(bounds: RecentBounds, clocks: readonly MillisecondClock[]) {
    this.#bounds = bounds;
    this.#clocks = clocks;
  }

  get size(): number {
    return this.#entries.size;
  }

  now(): Reading {
    return this.#clocks.map((clock) => clock());
  }

  get(id: string): SessionRecord | undefined {
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    if (this.#isYoung(entry)) return entry.record;
    this.delete(id);
    return undefined;
  }

  /** @param readAt before the store was asked */
  put(record: SessionRecord, readAt: Reading): void {
    this.delete(record.id);
    const bytes = sizeOf(record);
    this.#entries.set(record.id, { record: frozenCopyOf(record), readAt, bytes });
    this.#bytes += bytes;
    const { max, maxBytes } = this.#bounds;
    for (const [id, entry] of this.#entries) {
      const fits = this.#entries.size <= max && this.#bytes <= maxBytes;
      if (fits && this.#isYoung(entry)) return;
      this.delete(id);
    }
  }

  delete(id: string): void {
    this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
  }

  deleteBy(index: string): void {
    for (const { record } of this.#entries.values()) {
      if (record.indexes.includes(index)) this.delete(record.id);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** By every clock: one may be set back, and another stand still while the machine sleeps. */
  #isYoung({ readAt }: Entry): boolean {
    const { maxAge } = this.#bounds;
    for (let i = 0; i < readAt.length; i++) {
      const age = (this.#clocks[i]?.() ?? Number.NaN) - (readAt[i] ?? Number.NaN);
      if (!(age >= 0 && age < maxAge)) return false;
    }
    return true;
  }
}
