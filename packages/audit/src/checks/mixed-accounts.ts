import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { seeBothAccounts, shows, type TwoAccounts, type Who } from '../engine/identity.ts';
import { madeUpFor } from '../engine/made-up.ts';
import { newMark } from '../engine/state.ts';
import type { Answer } from '../http/message.ts';
import { cookieHolding, except, type Holding, only } from '../site/holding.ts';

/** With more cookies that differ, not each is tried. */
const MAX_MIXTURES = 12;

export const check: Check = {
  id: 'mixed-accounts',
  title: 'A part of the cookies of one account, with the rest of another, opens the first',
  severity: 'high',
  requirements: ['SM-18', 'SM-27', 'WSTG-SESS-01', 'WSTG-SESS-09', 'CWE-302', 'CWE-565', 'CWE-639'],
  needs: 'account',
  about: {
    what: 'Whether cookies and tokens that make a session together have to belong together.',
    why: 'Some sites name the user in one cookie and prove in another that somebody is signed in. Who has an account then writes another name, and is somebody else. And where a second cookie is asked for so that a stolen one is not enough, the thief brings the second from an account of their own.',
    decides:
      'Two accounts are signed in to, each in its own browser. To what the second holds, cookies of the first are taken over, one at a time and all but one, and never as many as are enough alone. It is a finding if the page of the first account opens. All of the first, and all of the second, have to open their own. And because a page may only repeat a name that it is sent, what was taken over must not open it alone, and a made-up value in its place must not either: where the page shows the made-up name too, names count for nothing, and the rest of the page has to be that of the first.',
    fix: 'Ask who somebody is of one token only, which nobody can guess. Where there is a second, keep on the server which session it belongs to, and refuse it with any other.',
  },
  async run(context) {
    const { proofs, observed } = context.signedIn;
    const both = await seeBothAccounts(context);
    if (both.whyNot) return both.whyNot;
    if (!proofs.isProven) return inconclusive('control_failed', `this could not be found out: ${proofs.why}`);
    const first = both.first.visitor.holdings();
    const second = both.second.visitor.holdings();
    const mixtures = mixturesOf(first, second, proofs.sets);
    if (mixtures.length === 0)
      return inconclusive('not_applicable', 'one token alone proves who one is: there is nothing to mix');
    await context.step('All that each holds opens the page of its own account.', async () => {
      context.control(
        'positive',
        'the first sees its own',
        (await both.whose(first, 'the first')) === 'first',
      );
      context.control(
        'negative',
        'the second does not see the page of the first',
        (await both.whose(second, 'the second')) === 'second',
      );
    });
    const findings: Finding[] = [];
    const untold: string[] = [];
    for (const keys of mixtures) {
      const what = keys.join(' with ');
      const opens = await opensFirst(context, both, { first, second, keys });
      if (opens === 'unclear') untold.push(what);
      if (opens !== 'yes') continue;
      const isFresh = keys.some((key) => valueOf(first, key) !== valueOf(observed.issued, key));
      findings.push({
        subject: what,
        summary: `The ${what} of one account opens it together with what another account holds${isFresh ? '' : ', and is the same at each sign-in'}.`,
        // Each sign-in makes a new one: it has to be stolen first.
        ...(isFresh && { severity: 'medium' as const }),
      });
    }
    if (findings.length === 0) context.controlAll('it can be told whose page each mixture opens', untold);
    return foundOr(findings, 'No mixture of the cookies of two accounts opened the other one.');
  },
};

interface Mixture {
  readonly first: readonly Holding[];
  readonly second: readonly Holding[];
  /** What is taken over from the first. */
  readonly keys: readonly string[];
}

type Opens = 'yes' | 'no' | 'unclear';

async function opensFirst(
  context: CheckContext,
  both: TwoAccounts,
  { first, second, keys }: Mixture,
): Promise<Opens> {
  const what = keys.join(' with ');
  const kept = except(second, keys);
  const taken = only(first, keys);
  const mixed = await context.step(`The second sends the ${what} of the first, and else its own.`, () =>
    both.open([...kept, ...taken], 'with cookies of both'),
  );
  if (isNotOfFirst(both.whoseIs(mixed))) return 'no';
  const alone = await context.step(`The ${what} of the first is sent alone.`, () =>
    both.open(taken, 'with a part of the cookies'),
  );
  const word = newMark();
  const made = taken.map((holding) => ({ holding, ...madeUpFor(holding.value, word, both.isOfOne) }));
  for (const { holding, value } of made) context.site.mask.hide(value, holding.key);
  const repeated = await context.step(`The second sends a made-up ${what}, and else its own.`, () =>
    both.open(
      [...kept, ...made.map(({ holding, value }) => withValue(holding, value))],
      'with a made-up value',
    ),
  );
  const own = only(second, keys).map(({ value }) => madeUpFor(value, word, both.isOfOne));
  const shown = [...made, ...own].flatMap((it) => it.shown);
  const apart = both.whoseIsWithout(shown);
  // The name is that of the first, and the page that of the second.
  if (apart?.(mixed) === 'second') return shown.length > 0 ? 'no' : 'unclear';
  const answers = { mixed, alone, repeated };
  const isRepeated = [word, ...made.map(({ value }) => value)].some((it) => shows(repeated, it));
  const said = isRepeated ? 'unclear' : opensBy(both.whoseIs, answers);
  return said === 'unclear' && apart ? opensBy(apart, answers) : said;
}

function opensBy(
  whoseIs: (answer: Answer) => Who,
  { mixed, alone, repeated }: { mixed: Answer; alone: Answer; repeated: Answer },
): Opens {
  const who = whoseIs(mixed);
  if (isNotOfFirst(who)) return 'no';
  const isProven = who === 'first' && whoseIs(alone) === 'nobody' && isNotOfFirst(whoseIs(repeated));
  return isProven ? 'yes' : 'unclear';
}

function isNotOfFirst(who: Who): boolean {
  return who === 'second' || who === 'nobody';
}

function withValue(holding: Holding, value: string): Holding {
  return holding.kind === 'cookie' ? cookieHolding({ ...holding.cookie, value }) : { ...holding, value };
}

function valueOf(holdings: readonly Holding[], key: string): string | undefined {
  return holdings.find((it) => it.key === key)?.value;
}

/** What is taken over from the first: each that differs, and all but one, as long as it is not enough by itself. */
function mixturesOf(
  first: readonly Holding[],
  second: readonly Holding[],
  sets: readonly (readonly string[])[],
): string[][] {
  const different = first
    .filter(({ key, value }) => valueOf(second, key) !== undefined && valueOf(second, key) !== value)
    .map(({ key }) => key);
  const single = different.map((key) => [key]);
  const allButOne = different.length > 2 ? single.map(([one]) => different.filter((key) => key !== one)) : [];
  return [...single, ...allButOne]
    .filter((keys) => !sets.some((set) => set.every((key) => keys.includes(key))))
    .slice(0, MAX_MIXTURES);
}
