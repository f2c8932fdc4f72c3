/** Which of two accounts a page is for: by their names where it shows them, and otherwise by what only one of them sees. */
import { isAuditError } from '../errors.ts';
import { type Answer, saysNothing } from '../http/message.ts';
import type { Holding } from '../site/holding.ts';
import { deriveTest, type Verdict } from '../site/signed-in-test.ts';
import type { Account } from '../site/account.ts';
import type { Site } from '../site/site.ts';
import { inconclusive, type Outcome } from './check.ts';
import type { CheckContext, Session } from './context.ts';

export type Who = 'first' | 'second' | 'nobody' | 'unclear';

export interface TwoAccounts {
  readonly first: Session;
  readonly second: Session;
  readonly secondAccount: Account;
  /** The page that differs, with these holdings and nothing else. */
  open(holdings: readonly Holding[], purpose: string): Promise<Answer>;
  whoseIs(answer: Answer): Who;
  /** The same, where these words and the names of both count for nothing. `undefined` where nothing else differs. */
  whoseIsWithout(words: readonly string[]): ((answer: Answer) => Who) | undefined;
  /** Whether one of the two sees this word on the page, and the other never does. */
  isOfOne(word: string): boolean;
  /** For whom the page is with these holdings and nothing else. */
  whose(holdings: readonly Holding[], purpose: string): Promise<Who>;
}

export type SeenAccounts = (TwoAccounts & { readonly whyNot?: never }) | { readonly whyNot: Outcome };

/** Signs in with both, each in a browser of its own; or says why the two can not be told apart here. */
export async function seeBothAccounts(context: CheckContext): Promise<SeenAccounts> {
  const { site, test, signedIn, secondAccount } = context;
  if (!secondAccount || secondAccount.user === signedIn.account.user) {
    return {
      whyNot: inconclusive(
        'not_configured',
        'it takes a second account: --second-user and --second-password-env',
      ),
    };
  }
  const first = await context.step('Somebody signs in, with the first account.', () =>
    context.signIn('the first account'),
  );
  const second = await signInSecond(context, secondAccount);
  worked.set(site, worked.get(site) === true || !('whyNot' in second));
  if ('whyNot' in second) return second;
  await context.step('The first account is signed in to, too.', async () => {
    const verdict = await context.judgeVisitor(first.visitor);
    context.control('positive', `the first account is signed in to, too (${verdict})`, verdict === 'in');
  });
  const pages = new Map(
    [test.page, signedIn.entrance.landing, site.target].map((url) => [`${url.pathname}${url.search}`, url]),
  );
  for (const page of pages.values()) {
    const [one, other] = await context.step(`Both open ${page.pathname}, twice.`, async () => {
      const seenBy = async ({ visitor }: Session, { user }: Account): Promise<Seen> => ({
        answers: [await visitor.send('GET', page), await visitor.send('GET', page)],
        user,
      });
      return [await seenBy(first, signedIn.account), await seenBy(second, secondAccount)] as const;
    });
    const whoseIs = byNames(one, other);
    if (!whoseIs) continue;
    const open = (holdings: readonly Holding[], purpose: string): Promise<Answer> =>
      site.replay(holdings, page, purpose);
    return {
      first,
      second,
      secondAccount,
      open,
      whoseIs,
      whoseIsWithout: (words) => byWordsBut([...words, ...namesOf(one), ...namesOf(other)], one, other),
      isOfOne: (word) => isOnlyOf(one, other, word) || isOnlyOf(other, one, word),
      whose: async (holdings, purpose) => whoseIs(await open(holdings, purpose)),
    };
  }
  return {
    whyNot: inconclusive(
      'control_failed',
      'this did not hold: a page differs between the two accounts, by their names or otherwise; a recipe can name one that does (signedIn)',
    ),
  };
}

const worked = new WeakMap<Site, boolean>();

/** Whether the second account was ever signed in to; absent where nobody has tried. */
export function hasSecondWorked(site: Site): boolean | undefined {
  return worked.get(site);
}

