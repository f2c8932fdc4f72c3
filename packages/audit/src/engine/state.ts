/** How one sees what a change has changed: marks that a page shows, or a number on it that rises with each change. */
import { randomBytes } from 'node:crypto';
import type { Answer } from '../http/message.ts';
import { address, playSteps } from '../recipe/play.ts';
import type { Step } from '../recipe/recipe.ts';
import { normalise, shapeOf } from '../site/features.ts';
import type { Holding } from '../site/holding.ts';
import type { Visitor } from '../site/visitor.ts';
import { inconclusive, type Outcome } from './check.ts';
import type { CheckContext, Session } from './context.ts';

/** What a page says of the changes made so far. */
export interface Reading {
  /** How many of them it shows. */
  readonly count: number;
  /** The number of the newest that it shows; 0 where it shows none. */
  readonly newest: number;
}

export interface State {
  readonly page: URL;
  /** For the report: what on the page tells. */
  readonly explanation: string;
  /** Whether a change leaves those before it in place. One that overwrites them can not lose any. */
  readonly adds: boolean;
  /** Makes one more change. False where the site did not take it as it took the first. */
  change(visitor: Visitor, hold?: Promise<void>): Promise<boolean>;
  read(holdings: readonly Holding[], purpose: string): Promise<Reading>;
}

/** What stands for `${mark}`: letters alone, so that a page shows it as it is and no report takes it for a secret. */
export function newMark(): string {
  return `mark${[...randomBytes(12)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')}`;
}

/** Somebody who is signed in, and how one sees what they change; or why there is no such thing here. */
export type SeenState =
  | { readonly session: Session; readonly state: State; readonly whyNot?: never }
  | { readonly whyNot: Outcome };

/** Signs in and makes two changes, one after the other. */
export async function seeState(context: CheckContext): Promise<SeenState> {
  const steps = context.recipe.changeState;
  if (!steps) {
    return {
      whyNot: inconclusive(
        'not_configured',
        'the recipe names no request that changes something (changeState)',
      ),
    };
  }
  const session = await context.step('Somebody signs in.', () => context.signIn('signed in'));
  const state = await context.step('Two changes are made, one after the other.', () =>
    findState(context, session, steps),
  );
  if (!state) {
    return {
      whyNot: inconclusive(
        'not_configured',
        'no page shows what the change did: a recipe can name one (changeShows), and write ${mark} where the request takes a text',
      ),
    };
  }
  context.note(`How one sees it: ${state.explanation}.`);
  return { session, state };
}

/**
 * Makes two changes and looks at the page in between. `undefined` where it does not show them.
 * The page is read twice before: what changes by itself, as a count of visits, is not what is looked for.
 */
async function findState(
  context: CheckContext,
  { visitor }: Session,
  steps: readonly Step[],
): Promise<State | undefined> {
  const { site, recipe, test } = context;
  const page = recipe.changeShows === undefined ? test.page : address(site, recipe.changeShows);
  const marks: string[] = [];
  let accepted: string | undefined;

  async function change(who: Visitor, hold?: Promise<void>): Promise<boolean> {
    const mark = newMark();
    const answers = await playSteps(site, who, steps, { mark }, hold);
    const shape = answers.map((answer) => `${answer.request.method} ${shapeOf(answer)}`).join(', ');
    accepted ??= shape;
    const isTaken = shape === accepted && answers.every(({ status }) => status < 400);
    if (isTaken) marks.push(mark);
    return isTaken;
  }

  const look = (holdings: readonly Holding[], purpose: string): Promise<Answer> =>
    site.replay(holdings, page, purpose);
  const own = (): Promise<Answer> => visitor.send('GET', page);
  const still = [await own(), await own()] as const;
  if (!(await change(visitor))) return undefined;
  const once = await own();
  if (!(await change(visitor))) return undefined;
  const twice = await own();

  const [first = '', second = ''] = marks;
  if (once.body.includes(first) && twice.body.includes(second)) {
    return {
      page,
      change,
      explanation: `${page.pathname} shows what was written`,
      adds: twice.body.includes(first),
      async read(holdings, purpose) {
        const { body } = await look(holdings, purpose);
        const shown = marks.flatMap((mark, index) => (body.includes(mark) ? [index + 1] : []));
        return { count: shown.length, newest: shown.at(-1) ?? 0 };
      },
    };
  }
  const [before, between, after] = [numbersOf(still[1]), numbersOf(once), numbersOf(twice)];
  const quiet = numbersOf(still[0]);
  for (const [place, value] of before) {
    const step = (between.get(place) ?? Number.NaN) - value;
    if (quiet.get(place) !== value || !(step > 0) || after.get(place) !== value + 2 * step) continue;
    return {
      page,
      change,
      explanation: `a number on ${page.pathname} rises by ${step} with each`,
      adds: true,
      async read(holdings, purpose) {
        const now = numbersOf(await look(holdings, purpose)).get(place) ?? value;
        const count = (now - value) / step;
        return { count, newest: count };
      },
    };
  }
  return undefined;
}

const MAX_NUMBERS = 500;
const NUMBER = /(?<![\w.:-])\d{1,9}(?![\w:-])/g;

/** Whole numbers by what stands before them. */
function numbersOf({ body }: Answer): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const { 0: digits, index } of body.slice(0, 200_000).matchAll(NUMBER)) {
    if (numbers.size >= MAX_NUMBERS) break;
    const label = normalise(body.slice(Math.max(0, index - 40), index));
    let place = label;
    for (let nth = 2; numbers.has(place); nth++) place = `${label} (${nth})`;
    numbers.set(place, Number(digits));
  }
  return numbers;
}
