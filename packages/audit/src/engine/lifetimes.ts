/** For how long a session lives: left alone, and in use. What the two checks of limits share. */
import { isAuditError } from '../errors.ts';
import type { Timeout } from '../profiles.ts';
import type { TimeControl } from '../time/control.ts';
import { sayDuration } from '../time/duration.ts';
import type { Answer } from '../http/message.ts';
import { header } from '../http/message.ts';
import type { Holding } from '../site/holding.ts';
import type { Verdict } from '../site/signed-in-test.ts';
import type { Visitor } from '../site/visitor.ts';
import { ControlFailed, inconclusive, type Outcome } from './check.ts';
import type { CheckContext, Session, SignedIn } from './context.ts';

/** So much after its limit a session has to be over: servers may round, and differ by a little. */
export const MARGIN = 60_000;

/** The latest moment at which a session was seen to be good, and the earliest at which it was not. */
export interface Span {
  readonly goodAfter: number;
  /** Absent where it was never seen to end. */
  readonly overAfter?: number;
}

/** The part of its time without a request in which a session is surely good. */
const SURELY = 0.8;
const NARROW_ENOUGH = 1.5;

const measured = new WeakMap<SignedIn, { time: TimeControl; span: Span }>();

/** Forgets what was measured: the target was started anew. */
export function measureAnew({ signedIn }: CheckContext): void {
  measured.delete(signedIn);
}

/** How long a session lives that nobody uses; looked for up to `longest`. Only where time is moved. */
export async function idleSpan(context: CheckContext, time: TimeControl, longest: number): Promise<Span> {
  const known = measured.get(context.signedIn);
  if (known?.time === time) return known.span;
  const span = await measureIdle(context, time, longest);
  measured.set(context.signedIn, { time, span });
  return span;
}

async function measureIdle(context: CheckContext, time: TimeControl, longest: number): Promise<Span> {
  if ((await leftAlone(context, time, longest)) === 'in') return { goodAfter: longest };
  let goodAfter = MARGIN;
  let overAfter = longest;
  const soon = await leftAlone(context, time, goodAfter);
  context.control(
    'negative',
    `a session that is left alone for ${sayDuration(goodAfter)} is still good: moving the clock ends nothing by itself`,
    soon === 'in',
  );
  while (overAfter / goodAfter > NARROW_ENOUGH) {
    const between = Math.round(Math.sqrt(goodAfter * overAfter));
    if ((await leftAlone(context, time, between)) === 'in') goodAfter = between;
    else overAfter = between;
  }
  return { goodAfter, overAfter };
}

/** A session of its own, which sends nothing until the time is over: looking at it would be using it. */
async function leftAlone(
  context: CheckContext,
  time: TimeControl,
  ms: number,
): Promise<Exclude<Verdict, 'unclear'>> {
  return context.step(`Somebody signs in, and sends nothing for ${sayDuration(ms)}.`, async () => {
    const session = await context.signIn('who goes away');
    const proof = lasting(session.proof);
    const before = await look(context, proof);
    context.control('positive', 'the session is good at first', before.verdict === 'in');
    await time.pass(ms);
    await time.settle();
    const after = await look(context, proof);
    if (after.verdict === 'unclear')
      throw new ControlFailed('the answer to the session that was left alone can be told');
    if (after.verdict === 'in') {
      const went = dateOf(after.answer) - dateOf(before.answer);
      context.control(
        'positive',
        'the target tells the new time in its Date: its clock was moved',
        went > ms - MARGIN / 2,
      );
    }
    return after.verdict;
  });
}

export interface UsedSpan extends Span {
  /** Whether a session a little younger, used at the same moments, was good when the older was over. */
  readonly youngerWasGood?: boolean;
}

/** A session that is used at least every `step`, watched for as long as `longest`. */
export async function inUse(
  context: CheckContext,
  time: TimeControl,
  { step, longest, onAge }: { step: number; longest: number; onAge?: (age: number) => Promise<void> },
): Promise<UsedSpan> {
  const says = `Somebody signs in, and opens a page at least every ${sayDuration(step)}, for ${sayDuration(longest)}.`;
  return context.step(says, async () => {
    const { older, mayHaveTwo } = await firstOf(context);
    let younger: Session | undefined;
    let age = 0;
    while (age < longest) {
      const next = Math.min(step, longest - age);
      await time.pass(next);
      const isLast = age + next >= longest;
      if (isLast) await time.settle();
      const verdict = await use(context, older);
      if (verdict === 'unclear') throw new ControlFailed('the answer to the session in use can be told');
      if (verdict === 'out') {
        const youngerWasGood = younger && (await use(context, younger)) === 'in';
        return {
          goodAfter: age,
          overAfter: age + next,
          ...(youngerWasGood !== undefined && { youngerWasGood }),
        };
      }
      if (younger) await use(context, younger);
      if (mayHaveTwo && !younger) younger = await secondOf(context, older);
      age += next;
      await onAge?.(age);
    }
    return { goodAfter: age };
  });
}

