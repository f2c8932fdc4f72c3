import { type Check, clean, inconclusive, type Outcome } from '../engine/check.ts';
import { seeBothAccounts } from '../engine/identity.ts';
import { NO_COOKIE } from '../engine/proof-cookies.ts';
import { signInOver } from '../engine/sign-in-over.ts';

export const check: Check = {
  id: 'account-switch',
  title: 'The token of one account is good after the browser signs in to another',
  severity: 'medium',
  requirements: ['ASVS-7.2.4', 'RFC6265bis-8.4', 'SM-16', 'WSTG-SESS-03', 'CWE-384', 'CWE-613'],
  needs: 'account',
  about: {
    what: 'What becomes of the session of one account when the browser that has it signs in to another, without a sign-out in between.',
    why: 'An attacker has an account as well, and can plant the cookie of a session of their own in the browser of somebody else. Where the site goes on with that session at the sign-in, the attacker is signed in as the other person from then on. Many sites renew the identifier of a stranger and forget this case. And where the older session lives on, nobody has a browser any more that could end it.',
    decides:
      'A browser signs in with the first account, and its token is kept. The same browser signs in with the second, and has to see the page of the second. Then the kept token is replayed alone: it is a finding if it opens the page of either. Whose page it is tells a name on it, or what only one of the two sees.',
    fix: 'At every sign-in, end the session that the browser brings along, whoever it is of, and give out a new one without its data.',
  },
  async run(context) {
    for (const cause of ['static-token', 'session-fixation', 'token-renewal']) {
      if (context.outcomeOf(cause) === 'found')
        return inconclusive('covered', `the old token is good after any sign-in: see ${cause}`);
    }
    // A script that asks for a token of another account has one more session, and not the same one anew.
    if (!context.signedIn.observed.proof.some(({ kind }) => kind === 'cookie'))
      return inconclusive('not_applicable', NO_COOKIE);
    const both = await seeBothAccounts(context);
    if (both.whyNot) return both.whyNot;
    const visitor = context.site.visitor('who has two accounts');
    const { proof: old } = await context.step('A browser signs in with the first account.', () =>
      context.signIn('the first account', visitor),
    );
    await context.step('Its token opens the page of the first account.', async () => {
      const whose = await both.whose(old, 'with the token of the first account');
      context.control('positive', `the token is good before (${whose})`, whose === 'first');
    });
    const now = await context.step('The same browser signs in with the second account.', async () => {
      await signInOver(context, visitor, both.secondAccount);
      return both.whose(visitor.holdings(), visitor.name);
    });
    if (now === 'first') {
      return inconclusive(
        'not_applicable',
        'the site lets nobody sign in who is signed in with another account',
      );
    }
    context.control(
      'positive',
      `the browser is signed in with the second account (${now})`,
      now === 'second',
    );
    return context.step('The token of the first account is replayed.', async (): Promise<Outcome> => {
      const whose = await both.whose(old, 'with the old token');
      context.control('positive', `the answer can be told (${whose})`, whose !== 'unclear');
      if (whose === 'nobody') return clean('After the switch the token of the first account opened nothing.');
      const finding =
        whose === 'second'
          ? {
              subject: 'the second account',
              summary:
                'After the switch the token of the first account opens the second: who plants a cookie of their own account gets that of the victim.',
              severity: 'high' as const,
            }
          : {
              subject: 'the first account',
              summary:
                'The browser has a new token, and that of the first account is still good: nobody is left who could end it.',
            };
      return { outcome: 'found', findings: [finding] };
    });
  },
};
