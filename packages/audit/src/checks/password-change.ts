import { randomBytes } from 'node:crypto';
import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { playSteps } from '../recipe/play.ts';

export const check: Check = {
  id: 'password-change',
  title: 'Other sessions survive a change of the password',
  severity: 'high',
  requirements: ['ASVS-7.4.3', 'SM-16', 'WSTG-ATHN-09', 'WSTG-SESS-06', 'CWE-613'],
  needs: 'account',
  changes: 'password-change',
  about: {
    what: 'Which sessions are still good after their user has changed the password.',
    why: 'People change the password because somebody else may know it. If that somebody stays signed in, the change was for nothing.',
    decides:
      'Two browsers sign in. The first changes the password, as the recipe says, and the session of the second is replayed, and the old token of the first. Then the password is changed back.',
    fix: 'End all other sessions of the user when the password changes, or offer to; and give the browser that changed it a new token.',
  },
  async run(context) {
    const { recipe, site, signedIn } = context;
    const steps = recipe.changePassword;
    if (!steps)
      return inconclusive(
        'not_configured',
        'the recipe does not say how to change the password (changePassword)',
      );
    if (context.outcomeOf('session-revocation') === 'found') {
      return inconclusive('covered', 'other sessions can not be ended at all: see session-revocation');
    }
    const { user, password } = signedIn.account;
    const newPassword = `${randomBytes(12).toString('base64url')}-aA1!`;
    site.mask.hidePassword(newPassword, 'new password');
    const owner = await context.step('The owner signs in.', () => context.signIn('the owner'));
    const thief = await context.step('Somebody else signs in to the same account.', () =>
      context.signIn('the thief'),
    );
    await context.step('Both are signed in.', async () => {
      const both = [
        await context.judge(owner.proof, 'the owner'),
        await context.judge(thief.proof, 'the thief'),
      ];
      context.control(
        'positive',
        'both sessions are good before',
        both.every((verdict) => verdict === 'in'),
      );
    });
    const findings: Finding[] = [];
    let isChanged = false;
    try {
      await context.step('The owner changes the password.', async () => {
        await playSteps(site, owner.visitor, steps, { user, password, newPassword });
        const probe = site.visitor('with the new password');
        await signedIn.gate.signIn(probe, { user, password: newPassword });
        isChanged = (await context.judgeVisitor(probe)) === 'in';
        context.control('positive', 'the new password is good', isChanged);
      });
      await context.step('The other session is replayed.', async () => {
        if ((await context.judge(thief.proof, 'the thief')) !== 'in') return;
        findings.push({
          subject: 'other sessions',
          summary: 'The session of another browser is still good after the password was changed.',
        });
      });
      await context.step('So is the old token of the browser that changed it.', async () => {
        const old = await context.judge(owner.proof, 'with the old token');
        if (old === 'in')
          context.note('The browser that changed the password goes on with the token it had.');
      });
    } finally {
      await context.step('The password is changed back.', async () => {
        const again = site.visitor('the owner');
        await signedIn.gate.signIn(again, { user, password: newPassword });
        if ((await context.judgeVisitor(again)) === 'in') {
          await playSteps(site, again, steps, { user, password: newPassword, newPassword: password });
        }
      });
    }
    return foundOr(findings, 'After the change no other session was good.');
  },
};