/** A new sign-in may end the session before it: then there is none to compare with. */
async function firstOf(context: CheckContext): Promise<{ older: Session; mayHaveTwo: boolean }> {
  const first = await context.signIn('who stays');
  const older = await context.signIn('who stays');
  context.control('positive', 'the session is good at first', (await use(context, older)) === 'in');
  return { older, mayHaveTwo: (await use(context, first)) === 'in' };
}

async function secondOf(context: CheckContext, older: Session): Promise<Session> {
  const younger = await context.signIn('who came later');
  context.control(
    'positive',
    'one more sign-in leaves the session in use as it is',
    (await use(context, older)) === 'in',
  );
  return younger;
}

/**
 * Watches a session that nobody uses, beside one that is used. Only where time is waited for. It is looked at once, after the
 * last sign-in, since any of them may have ended it; from then on it is left alone.
 */
export async function waitBoth(
  context: CheckContext,
  time: TimeControl,
  wanted: number,
): Promise<{ left: Exclude<Verdict, 'unclear'>; leftFor: number; used: UsedSpan }> {
  const step = waitingStep(wanted);
  const away = await context.signIn('who goes away');
  const proof = lasting(away.proof);
  let since: number | undefined;
  const used = await inUse(context, time, {
    step,
    longest: Math.min(longestWait(wanted), time.atMost),
    async onAge(age) {
      if (since !== undefined) return;
      since = age;
      const { verdict } = await look(context, proof);
      context.control(
        'negative',
        `the session that is left alone is good after ${sayDuration(age)}: no other sign-in has ended it`,
        verdict === 'in',
      );
    },
  });
  const leftFor = (used.overAfter ?? used.goodAfter) - (since ?? 0);
  const { verdict } = await context.step('The session that nobody used is looked at.', () =>
    look(context, proof),
  );
  if (verdict === 'unclear')
    throw new ControlFailed('the answer to the session that was left alone can be told');
  return { left: verdict, leftFor, used };
}

/** How long it takes in all to leave a session alone for so long. */
export function longestWait(wanted: number): number {
  return wanted + waitingStep(wanted);
}

/** For the report: what a session is held to. */
export function sayTimeout({ seconds, source }: Timeout): string {
  return `It has to be over after ${sayDuration(seconds * 1_000)}: so says ${source}.`;
}

const SHORTEST_STEP = 60_000;
const MOST_STEPS = 300;

/** Often enough for any limit on idleness that people set, and seldom enough for the budget. */
export function waitingStep(longest: number): number {
  return Math.min(longest, Math.max(SHORTEST_STEP, Math.ceil(longest / MOST_STEPS)));
}

/** What a session in use has ended by. Without a younger one to compare with, that earlier steps as long did not end it has to do. */
export function endOfUse({ goodAfter, youngerWasGood }: UsedSpan, step: number): 'by age' | 'unclear' {
  return (youngerWasGood ?? goodAfter >= 2 * step) ? 'by age' : 'unclear';
}

/**
 * A session has outlived its limit by the clock that is moved. Whether the target is measured once more, with more of its
 * clocks moved; or why nothing is proven by it.
 */
export async function secondLook(context: CheckContext, time: TimeControl): Promise<boolean | Outcome> {
  const foreign = (await time.foreignClocks?.()) ?? [];
  if (foreign.length > 0) return otherClock(foreign);
  try {
    if (!(await time.moveMore?.())) return false;
  } catch (error) {
    if (!isAuditError(error, 'unreachable')) throw error;
    return inconclusive(
      'control_failed',
      `the session was still good, but it may go by another clock: to move every one the site was started a second time, and that did not work. ${error.message.split('\n')[0]}`,
    );
  }
  context.note('The site is started anew, with every clock moved that it has: sessions may go by another.');
  return true;
}

/** Said where a session lives on, and something else than the target may be what keeps it. */
function otherClock(foreign: readonly string[]): Outcome {
  return inconclusive(
    'control_failed',
    `the session was still good, but it may be kept where the clock was not moved: the target is connected to ${foreign.join(', ')}. Let --start start that too, or wait with --patience`,
  );
}

/** How often a session has to be used so that it is not over for want of use. */
export function stepFor({ goodAfter }: Span): number {
  return Math.floor(goodAfter * SURELY);
}

/** Opens the page as the browser would, which keeps what the answer sets. */
async function use(context: CheckContext, { visitor }: Session): Promise<Verdict> {
  keep(visitor);
  const answer = await visitor.send('GET', context.test.page);
  return context.test.judge(answer);
}

async function look(
  context: CheckContext,
  holdings: readonly Holding[],
): Promise<{ answer: Answer; verdict: Verdict }> {
  const answer = await context.site.replay(holdings, context.test.page, 'who comes back');
  return { answer, verdict: context.test.judge(answer) };
}

/** Who has copied a cookie does not care when the browser of its owner throws it away. */
export function lasting(holdings: readonly Holding[]): Holding[] {
  return holdings.map((it) => {
    if (it.kind !== 'cookie') return it;
    const { expiresAt: _, ...cookie } = it.cookie;
    return { ...it, cookie };
  });
}

function keep({ jar }: Visitor): void {
  for (const { expiresAt, ...cookie } of jar.cookies) if (expiresAt !== undefined) jar.plant(cookie);
}

function dateOf({ headers }: Answer): number {
  return Date.parse(header(headers, 'date') ?? '');
}
