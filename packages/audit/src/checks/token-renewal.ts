import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import type { CheckContext, Session } from '../engine/context.ts';
import { signInOver } from '../engine/sign-in-over.ts';
import type { Answer } from '../http/message.ts';
import { playSteps } from '../recipe/play.ts';
import { shapeOf } from '../site/features.ts';
import { type Holding, only } from '../site/holding.ts';

export const check: Check = {
  id: 'token-renewal',
  title: 'The old session token is good after a new sign-in',
  severity: 'medium',
  requirements: ['ASVS-7.2.4', 'SM-16', 'WSTG-SESS-03', 'CWE-384', 'CWE-613'],
  needs: 'account',
  about: {
    what: 'Whether a browser that proves once more who its user is gets a new token, and whether the old one is worth nothing from then on.',
    why: 'People sign in again when they suspect something, and sites ask for the password again before what matters. A token that was stolen before has to be worthless afterwards.',
    decides:
      'Somebody who is signed in gives the password once more, at the sign-in form and where the recipe says so. The same is tried with a wrong password: only if that is answered differently was the right one looked at. Then the old token is replayed.',
    fix: 'Treat every proof of the password as a sign-in: new token, old one ended, on the server.',
  },
  async run(context) {
    for (const cause of ['static-token', 'session-fixation']) {
      if (context.outcomeOf(cause) === 'found') {
        return inconclusive('covered', `the token is not renewed at sign-in: see ${cause}`);
      }
    }
    const findings: Finding[] = [];
    const unclear: string[] = [];
    const ways: [string, Prove][] = [];
    // A script that asks for one more token has one more session; a browser that signs in again has the same one anew.
    const hasCookie = context.signedIn.observed.proof.some(({ kind }) => kind === 'cookie');
    if (hasCookie) ways.push(['sign-in', proveByForm]);
    if (context.recipe.reauthenticate) ways.push(['reauthentication', proveByRecipe]);
    for (const [name, prove] of ways) {
      const outcome = await tryWay(context, name, prove);
      if (outcome === 'unclear') unclear.push(name);
      else if (outcome) findings.push(outcome);
    }
    if (ways.length === 0) {
      return inconclusive(
        'not_applicable',
        'who signs in again with a script has one more session; a recipe can say how to prove it again in the same one (reauthenticate)',
      );
    }
    if (findings.length === 0 && unclear.length === ways.length) {
      return inconclusive(
        'not_applicable',
        'the site does not let anybody sign in who is signed in already; a recipe can say how to prove it again (reauthenticate)',
      );
    }
    return foundOr(findings, 'After the password was given once more, the old token opened nothing.');
  },
};

type Prove = (context: CheckContext, session: Session, password: string) => Promise<readonly Answer[]>;

async function tryWay(
  context: CheckContext,
  name: string,
  prove: Prove,
): Promise<Finding | 'unclear' | undefined> {
  const session = await context.step('Somebody signs in.', () => context.signIn('signed in'));
  const old = session.proof;
  await context.step('The token opens the page.', async () => {
    context.control('positive', 'the token is good before', (await context.judge(old, 'the owner')) === 'in');
  });
  const wrong = await context.step(`The same browser gives a wrong password (${name}).`, () =>
    prove(context, session, 'wrong password 0'),
  );
  if ((await context.judge(old, 'the owner')) !== 'in') return 'unclear';
  const between = only(session.visitor.holdings(), context.signedIn.proofs.keys);
  const right = await context.step(`The same browser gives the right password (${name}).`, () =>
    prove(context, session, context.signedIn.account.password),
  );
  const now = only(session.visitor.holdings(), context.signedIn.proofs.keys);
  // Some cookies change with every answer.
  const restless = changed(old, between);
  const isAnswered = changed(between, now).some((key) => !restless.includes(key));
  // Nothing shows that the password was looked at.
  if (!isAnswered && journey(right) === journey(wrong)) return 'unclear';
  const isNew = changed(old, now).length > 0;
  const verdict = await context.step('The old token is replayed.', () =>
    context.judge(old, 'with the old token'),
  );
  if (verdict !== 'in') return undefined;
  return {
    subject: name,
    summary: isNew
      ? `After a new ${name} there is a new token, and the old one is still good.`
      : `After a new ${name} the token is the same as before.`,
  };
}

/** What has another value than before, or is new, or gone. */
function changed(old: readonly Holding[], now: readonly Holding[]): string[] {
  const values = (holdings: readonly Holding[]): Map<string, string> =>
    new Map(holdings.map(({ key, value }) => [key, value]));
  const [before, after] = [values(old), values(now)];
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => before.get(key) !== after.get(key),
  );
}

function journey(answers: readonly Answer[]): string {
  return answers.map((answer) => `${answer.request.method} ${shapeOf(answer)}`).join(', ');
}

async function proveByForm(
  context: CheckContext,
  session: Session,
  password: string,
): Promise<readonly Answer[]> {
  return signInOver(context, session.visitor, { ...context.signedIn.account, password });
}

async function proveByRecipe(
  context: CheckContext,
  session: Session,
  password: string,
): Promise<readonly Answer[]> {
  const { user } = context.signedIn.account;
  return playSteps(context.site, session.visitor, context.recipe.reauthenticate ?? [], { user, password });
}
