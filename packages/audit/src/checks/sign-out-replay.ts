import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { except, type Holding, only } from '../site/holding.ts';

export const check: Check = {
  id: 'sign-out-replay',
  title: 'A copy of the session works after the sign-out',
  severity: 'high',
  requirements: ['ASVS-7.4.1', 'NIST-5.1-3', 'SM-20', 'SM-24', 'WSTG-SESS-06', 'CWE-613'],
  needs: 'account',
  about: {
    what: 'Whether the server ends a session when its user signs out, or the browser only forgets the cookie.',
    why: 'Somebody who suspects a theft signs out. If that deletes the cookie in their own browser and nothing else, the thief stays signed in, and the user believes to be safe.',
    decides:
      'A session is copied right after the sign-in and just before the sign-out. After the sign-out the own browser is looked at first, then each copy is replayed, whole and in each part that was enough before.',
    fix: 'End the session on the server: `req.session.destroy()` in Express, `logout(request)` in Django, `session_destroy()` in PHP, `session.invalidate()` in Java servlets. Sessions that are kept in the cookie alone, and signed tokens, need a list of those that were ended, or a short life.',
  },
  async run(context) {
    if (context.outcomeOf('static-token') === 'found') {
      return inconclusive('covered', 'the token never changes, so no sign-out can end it: see static-token');
    }
    const { gate, proofs } = context.signedIn;
    const session = await context.step('Somebody signs in. The session is copied.', () =>
      context.signIn('signed in'),
    );
    await context.step('The copy works.', async () => {
      const verdict = await context.judge(session.issued, 'the thief');
      context.control('positive', `the copy is good before the sign-out (${verdict})`, verdict === 'in');
      await session.visitor.send('GET', context.test.page);
    });
    const last = session.visitor.holdings();
    const answers = await context.step('The user signs out.', () => gate.signOut(session.visitor));
    if (!answers) {
      return inconclusive(
        'not_configured',
        'no button or link to sign out was found: a recipe can say how (signOut)',
      );
    }
    const own = await context.step('The own browser is looked at first.', () =>
      context.judgeVisitor(session.visitor),
    );
    context.control('positive', `the answer to the own browser can be told (${own})`, own !== 'unclear');
    const bearer = session.visitor.bearer;
    // A bearer token stays with the script that has it: it is for the server to end it.
    if (own === 'in' && bearer === undefined) {
      return foundOr(
        [{ subject: 'own browser', summary: 'The browser that signed out is still signed in.' }],
        '',
      );
    }
    const findings: Finding[] = [];
    await context.step('Each copy is replayed.', async () => {
      for (const [subject, holdings] of copies(session.issued, last, proofs.sets)) {
        if ((await context.judge(holdings, `the thief, with ${subject}`)) !== 'in') continue;
        findings.push({ subject, summary: `After the sign-out this still opens the page: ${subject}.` });
        break;
      }
    });
    return foundOr(findings, 'After the sign-out no copy of the session opened the page.');
  },
};

function copies(
  issued: readonly Holding[],
  last: readonly Holding[],
  sets: readonly (readonly string[])[],
): Map<string, readonly Holding[]> {
  const all = new Map<string, readonly Holding[]>([['the copy from after the sign-in', issued]]);
  const changed = last.filter(({ key, value }) => !issued.some((it) => it.key === key && it.value === value));
  if (changed.length > 0) {
    all.set('the copy from before the sign-out', [
      ...except(
        issued,
        changed.map(({ key }) => key),
      ),
      ...changed,
    ]);
  }
  if (sets.length > 1) for (const set of sets) all.set(set.join(' with '), only(issued, set));
  return all;
}
