/** What calls cost among so many sessions, and how much they are held up while everything that is over is pruned. */
import { EXPIRES_AT, idAt, indexAt, type Place, recordAt, SEEN_AT } from './place.ts';

const ROUNDS = 5;
const CALLS = 1_000;

export interface Cost {
  /** Microseconds of the server's CPU. */
  readonly cpu: number;
  /** Microseconds from the call to its answer. */
  readonly clock: number;
  readonly pages: number | undefined;
}

export interface Costs {
  readonly read: Cost;
  readonly touch: Cost;
  readonly list: Cost;
}

function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** One call after another, each on another session; the median of some rounds. */
async function costOf(place: Place, call: (i: number) => unknown): Promise<Cost> {
  const rounds: Cost[] = [];
  let i = 0;
  for (let round = -1; round < ROUNDS; round++) {
    const before = await place.work();
    const start = performance.now();
    for (let n = 0; n < CALLS; n++) await call(i++);
    const clock = ((performance.now() - start) * 1_000) / CALLS;
    const { cpu, pages } = await place.work();
    // The first round is to get warm.
    if (round < 0) continue;
    rounds.push({
      cpu: (cpu - before.cpu) / CALLS,
      clock,
      pages: pages === undefined ? undefined : (pages - (before.pages ?? 0)) / CALLS,
    });
  }
  const pages = rounds.flatMap((each) => each.pages ?? []);
  return {
    cpu: median(rounds.map(({ cpu }) => cpu)),
    clock: median(rounds.map(({ clock }) => clock)),
    pages: pages.length === 0 ? undefined : median(pages),
  };
}

/** @param filled how many sessions there are */
export async function costsAmong(place: Place, filled: number): Promise<Costs> {
  const { store } = place;
  // A stride that visits sessions all over the table, and none twice in a round.
  const at = (i: number): number => (i * 7_919) % filled;
  let seenAt = SEEN_AT + 10_000_000;
  return {
    read: await costOf(place, (i) => store.read(idAt(at(i)))),
    touch: await costOf(place, (i) => store.apply(idAt(at(i)), { epoch: 1, at: ++seenAt, touch: seenAt })),
    list: await costOf(place, (i) => store.listBy(indexAt(at(i)))),
  };
}

export interface Latencies {
  /** Milliseconds, the shortest first. */
  readonly read: readonly number[];
  readonly touch: readonly number[];
}

export interface Pruned {
  readonly count: number;
  /** In milliseconds. */
  readonly took: number;
  /** Of each batch, in milliseconds, the shortest first. */
  readonly batches: readonly number[];
  readonly calm: Latencies;
  readonly busy: Latencies;
}

/** As many as one request takes with it. */
export const BATCH = 100;
const CALM_FOR = 5_000;
const STAYING = 1_000;

/** Prunes everything there is, batch after batch without a pause, while others read and touch sessions that stay. */
export async function pruneAmong(place: Place, filled: number): Promise<Pruned> {
  const { store } = place;
  const pruner = place.another();
  const now = EXPIRES_AT + filled;
  for (let n = 0; n < STAYING; n++) {
    await store.insert({ ...recordAt(filled + n), absoluteExpiresAt: now + 3_600_000 });
  }
  let seenAt = SEEN_AT + 20_000_000;
  async function latencies(isOver: () => boolean): Promise<Latencies> {
    const read: number[] = [];
    const touch: number[] = [];
    for (let i = 0; !isOver(); i++) {
      const id = idAt(filled + (i % STAYING));
      const start = performance.now();
      await store.read(id);
      const between = performance.now();
      await store.apply(id, { epoch: 1, at: ++seenAt, touch: seenAt });
      read.push(between - start);
      touch.push(performance.now() - between);
      // Where a store answers at once, whatever else there is to do would never be done.
      await new Promise(setImmediate);
    }
    return { read: read.toSorted((a, b) => a - b), touch: touch.toSorted((a, b) => a - b) };
  }

  const calmUntil = performance.now() + CALM_FOR;
  const calm = await latencies(() => performance.now() > calmUntil);
  const batches: number[] = [];
  let count = 0;
  let isPruned = false;
  const start = performance.now();
  const pruning = (async () => {
    for (let some = BATCH; some === BATCH; count += some) {
      const begin = performance.now();
      some = await pruner.prune(now, BATCH);
      batches.push(performance.now() - begin);
      await new Promise(setImmediate);
    }
    isPruned = true;
  })();
  const busy = await latencies(() => isPruned);
  await pruning;
  const took = performance.now() - start;
  return { count, took, batches: batches.toSorted((a, b) => a - b), calm, busy };
}
