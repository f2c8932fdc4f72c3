/** The variants of one framework, side by side under one load after another. */
import type { LoadName } from './browsers.ts';
import { type Places, sum } from './places.ts';
import { measure, type Plan, type Result, startAll } from './rounds.ts';
import { groupOf, GROUPS, type Variant } from './variants.ts';

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
  const start = async (taking: readonly Variant[], load: LoadName, own: Plan): Promise<Result[]> => {
    const { running, failed } = await startAll(taking, own, places);
    for (const { why } of failed) leftOut(why);
    try {
      return await measure(running, load, own, places);
    } finally {
      for (const { server } of running) await server.stop();
    }
  };
  try {
    for (const load of loads) {
      const own = plan(load);
      const { rounds, starts } = own;
      const results: Result[] = [];
      for (const group of groupsOf(chosen.filter((variant) => takes(variant, load)))) {
        const parts: Result[][] = [];
        for (let i = 0; i < starts; i++) {
          const share = Math.floor((rounds * (i + 1)) / starts) - Math.floor((rounds * i) / starts);
          if (share > 0) parts.push(await start(group, load, { ...own, rounds: share }));
        }
        // The bare framework is beside each group, and one of them shows it.
        const shown = results.length === 0 ? group : group.filter(({ kind }) => kind !== 'bare');
        results.push(...joined(shown, parts));
      }
      await done(load, results);
    }
  } finally {
    await places.empty();
  }
}

function groupsOf(chosen: readonly Variant[]): Variant[][] {
  const bare = chosen.filter(({ kind }) => kind === 'bare');
  return GROUPS.map((group) => chosen.filter((one) => one.kind !== 'bare' && groupOf(one) === group))
    .filter((group) => group.length > 0)
    .map((group) => [...bare, ...group]);
}

/** What each variant showed in all of its processes. */
function joined(chosen: readonly Variant[], parts: readonly (readonly Result[])[]): Result[] {
  return chosen.flatMap((variant) => {
    const own = parts.flatMap((part) => part.filter((one) => one.variant === variant));
    const [first] = own;
    if (!first) return [];
    return {
      ...first,
      rounds: own.flatMap(({ rounds }) => rounds),
      commands: own.map(({ commands }) => commands).reduce(sum),
      requests: own.reduce((all, one) => all + one.requests, 0),
      wrong: own.find(({ wrong }) => wrong !== undefined)?.wrong,
    };
  });
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
