/**
 * Is there an order of all steps, each at some instant between its call and its answer, in which every answer is right?
 * The search of Wing and Gong (1993), with Lowe's memory (2017): a set of steps done that has led to this state in vain is
 * not tried again. Locality (Herlihy and Wing) is what keeps it short: steps are of single records and indexes, and those
 * that only look are taken as soon as what they saw is there, since that never stands in another's way.
 */
import type { Value } from './values.ts';

/** One value for each object, and for what a step has to remember. */
export type State = readonly Value[];

export interface Step {
  /** Of which call: its place in the history. */
  readonly call: number;
  /** The records and indexes it is about. */
  readonly objects: readonly string[];
  readonly calledAt: number;
  /** `Infinity`: it may happen at any time, or never. */
  readonly returnedAt: number;
  /** A step of the same call that comes first. */
  readonly after?: Step;
  /** Taken at once in any case: later could only ask more of others. */
  readonly isEager?: boolean;
  /** The states it may lead to; the same state where it only looks; none where it can not happen now. */
  next(state: State): readonly State[];
}

export type Verdict = 'possible' | 'impossible' | 'undecided';

/** @param most how many states are tried before it is given up */
export function linearize(steps: readonly Step[], initial: State, most = 200_000): Verdict {
  const inOrder = steps.toSorted((a, b) => a.returnedAt - b.returnedAt || a.calledAt - b.calledAt);
  const bitOf = new Map(inOrder.map((step, i) => [step, 1n << BigInt(i)]));
  const inVain = new Set<string>();
  let tried = 0;

  function candidates(done: bigint): Step[] {
    const open = inOrder.filter((step) => (done & (bitOf.get(step) ?? 0n)) === 0n);
    // In the order of their answers: nothing can happen after the first answer that is still due.
    const due = open[0]?.returnedAt ?? Infinity;
    return open.filter(({ calledAt, after }) => {
      const isFirst = after === undefined || !bitOf.has(after) || (done & (bitOf.get(after) ?? 0n)) !== 0n;
      return calledAt < due && isFirst;
    });
  }

  function isPossible(before: bigint, from: State): boolean {
    let [done, state] = [before, from];
    let open = candidates(done);
    for (let i = 0; i < open.length; ) {
      const step = open[i] as Step;
      const [only, ...others] = step.next(state);
      const isTaken = only !== undefined && others.length === 0 && (only === state || step.isEager);
      if (!isTaken || step.returnedAt === Infinity) {
        i++;
        continue;
      }
      done |= bitOf.get(step) ?? 0n;
      state = only;
      open = candidates(done);
      i = 0;
    }
    if (open.every(({ returnedAt }) => returnedAt === Infinity)) return true;
    const key = `${done.toString(36)} ${state.map(({ number }) => number).join()}`;
    if (inVain.has(key)) return false;
    inVain.add(key);
    if (++tried > most) return false;
    for (const step of open) {
      const bit = bitOf.get(step) ?? 0n;
      for (const next of step.next(state)) if (next !== state && isPossible(done | bit, next)) return true;
    }
    return false;
  }

  if (isPossible(0n, initial)) return 'possible';
  return tried > most ? 'undecided' : 'impossible';
}
