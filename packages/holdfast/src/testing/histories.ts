/** Random histories of concurrent callers, each held to the model: the races of the contract, all of them mixed. */
import type { ContractCase, OpenedStore, StoreHarness } from './contract/harness.ts';
import { type Dice, dice } from './contract/random.ts';
import { type Failure, failureOf, show } from './histories/explain.ts';
import { type Ground, play } from './histories/play.ts';
import { type Plan, planOfIndexes, planOfSession } from './histories/plan.ts';

/** What breaks a store's connection, or the store, while callers use it. */
export interface Faults {
  /** From now on calls may fail. */
  begin(): Promise<void>;
  /** No more of them: the store answers again, and whatever was under way is over. */
  end(): Promise<void>;
}

export interface OpenedForHistories extends OpenedStore {
  /** Begun and ended in each history: what stands before, and the last look, are without them. */
  readonly faults?: Faults;
}

export interface HistoriesHarness extends Omit<StoreHarness, 'open' | 'forgetsByItself'> {
  open(): Promise<OpenedForHistories>;
  /**
   * Whether a call that rejected with this error may have taken effect, or may do so later. Default: never, and a rejection
   * of anything but an `insert` of an id that exists is a failure.
   */
  isUnknown?(error: unknown): boolean;
}

const HANDLES = 3;

/**
 * Two cases, each of many histories (`harness.histories`, default 100): 3 to 5 callers on up to three handles mix changes,
 * reads, admissions, lists and ends. For each history there must be an order of the calls, every one at an instant
 * between its call and its answer, in which each answer is what `applyChange` and the rules of `SessionStore` give
 * (linearizability). A failure names its seed and shows the calls that cannot be explained, and no others.
 *
 *     for (const { name, run } of storeHistories({ open, histories: 1_000 })) test(name, run);
 */
export function storeHistories(harness: HistoriesHarness): readonly ContractCase[] {
  const cases: readonly [name: string, plan: (chance: Dice) => Plan][] = [
    [
      'changes and reads of one session by many callers have an order that explains every answer (ASVS-7.4.1)',
      planOfSession,
    ],
    [
      'sign-ins, changes, lists and ends of several sessions by many callers have an order that explains every answer (ASVS-7.4.1, ASVS-7.4.3)',
      planOfIndexes,
    ],
  ];
  return cases.map(([name, plan]) => ({ name, run: () => playAll(harness, plan) }));
}

async function playAll(harness: HistoriesHarness, planOf: (chance: Dice) => Plan): Promise<void> {
  const { seed = 1, histories = 100 } = harness;
  const opened = await harness.open();
  try {
    const ground = await groundOn(harness, opened);
    let plays = 0;
    const failing = async (plan: Plan) => failureOf(await play(plan, ground, `h${++plays}`));
    for (let each = 0; each < histories; each++) {
      const plan = planOf(dice(seed + each));
      const failure = await failing(plan);
      if (failure) throw broken(await smallest(plan, failure, failing), each + 1, seed + each);
    }
  } finally {
    await opened.close();
  }
}

async function groundOn(harness: HistoriesHarness, opened: OpenedForHistories): Promise<Ground> {
  const handles = [opened.store];
  while (opened.another && handles.length < HANDLES) handles.push(await opened.another());
  const isUnknown = (error: unknown): boolean => harness.isUnknown?.(error) ?? false;
  return { handles, isUnknown, faults: opened.faults };
}

/** Drops one operation after another, as long as it fails without. */
async function smallest(
  whole: Plan,
  found: Failure,
  failing: (plan: Plan) => Promise<Failure | undefined>,
): Promise<Failure> {
  let [plan, failure] = [whole, found];
  const all = [...whole.before, ...whole.callers.flat()];
  for (const { n: dropped } of all) {
    const isKept = ({ n }: { readonly n: number }): boolean => n !== dropped;
    const smaller: Plan = {
      ...plan,
      before: plan.before.filter(isKept),
      callers: plan.callers.map((intents) => intents.filter(isKept)),
    };
    const still = await failing(smaller);
    if (still) [plan, failure] = [smaller, still];
  }
  return failure;
}

function broken({ why, history }: Failure, count: number, seed: number): Error {
  return new Error(`history ${count} (play it again with seed ${seed}): ${why}\n${show(history)}`);
}
