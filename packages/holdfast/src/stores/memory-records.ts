/** The records of the memory store within their bounds, and who goes when there is no room. */
import type { SessionRecord } from '../record.ts';
import { forgetAt } from './record-json.ts';
import { sizeOf } from './record-size.ts';

export type Kind = 'ended' | 'anonymous' | 'signed-in';

interface Entry {
  readonly record: SessionRecord;
  readonly kind: Kind;
  readonly bytes: number;
}

export interface Bounds {
  readonly maxSessions: number;
  readonly maxBytes: number;
}

const SWEEP = 2;

export class MemoryRecords {
  readonly #bounds: Bounds;
  readonly #onEvict: (evicted: { readonly kind: Kind; readonly count: number }) => void;
  readonly #onRemove: (record: SessionRecord) => void;
  /** In the order of their last writing. */
  readonly #byKind: Readonly<Record<Kind, Map<string, Entry>>> = {
    ended: new Map(),
    anonymous: new Map(),
    'signed-in': new Map(),
  };
  readonly #evicted: Record<Kind, number> = { ended: 0, anonymous: 0, 'signed-in': 0 };
  #bytes = 0;

  constructor(
    bounds: Bounds,
    onEvict: (evicted: { readonly kind: Kind; readonly count: number }) => void,
    onRemove: (record: SessionRecord) => void,
  ) {
    this.#bounds = bounds;
    this.#onEvict = onEvict;
    this.#onRemove = onRemove;
  }

  get(id: string): SessionRecord | undefined {
    return this.#entry(id)?.record;
  }

  /** @throws RangeError when there is no room, and nobody who may be pushed out for this record. */
  put(record: SessionRecord, now: number): void {
    this.#sweep(now);
    const kind = kindOf(record);
    const bytes = sizeOf(record);
    const before = this.#entry(record.id);
    this.#makeRoom(kind, bytes - (before?.bytes ?? 0), before ? 0 : 1, record.id);
    if (before) this.#byKind[before.kind].delete(record.id);
    this.#byKind[kind].set(record.id, { record, kind, bytes });
    this.#bytes += bytes - (before?.bytes ?? 0);
  }

  prune(now: number, limit: number): number {
    let count = 0;
    for (const entries of Object.values(this.#byKind)) {
      for (const entry of entries.values()) {
        if (count >= limit) return count;
        if (forgetAt(entry.record) > now) continue;
        this.#remove(entry);
        count++;
      }
    }
    return count;
  }

  #entry(id: string): Entry | undefined {
    const { ended, anonymous, 'signed-in': signedIn } = this.#byKind;
    return signedIn.get(id) ?? anonymous.get(id) ?? ended.get(id);
  }

  /** A few of the oldest at each write, so that a store nobody prunes forgets by itself. */
  #sweep(now: number): void {
    for (const entries of Object.values(this.#byKind)) {
      let looked = 0;
      for (const entry of entries.values()) {
        if (looked++ >= SWEEP) break;
        if (forgetAt(entry.record) <= now) this.#remove(entry);
      }
    }
  }

  #makeRoom(kind: Kind, bytes: number, records: number, except: string): void {
    const { maxSessions, maxBytes } = this.#bounds;
    while (this.#count() + records > maxSessions || this.#bytes + bytes > maxBytes) {
      const victim = this.#victim(kind, except);
      if (!victim)
        throw new RangeError('the memory store is full, and nobody may be pushed out for this session');
      this.#remove(victim);
      this.#onEvict({ kind: victim.kind, count: ++this.#evicted[victim.kind] });
    }
  }

  #victim(kind: Kind, except: string): Entry | undefined {
    // Who signs in may push out who signed in longest ago; a visitor may not.
    const kinds: readonly Kind[] =
      kind === 'anonymous' ? ['ended', 'anonymous'] : ['ended', 'anonymous', 'signed-in'];
    for (const each of kinds) {
      for (const entry of this.#byKind[each].values()) {
        if (entry.record.id !== except) return entry;
      }
    }
    return undefined;
  }

  #count(): number {
    const { ended, anonymous, 'signed-in': signedIn } = this.#byKind;
    return ended.size + anonymous.size + signedIn.size;
  }

  #remove({ record, kind, bytes }: Entry): void {
    this.#byKind[kind].delete(record.id);
    this.#bytes -= bytes;
    this.#onRemove(record);
  }
}

function kindOf(record: SessionRecord): Kind {
  if (record.ended) return 'ended';
  return record.userId === undefined ? 'anonymous' : 'signed-in';
}
