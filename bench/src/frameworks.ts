/** The variants of one framework, side by side under one load after another. */
import type { LoadName } from './browsers.ts';
import type { Places } from './places.ts';
import { measure, type Plan, type Result, startAll } from './rounds.ts';
import type { Variant } from './variants.ts';

export interface Measuring {
  readonly loads: readonly LoadName[];
  readonly plan: (load: LoadName) => Plan;
  readonly takes: (variant: Variant, load: LoadName) => boolean;
  /** Told of each load when it is done. */
  readonly done: (load: LoadName, results: readonly Result[]) => unknown;
  /** Told of each variant that did not start. */
  readonly leftOut: (why: string) => unknown;
}

export async function measureFramework(
  chosen: readonly Variant[],
  places: Places,
  { loads, plan, takes, done, leftOut }: Measuring,
): Promise<void> {
  const [first = 'read'] = loads;
  const { running, failed } = await startAll(chosen, plan(first), places);
  for (const { why } of failed) leftOut(why);
  try {
    for (const load of loads) {
      const taking = running.filter(({ variant }) => takes(variant, load));
      await done(load, await measure(taking, load, plan(load), places));
    }
  } finally {
    for (const { server } of running) await server.stop();
    await places.empty();
  }
}

/** What fails in one variant is told, and the others go on. */
export async function each<T>(
  chosen: readonly Variant[],
  work: (variant: Variant) => Promise<T>,
  failed: (variant: Variant, why: string) => unknown,
): Promise<T[]> {
  const found: T[] = [];
  for (const variant of chosen) {
    try {
      found.push(await work(variant));
    } catch (error) {
      failed(variant, error instanceof Error ? error.message : String(error));
    }
  }
  return found;
}
