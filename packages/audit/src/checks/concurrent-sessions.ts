import { type Check, clean } from '../engine/check.ts';

export const check: Check = {
  id: 'concurrent-sessions',
  title: 'How many sessions an account may have',
  severity: 'info',
  requirements: ['ASVS-7.1.2', 'SM-32', 'WSTG-SESS-11'],
  needs: 'account',
  about: {
    what: 'Whether somebody can be signed in from two browsers at a time, and whether signing out in one ends the other.',
    why: 'Neither is wrong. It is a decision, and the documentation of the site should say which: people who sign out everywhere expect it to hold, and people who sign out on a shared machine expect their phone to stay signed in.',
    decides: 'Two browsers sign in to one account, then one of them signs out.',
    fix: 'Nothing needs to be fixed. Say in the documentation what was decided.',
  },
  async run(context) {
    const first = await context.step('Somebody signs in.', () => context.signIn('the first browser'));
    const second = await context.step('And once more, in another browser.', () =>
      context.signIn('the second browser'),
    );
    const both = await context.step('The first is looked at.', () =>
      context.judge(first.proof, 'the first browser'),
    );
    context.control(
      'positive',
      'the second browser is signed in',
      (await context.judge(second.proof, 'the second browser')) === 'in',
    );
    if (both !== 'in')
      return clean('A new sign-in ends the session before it: an account has one at a time.');
    const out = await context.step('The second signs out.', () =>
      context.signedIn.gate.signOut(second.visitor),
    );
    if (!out) return clean('An account may have several sessions at a time.');
    const left = await context.step('The first is looked at again.', () =>
      context.judge(first.proof, 'the first browser'),
    );
    return clean(
      left === 'in'
        ? 'An account may have several sessions at a time, and a sign-out ends the one it is for.'
        : 'An account may have several sessions at a time, and a sign-out ends all of them.',
    );
  },
};
