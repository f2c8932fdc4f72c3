/** Which of two accounts a page is for: by their names where it shows them, and otherwise by what only one of them sees. */
import type { Answer } from '../http/message.ts';
import type { Holding } from '../site/holding.ts';
import { deriveTest } from '../site/signed-in-test.ts';
import type { Account } from '../site/account.ts';
import { inconclusive, type Outcome } from './check.ts';
import type { CheckContext, Session } from './context.ts';

export type Who = 'first' | 'second' | 'nobody' | 'unclear';

export interface TwoAccounts {
  readonly first: Session;
  readonly second: Session;
  readonly secondAccount: Account;
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
  const second = await context.step('Somebody else signs in, with the second account.', () =>
    context.signIn('the second account', site.visitor('the second account'), secondAccount),
  );
  await context.step('Both are signed in.', async () => {
    for (const [session, whose] of [
      [first, 'the first account'],
      [second, 'the second account'],
    ] as const) {
      const verdict = await context.judgeVisitor(session.visitor);
      context.control('positive', `${whose} can be signed in to (${verdict})`, verdict === 'in');
    }
  });
  const look = (holdings: readonly Holding[], page: URL, purpose: string): Promise<Answer> =>
    site.replay(holdings, page, purpose);
  const pages = new Map(
    [test.page, signedIn.entrance.landing, site.target].map((url) => [`${url.pathname}${url.search}`, url]),
  );
  for (const page of pages.values()) {
    const told = await context.step(`Both open ${page.pathname}, twice.`, async () => {
      const twice = async ({ visitor }: Session): Promise<Answer[]> => [
        await visitor.send('GET', page),
        await visitor.send('GET', page),
      ];
      return byNames(
        { answers: await twice(first), user: signedIn.account.user },
        { answers: await twice(second), user: secondAccount.user },
      );
    });
    if (!told) continue;
    return {
      first,
      second,
      secondAccount,
      whose: async (holdings, purpose) => told(await look(holdings, page, purpose)),
    };
  }
  return {
    whyNot: inconclusive(
      'control_failed',
      'this did not hold: a page differs between the two accounts, by their names or otherwise; a recipe can name one that does (signedIn)',
    ),
  };
}

interface Seen {
  readonly answers: readonly Answer[];
  readonly user: string;
}

function byNames(first: Seen, second: Seen): ((answer: Answer) => Who) | undefined {
  for (const nameOf of [(user: string) => user, (user: string) => user.split('@')[0] ?? user]) {
    const [one, other] = [showing(nameOf(first.user)), showing(nameOf(second.user))];
    const isTold =
      first.answers.every((answer) => one(answer) && !other(answer)) &&
      second.answers.every((answer) => other(answer) && !one(answer));
    if (isTold) return (answer) => who(answer, one(answer), other(answer));
  }
  return byWords(first, second);
}

const SYNTAX = /[$()*+.?[\\\]^{|}]/g;

/** A name stands between other signs than letters: “ada” is not in “adapter”. */
function showing(name: string): (answer: Answer) => boolean {
  const pattern = new RegExp(`(?<![\\p{L}\\d])${name.replace(SYNTAX, '\\$&')}(?![\\p{L}\\d])`, 'iu');
  return ({ body }) => pattern.test(body);
}

function byWords(first: Seen, second: Seen): ((answer: Answer) => Who) | undefined {
  const page = first.answers[0]?.request.url;
  if (!page) return undefined;
  const one = deriveTest({ page, signedIn: first.answers, anonymous: second.answers })?.test;
  const other = deriveTest({ page, signedIn: second.answers, anonymous: first.answers })?.test;
  if (!one || !other) return undefined;
  return (answer) => who(answer, one.judge(answer) === 'in', other.judge(answer) === 'in');
}

function who({ status }: Answer, isFirst: boolean, isSecond: boolean): Who {
  if (status >= 500 || status === 429 || (isFirst && isSecond)) return 'unclear';
  if (isFirst) return 'first';
  return isSecond ? 'second' : 'nobody';
}