/** A wrong password is likelier here than anything that the site does: whose it is has to be said. */
async function signInSecond(
  context: CheckContext,
  account: Account,
): Promise<Session | { readonly whyNot: Outcome }> {
  const { evidence, site } = context;
  const entered = await context.step('Somebody else signs in, with the second account.', async () => {
    try {
      const visitor = site.visitor('the second account');
      const session = await context.signIn('the second account', visitor, account);
      const why = whyNotIn(await context.judgeVisitor(visitor), context.test.page);
      return why ?? session;
    } catch (error) {
      if (isAuditError(error, 'sign_in_failed') || isAuditError(error, 'recipe')) return error.message;
      throw error;
    }
  });
  const holds = typeof entered !== 'string';
  evidence.controls.push({ kind: 'positive', says: 'the second account can be signed in to', holds });
  if (holds) return entered;
  const says = `signing in with the second account, as ${account.user}, did not work: ${entered}`;
  return { whyNot: inconclusive('control_failed', says) };
}

function whyNotIn(verdict: Verdict, { pathname }: URL): string | undefined {
  if (verdict === 'in') return undefined;
  return verdict === 'out'
    ? `after it ${pathname} is what a stranger sees, as with a wrong password`
    : `after it ${pathname} is neither what a stranger sees nor what the first account does`;
}

interface Seen {
  readonly answers: readonly Answer[];
  readonly user: string;
}

function byNames(first: Seen, second: Seen): ((answer: Answer) => Who) | undefined {
  const others = namesOf(second);
  for (const [index, name] of namesOf(first).entries()) {
    const other = others[index] ?? second.user;
    if (!isOnlyOf(first, second, name) || !isOnlyOf(second, first, other)) continue;
    return (answer) => who(answer, shows(answer, name), shows(answer, other));
  }
  return byWords(first, second);
}

function namesOf({ user }: Seen): readonly [whole: string, withoutHost: string] {
  return [user, user.split('@')[0] ?? user];
}

function isOnlyOf(own: Seen, other: Seen, word: string): boolean {
  return (
    own.answers.every((answer) => shows(answer, word)) && !other.answers.some((answer) => shows(answer, word))
  );
}

/** A word stands between other signs than letters: “ada” is not in “adapter”. */
export function shows({ body }: Answer, word: string): boolean {
  return patternOf(word, 'iu').test(body);
}

const SYNTAX = /[$()*+.?[\\\]^{|}]/g;

function patternOf(word: string, flags: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\d])${word.replace(SYNTAX, '\\$&')}(?![\\p{L}\\d])`, flags);
}

function byWordsBut(
  words: readonly string[],
  first: Seen,
  second: Seen,
): ((answer: Answer) => Who) | undefined {
  const patterns = words.filter((word) => word !== '').map((word) => patternOf(word, 'giu'));
  // A number in the place of each: it counts for nothing in a text, and can stand in JSON.
  const strip = (answer: Answer): Answer => ({
    ...answer,
    body: patterns.reduce((body, pattern) => body.replace(pattern, '0'), answer.body),
  });
  const stripped = (seen: Seen): Seen => ({ ...seen, answers: seen.answers.map(strip) });
  const told = byWords(stripped(first), stripped(second));
  return told && ((answer) => told(strip(answer)));
}

function byWords(first: Seen, second: Seen): ((answer: Answer) => Who) | undefined {
  const page = first.answers[0]?.request.url;
  if (!page) return undefined;
  const one = deriveTest({ page, signedIn: first.answers, anonymous: second.answers })?.test;
  const other = deriveTest({ page, signedIn: second.answers, anonymous: first.answers })?.test;
  if (!one || !other) return undefined;
  return (answer) => who(answer, one.judge(answer) === 'in', other.judge(answer) === 'in');
}

function who(answer: Answer, isFirst: boolean, isSecond: boolean): Who {
  if (saysNothing(answer) || (isFirst && isSecond)) return 'unclear';
  if (isFirst) return 'first';
  return isSecond ? 'second' : 'nobody';
}
