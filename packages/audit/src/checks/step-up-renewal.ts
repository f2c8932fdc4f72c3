import { type Check, foundOr, inconclusive } from '../engine/check.ts';
import { address, playSteps } from '../recipe/play.ts';
import type { Holding } from '../site/holding.ts';
import { statedTest, type Verdict } from '../site/signed-in-test.ts';

export const check: Check = {
  id: 'step-up-renewal',
  title: 'A token from before a step-up has the new right too',
  severity: 'high',
  requirements: ['ASVS-7.2.4', 'NIST-5.1-1', 'SM-16', 'WSTG-SESS-03', 'CWE-384', 'CWE-269'],
  needs: 'account',
  about: {
    what: 'Whether a session that gains a right, by a password or a code that is asked for once more, gets a new token for it.',
    why: 'Sites ask again before what matters, so that a stolen cookie is not enough for it. Where the right goes to the session and the token stays the same, a thief who copied the cookie before only waits: as soon as the owner gives the code, the thief has the right as well.',
    decides:
      'Somebody signs in, and the token is copied. A page that the recipe names (steppedUp) does not show the right yet. Then the right is gained as the recipe says (stepUp), and the page shows it to the browser that did so. The copy alone opens the same page: it is a finding if that shows the right too. A token that stays and gains nothing, since the right has a token of its own, is none.',
    fix: 'Renew the token at every change of what a session may do, and end the one before, on the server; or give the right a token of its own.',
  },
  async run(context) {
    const { site, recipe, signedIn } = context;
    const { stepUp, steppedUp } = recipe;
    if (!stepUp || !steppedUp) {
      return inconclusive(
        'not_configured',
        'the recipe does not say how a session gains a right, and which page shows it (stepUp, steppedUp)',
      );
    }
    const test = statedTest(address(site, steppedUp.page), steppedUp);
    const look = async (holdings: readonly Holding[], purpose: string): Promise<Verdict> =>
      test.judge(await site.replay(holdings, test.page, purpose));
    const session = await context.step('Somebody signs in, and the token is copied.', () =>
      context.signIn('the owner'),
    );
    const { proof: old } = session;
    await context.step('The right is not there yet.', async () => {
      context.control(
        'positive',
        'the token is good before',
        (await context.judge(old, 'the owner')) === 'in',
      );
      context.control(
        'negative',
        'the page does not show the right',
        (await look(old, 'the owner')) === 'out',
      );
    });
    await context.step('The owner gains it.', async () => {
      await playSteps(site, session.visitor, stepUp, { ...signedIn.account });
      const verdict = await look(session.visitor.holdings(), session.visitor.name);
      context.control('positive', `the page shows the right to the owner (${verdict})`, verdict === 'in');
    });
    const verdict = await context.step('The copy opens the same page.', () => look(old, 'with the copy'));
    context.control('positive', `the answer can be told (${verdict})`, verdict !== 'unclear');
    return foundOr(
      verdict === 'in'
        ? [
            {
              subject: test.page.pathname,
              summary: `A token that was copied before the step-up has the new right: ${test.page.pathname} shows it.`,
            },
          ]
        : [],
      'After the step-up a token from before has no new right.',
    );
  },
};
