/** What is to be reached: the processor time that Holdfast adds to the bare framework, beside what others add. */
import type { Result } from './rounds.ts';
import { type Estimate, paired } from './stats.ts';
import type { Framework, Variant } from './variants.ts';
import { nameOf, titleOf } from './variants.ts';

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

export const targets: readonly Target[] = [
  {
    ours: which('express', 'holdfast', 'memory'),
    theirs: which('express', 'express-session', 'memory'),
    atMost: 1 / 3,
  },
  {
    ours: which('express', 'holdfast', 'redis'),
    theirs: which('express', 'express-session', 'redis'),
    atMost: 0.4,
  },
  {
    ours: which('fastify', 'holdfast', 'redis'),
    theirs: which('fastify', '@fastify/session', 'redis'),
    atMost: 0.4,
  },
  {
    ours: which('express', 'holdfast', 'postgres'),
    theirs: which('express', 'express-session', 'postgres'),
    atMost: 0.25,
  },
  { ours: which('hono', 'holdfast', 'memory'), theirs: which('hono', 'iron-session', 'cookie'), atMost: 0.1 },
  ...(['memory', 'sqlite', 'redis', 'ioredis', 'postgres'] as const).flatMap((store) =>
    (['express', 'node'] as const).map((framework) => ({
      ours: which(framework, 'holdfast', store),
      theirs: which(framework, 'by-hand', store),
      atMost: 1.5,
    })),
  ),
  ...(['express', 'node'] as const).map((framework) => ({
    ours: which(framework, 'holdfast', 'cached'),
    theirs: which(framework, 'holdfast', 'memory'),
    atMost: 1.3,
  })),
];

export interface Judged {
  readonly target: Target;
  readonly title: string;
  readonly ratio: Estimate;
  readonly isMet: boolean;
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
export function added(results: readonly Result[], one: Result): number[] {
  const bare = results.find(
    ({ variant, load }) =>
      variant.kind === 'bare' && variant.framework === one.variant.framework && load === one.load,
  );
  return one.rounds.map((round, i) => round.cpu - (bare?.rounds[i]?.cpu ?? Number.NaN));
}

/** Of the load `read`. Where a side was not measured, the target is left out. */
export function judge(all: readonly Result[]): Judged[] {
  const results = all.filter(({ load }) => load === 'read');
  return targets.flatMap((target) => {
    const ours = find(results, target.ours);
    const theirs = find(results, target.theirs);
    if (!ours || !theirs) return [];
    const ratio = paired(added(results, ours), added(results, theirs), (a, b) => a / b);
    const name = (variant: Variant): string => titleOf(variant).replaceAll('*', '');
    return [
      {
        target,
        title: `${nameOf(ours.variant).split(' ')[0]}: ${name(ours.variant)} / ${name(theirs.variant)}`,
        ratio,
        isMet: ratio.median <= target.atMost,
      },
    ];
  });
}
