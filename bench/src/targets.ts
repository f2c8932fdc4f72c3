/** What is to be reached, and whether it is: the processor time that Holdfast adds to the bare framework beside what others add. */
import type { Filled } from './filled.ts';
import type { Result } from './rounds.ts';
import { type Estimate, paired, ratioOfMedians } from './stats.ts';
import type { Framework } from './variants.ts';
import { titleOf } from './variants.ts';

interface Which {
  readonly framework: Framework;
  readonly library: string;
  readonly store: string;
}

export interface Target {
  readonly ours: Which;
  readonly theirs: Which;
  /** At most so many times what the other adds. */
  readonly atMost: number;
}

const which = (framework: Framework, library: string, store: string): Which => ({
  framework,
  library,
  store,
});

const against = (framework: Framework, store: string, theirs: Which, atMost: number): Target => ({
  ours: which(framework, 'holdfast', store),
  theirs,
  atMost,
});

const STORES = ['memory', 'sqlite', 'redis', 'ioredis', 'postgres'];

const onFramework = (framework: Framework, stores: readonly string[]): Target[] => [
  ...stores.map((store) => against(framework, store, which(framework, 'by-hand', store), 1.5)),
  against(framework, 'cached', which(framework, 'holdfast', 'memory'), 1.3),
];

/** Of issue 7, on the frameworks that it names. */
export const MAIN_TARGETS: readonly Target[] = [
  against('express', 'memory', which('express', 'express-session', 'memory'), 1 / 3),
  against('express', 'redis', which('express', 'express-session', 'redis'), 0.4),
  against('fastify', 'redis', which('fastify', '@fastify/session', 'redis'), 0.4),
  against('express', 'postgres', which('express', 'express-session', 'postgres'), 0.25),
  against('hono', 'memory', which('hono', 'iron-session', 'cookie'), 0.1),
  ...onFramework('express', STORES),
];

/** The same where nothing but `node:http` is below. */
export const NODE_TARGETS: readonly Target[] = onFramework('node', [...STORES, 'mysql']);

export interface Judged {
  readonly target: Target;
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: Estimate;
  readonly isMet: boolean;
  /** Whether the whole interval says the same. */
  readonly isCertain: boolean;
}

function find(results: readonly Result[], { framework, library, store }: Which): Result | undefined {
  return results.find(
    ({ variant, wrong }) =>
      wrong === undefined &&
      variant.framework === framework &&
      variant.library === library &&
      variant.store === store,
  );
}

/** Microseconds that a variant adds to the bare framework, round by round. */
export function added({ rounds }: Result): number[] {
  return rounds.map(({ cpu, bareCpu }) => cpu - bareCpu);
}

const judged = (ratio: Estimate, atMost: number): Pick<Judged, 'isMet' | 'isCertain'> => {
  const isMet = ratio.median <= atMost;
  return { isMet, isCertain: isMet ? ratio.high <= atMost : ratio.low > atMost };
};

/** Of the load `read`. Where a side was not measured, the target is left out. */
export function judge(all: readonly Result[], targets: readonly Target[]): Judged[] {
  const results = all.filter(({ load }) => load === 'read');
  return targets.flatMap((target) => {
    const ours = find(results, target.ours);
    const theirs = find(results, target.theirs);
    if (!ours || !theirs) return [];
    const ratio = ratioOfMedians(added(ours), added(theirs));
    const titles = { ours: titleOf(ours.variant), theirs: titleOf(theirs.variant) };
    return [{ target, ...titles, ratio, ...judged(ratio, target.atMost) }];
  });
}

export interface Flat {
  readonly filled: Filled;
  readonly fewest: number;
  readonly most: number;
  /** Of the cost of a request among the most to that among the fewest, round by round. */
  readonly ratio: Estimate;
  readonly isMet: boolean;
}

/** Whether a request costs the same among the most sessions as among the fewest: within the interval, that is. */
export function judgeFlat(all: readonly Filled[]): Flat[] {
  return all.flatMap((filled) => {
    const [first, last] = [filled.sizes[0], filled.sizes.at(-1)];
    if (!first || !last || first === last) return [];
    if (first.result.wrong !== undefined || last.result.wrong !== undefined) return [];
    const cpu = ({ rounds }: Result): number[] => rounds.map((round) => round.cpu);
    const ratio = paired(cpu(last.result), cpu(first.result), (a, b) => a / b);
    return [{ filled, fewest: first.sessions, most: last.sessions, ratio, isMet: ratio.low <= 1 }];
  });
}
