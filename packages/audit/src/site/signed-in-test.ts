/**
 * How one tells that one is signed in: what a page says to who is and never to who is not, found by comparing several
 * answers of each kind. A verdict has three values, since an answer may be neither: a fault, or a limit that was reached.
 */
import type { Answer } from '../http/message.ts';
import { featuresOf, shapeOf } from './features.ts';

export type Verdict = 'in' | 'out' | 'unclear';

export interface SignedInTest {
  readonly page: URL;
  /** For the report: what tells the two apart. */
  readonly explanation: string;
  judge(answer: Answer): Verdict;
}

export interface Samples {
  readonly page: URL;
  readonly signedIn: readonly Answer[];
  readonly anonymous: readonly Answer[];
}

/** What a recipe says of the page, instead of a comparison. */
export interface Expectation {
  readonly status?: number;
  readonly shows?: string;
  readonly hides?: string;
}

export interface Derived {
  readonly test: SignedInTest;
  /** How well the two are told apart; the page with the highest is used. */
  readonly strength: number;
}

const MARKERS_SHOWN = 3;
const MAX_MARKERS = 40;

/** `undefined` where the page does not tell the two apart. */
export function deriveTest({ page, signedIn, anonymous }: Samples): Derived | undefined {
  const shapesIn = new Set(signedIn.map(shapeOf));
  const shapesOut = new Set(anonymous.map(shapeOf));
  const [shapeIn = ''] = shapesIn;
  // An answer that is an error, or a different one each time, shows nothing.
  if (shapesIn.size !== 1 || !/^[23]/.test(shapeIn)) return undefined;
  const differsByShape = !shapesOut.has(shapeIn) && ![...shapesOut].some((shape) => shape.startsWith('5'));
  const allIn = signedIn.map(featuresOf);
  const allOut = anonymous.map(featuresOf);
  const markersIn = markers(allIn, allOut);
  const markersOut = markers(allOut, allIn);
  // A page that only says less to who is signed in could be any page.
  if (!differsByShape && markersIn.length === 0) return undefined;
  if (differsByShape && !shapeIn.startsWith('2') && markersIn.length === 0) return undefined;
  const strength =
    (differsByShape ? 100 : 0) + Math.min(markersIn.length, 20) + Math.min(markersOut.length, 20);
  return {
    strength,
    test: {
      page,
      explanation: explain(page, shapeIn, shapesOut, differsByShape, markersIn),
      judge: (answer) => judge(answer, { shapeIn, shapesOut, differsByShape, markersIn, markersOut }),
    },
  };
}

/** What every answer of one kind has, and no answer of the other. */
function markers(own: readonly Set<string>[], other: readonly Set<string>[]): string[] {
  const [first = new Set<string>(), ...rest] = own;
  return [...first]
    .filter((feature) => rest.every((set) => set.has(feature)) && !other.some((set) => set.has(feature)))
    .slice(0, MAX_MARKERS);
}

interface Knowledge {
  readonly shapeIn: string;
  readonly shapesOut: ReadonlySet<string>;
  readonly differsByShape: boolean;
  readonly markersIn: readonly string[];
  readonly markersOut: readonly string[];
}

function judge(answer: Answer, known: Knowledge): Verdict {
  const { shapeIn, shapesOut, differsByShape, markersIn, markersOut } = known;
  if (answer.status >= 500 || answer.status === 429) return 'unclear';
  const shape = shapeOf(answer);
  const features = featuresOf(answer);
  const isIn = share(markersIn, features);
  const isOut = share(markersOut, features);
  if (shape === shapeIn) {
    if (markersIn.length === 0) return differsByShape && isOut < 0.5 ? 'in' : 'unclear';
    if (isIn >= 0.5 && (markersOut.length === 0 || isOut < 0.5)) return 'in';
    return isIn < 0.2 || isOut > 0.5 ? 'out' : 'unclear';
  }
  if (differsByShape && shapesOut.has(shape)) return 'out';
  // Neither of the two: a refusal, or a redirect to somewhere else, is still not the page of who is signed in.
  const isRefusal = [401, 403, 404, 410, 419, 440].includes(answer.status) || shape.startsWith('3');
  return isIn === 0 && isRefusal ? 'out' : 'unclear';
}

function share(wanted: readonly string[], features: ReadonlySet<string>): number {
  if (wanted.length === 0) return 0;
  return wanted.filter((feature) => features.has(feature)).length / wanted.length;
}

function explain(
  page: URL,
  shapeIn: string,
  shapesOut: ReadonlySet<string>,
  differsByShape: boolean,
  markersIn: readonly string[],
): string {
  // Words that a person would see say more than the names of fields.
  const readable = markersIn.filter((marker) => !/^\w+ (?:href|action|name|id) /.test(marker));
  const words = [...readable, ...markersIn].slice(0, MARKERS_SHOWN).map((marker) => `“${marker}”`);
  const said = words.length > 0 ? ` and shows ${words.join(', ')}` : '';
  return differsByShape
    ? `${page.pathname} answers ${shapeIn}${said} to who is signed in, and ${[...shapesOut].join(' or ')} to others`
    : `${page.pathname} shows ${words.join(', ')} to who is signed in, and to nobody else`;
}

/** The test that a recipe states. */
export function statedTest(page: URL, expected: Expectation): SignedInTest {
  const parts = [
    ...(expected.status === undefined ? [] : [`answers ${expected.status}`]),
    ...(expected.shows === undefined ? [] : [`shows “${expected.shows}”`]),
    ...(expected.hides === undefined ? [] : [`does not show “${expected.hides}”`]),
  ];
  return {
    page,
    explanation: `${page.pathname} ${parts.join(' and ')} to who is signed in, as the recipe says`,
    judge(answer) {
      if (answer.status >= 500 || answer.status === 429) return 'unclear';
      const holds =
        (expected.status === undefined || answer.status === expected.status) &&
        (expected.shows === undefined || answer.body.includes(expected.shows)) &&
        (expected.hides === undefined || !answer.body.includes(expected.hides));
      return holds ? 'in' : 'out';
    },
  };
}
