/** Medians and intervals. */
import { dice } from '../../packages/holdfast/src/testing/contract/random.ts';

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [low = Number.NaN, high = low] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

export interface Estimate {
  readonly median: number;
  /** Within which the median lies with a confidence of at least 95 %; the whole range where there are fewer than six rounds. */
  readonly low: number;
  readonly high: number;
}

/**
 * The median with its interval by order statistics, which supposes nothing about how the rounds are spread: how many of n values
 * lie below the median is binomial.
 */
export function estimate(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  let k = 0;
  // P(X <= k) for X ~ B(n, ½) may be 2.5 % at most.
  for (let term = 0.5 ** n, sum = term; sum <= 0.025 && k < n / 2; ) {
    k++;
    term = (term * (n - k + 1)) / k;
    sum += term;
  }
  const from = Math.max(0, k - 1);
  return {
    median: median(values),
    low: sorted[from] ?? Number.NaN,
    high: sorted[n - 1 - from] ?? Number.NaN,
  };
}

/** Values that belong together, round by round. */
export function paired(
  a: readonly number[],
  b: readonly number[],
  combine: (a: number, b: number) => number,
): Estimate {
  return estimate(a.map((value, i) => combine(value, b[i] ?? Number.NaN)).filter(Number.isFinite));
}

const RESAMPLES = 2_000;

/**
 * The median of `a` divided by that of `b`, round by round the same rounds. Its interval is the middle 95 % of what it would be for
 * rounds drawn again, with replacement (bootstrap): the quotient of each round by itself means little where `b` is near zero.
 */
export function ratioOfMedians(a: readonly number[], b: readonly number[]): Estimate {
  const rounds = a.flatMap((value, i) => {
    const other = b[i] ?? Number.NaN;
    return Number.isFinite(value) && Number.isFinite(other) ? [[value, other] as const] : [];
  });
  const ratioOf = (drawn: typeof rounds): number =>
    median(drawn.map(([value]) => value)) / median(drawn.map(([, other]) => other));
  // Always the same draws, so that the page can be written again from its figures.
  const chance = dice(1);
  const ratios = Array.from({ length: RESAMPLES }, () =>
    ratioOf(rounds.map(() => rounds[chance.roll(rounds.length)] ?? [Number.NaN, Number.NaN])),
  );
  return { median: ratioOf(rounds), low: quantile(ratios, 0.025), high: quantile(ratios, 0.975) };
}
