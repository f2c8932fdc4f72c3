import { type Check, foundOr, inconclusive } from '../engine/check.ts';
import { playSteps } from '../recipe/play.ts';

export const check: Check = {
  id: 'session-revocation',
  title: 'A session that was ended from another browser lives on',
  severity: 'high',
  requirements: ['ASVS-7.5.2', 'ASVS-7.4.1', 'SM-32', 'WSTG-SESS-06', 'WSTG-SESS-11', 'CWE-613'],
  needs: 'account',
  about: {
    what: 'Whether “sign out everywhere else” does what it says.',
    why: 'It is what people press when a phone is lost or somebody else was at the machine. If the other session lives on, they are told to be safe and are not.',
    decides:
      'Two browsers sign in to one account. The first ends the others, as the recipe says, and the session of the second is replayed. The first has to stay signed in.',
    fix: 'Keep a list of the sessions of a user, and end on the server every one that is to end. Tokens that are checked without looking anything up need a list of those that were ended.',
  },
  async run(context) {
    const { recipe, site, signedIn } = context;
    const steps = recipe.endOtherSessions;
    if (!steps)
      return inconclusive(
        'not_configured',
        'the recipe does not say how to end other sessions (endOtherSessions)',
      );
    const other = await context.step('Somebody signs in.', () => context.signIn('the other browser'));
    const owner = await context.step('The owner signs in, in a browser of their own.', () =>
      context.signIn('the owner'),
    );
    await context.step('Both are signed in.', async () => {
      const both = [
        await context.judge(other.proof, 'the other browser'),
        await context.judge(owner.proof, 'the owner'),
      ];
      context.control(
        'positive',
        'both sessions are good before',
        both.every((verdict) => verdict === 'in'),
      );
    });
    await context.step('The owner ends the other sessions.', () =>
      playSteps(site, owner.visitor, steps, {
        user: signedIn.account.user,
        password: signedIn.account.password,
      }),
    );
    await context.step('The owner is still signed in.', async () => {
      const verdict = await context.judgeVisitor(owner.visitor);
      context.control('positive', `the owner is signed in after it (${verdict})`, verdict === 'in');
    });
    const verdict = await context.step('The other session is replayed.', () =>
      context.judge(other.proof, 'the other browser'),
    );
    return foundOr(
      verdict === 'in'
        ? [
            {
              subject: 'other sessions',
              summary: 'A session that was ended from another browser still opens the page.',
            },
          ]
        : [],
      'The session that was ended from another browser opens nothing.',
    );
  },
};
