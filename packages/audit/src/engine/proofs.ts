/** Which cookies and tokens really prove who one is: found by leaving out, alone and together. */
import { isSentTo } from '../cookies/jar.ts';
import { except, type Holding } from '../site/holding.ts';
import type { Verdict } from '../site/signed-in-test.ts';

export interface Proofs {
  /** Each is enough, and no part of it is. Sorted from the smallest. */
  readonly sets: readonly (readonly string[])[];
  /** Everything that is in any of them. */
  readonly keys: ReadonlySet<string>;
  /** What is held and proves nothing. */
  readonly idle: readonly string[];
  /** False where leaving out showed nothing, because a session did not stand still; then `keys` is all that is held. */
  readonly isProven: boolean;
  readonly why: string;
}

/** With more, not all combinations are tried. */
const ALL_COMBINATIONS_UP_TO = 5;
const MAX_SETS = 4;
const MOST_SESSIONS = 10;

export async function findProofs(
  held: readonly Holding[],
  page: { url: URL; now: number },
  judge: (holdings: readonly Holding[]) => Promise<Verdict>,
): Promise<Proofs> {
  const sent = held.filter((it) => it.kind !== 'cookie' || isSentTo(it.cookie, page.url, page.now));
  if ((await judge([])) !== 'out') {
    return unproven(sent, 'the page takes who sends nothing at all for somebody who is signed in');
  }
  if ((await judge(sent)) !== 'in') {
    return unproven(
      sent,
      'what the visitor holds does not sign in a second time, as if each answer made it worthless',
    );
  }
  const sets = sent.length <= ALL_COMBINATIONS_UP_TO ? await tryAll(sent, judge) : await shrink(sent, judge);
  if ((await judge(sent)) !== 'in') {
    return unproven(sent, 'the session ended while it was looked at');
  }
  if (sets.length === 0) return unproven(sent, 'no combination was enough a second time');
  const keys = new Set(sets.flat());
  return {
    sets,
    keys,
    idle: sent.map(({ key }) => key).filter((key) => !keys.has(key)),
    isProven: true,
    why: 'each was tried alone and together with others, and left out',
  };
}

function unproven(held: readonly Holding[], why: string): Proofs {
  const keys = held.map(({ key }) => key);
  return { sets: [keys], keys: new Set(keys), idle: [], isProven: false, why };
}

/** From the smallest; what contains a set that is enough is not tried. */
async function tryAll(
  held: readonly Holding[],
  judge: (holdings: readonly Holding[]) => Promise<Verdict>,
): Promise<string[][]> {
  const enough: number[] = [];
  const combinations = Array.from({ length: 2 ** held.length - 1 }, (_, index) => index + 1);
  for (const bits of combinations.toSorted((a, b) => size(a) - size(b) || a - b)) {
    if (enough.some((set) => (bits & set) === set)) continue;
    if ((await judge(held.filter((_, index) => bits & (1 << index)))) === 'in') enough.push(bits);
  }
  return enough.map((bits) => held.filter((_, index) => bits & (1 << index)).map(({ key }) => key));
}

function size(bits: number): number {
  return bits.toString(2).replaceAll('0', '').length;
}

/** One set at a time: everything is left out that can be; then again without one of its parts. */
async function shrink(
  held: readonly Holding[],
  judge: (holdings: readonly Holding[]) => Promise<Verdict>,
): Promise<string[][]> {
  const sets: string[][] = [];
  const starts: (readonly Holding[])[] = [held];
  for (let start = starts.shift(); start && sets.length < MAX_SETS; start = starts.shift()) {
    if (start !== held && (await judge(start)) !== 'in') continue;
    let left = start;
    for (const { key } of start) {
      const without = except(left, [key]);
      if ((await judge(without)) === 'in') left = without;
    }
    const keys = left.map(({ key }) => key);
    sets.push(keys);
    const from = start;
    starts.push(...keys.map((key) => except(from, [key])));
  }
  return sets.toSorted((a, b) => a.length - b.length || (a.join() < b.join() ? -1 : 1));
}

/**
 * The same where a part of what is held ends the session that it belongs to, so that one session shows nothing: each part is
 * left out of a session of its own. `undefined` where no part is needed by itself, or those that are, are not enough.
 */
export async function findProofsAnew(
  keys: readonly string[],
  judgeAnew: (keys: readonly string[]) => Promise<Verdict>,
): Promise<Proofs | undefined> {
  if (keys.length > MOST_SESSIONS) return undefined;
  if ((await judgeAnew([])) !== 'out' || (await judgeAnew(keys)) !== 'in') return undefined;
  const needed: string[] = [];
  for (const key of keys) {
    if ((await judgeAnew(keys.filter((it) => it !== key))) !== 'in') needed.push(key);
  }
  if (needed.length === 0 || (await judgeAnew(needed)) !== 'in') return undefined;
  return {
    sets: [needed],
    keys: new Set(needed),
    idle: keys.filter((key) => !needed.includes(key)),
    isProven: true,
    why: 'each was left out of a session of its own',
  };
}
