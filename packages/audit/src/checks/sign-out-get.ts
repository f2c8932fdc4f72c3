import { type Check, clean, foundOr, inconclusive } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';

export const check: Check = {
  id: 'sign-out-get',
  title: 'A link or a picture signs the user out',
  severity: 'low',
  requirements: ['ASVS-3.5.3', 'CSRF-19', 'WSTG-SESS-05', 'WSTG-SESS-06', 'CWE-352', 'CWE-650'],
  needs: 'account',
  about: {
    what: 'Whether a plain GET to the address of the sign-out ends the session.',
    why: 'A GET is sent by links, pictures, previews and browsers that load ahead. Whoever gets a link in front of a user can sign them out, as often as they like, and a prefetch can do it by accident.',
    decides:
      'Somebody signs in, and the address to which the sign-out is sent is opened with GET, as a link of another site would be. The session is replayed before and after. A page that only asks whether one wants to sign out is fine.',
    fix: 'Sign out by POST, from a form, and check where it comes from. Answer GET with a page that has that form.',
  },
  async run(context) {
    const url = await signOutAddress(context);
    if (!url)
      return inconclusive(
        'not_configured',
        'no button or link to sign out was found: a recipe can say how (signOut)',
      );
    const session = await context.step('Somebody signs in.', () => context.signIn('signed in'));
    if (!session.proof.some(({ kind }) => kind === 'cookie'))
      return clean('No cookie proves here who one is, so a link can do nothing.');
    await context.step('The session is good.', async () => {
      context.control(
        'positive',
        'the session is good before',
        (await context.judge(session.proof, 'the owner')) === 'in',
      );
    });
    await context.step(`${url.pathname} is opened by a link of another site.`, () =>
      session.visitor.travel('GET', url, {
        headers: [
          ['Sec-Fetch-Site', 'cross-site'],
          ['Referer', 'https://attacker.example/'],
        ],
      }),
    );
    const verdict = await context.step('The session is replayed, and so is the browser.', async () => {
      const replayed = await context.judge(session.proof, 'the owner');
      const own = await context.judgeVisitor(session.visitor);
      return replayed === 'out' || own === 'out' ? 'out' : 'in';
    });
    return foundOr(
      verdict === 'out'
        ? [{ subject: url.pathname, summary: `GET ${url.pathname} signs the user out.` }]
        : [],
      `GET ${url.pathname} signs nobody out.`,
    );
  },
};

/** Where the sign-out is sent to: found by doing it once. */
export async function signOutAddress(context: CheckContext): Promise<URL | undefined> {
  const session = await context.step('Somebody signs in.', () => context.signIn('signed in'));
  const answers = await context.step('The user signs out, to see how it is done.', () =>
    context.signedIn.gate.signOut(session.visitor),
  );
  // Behind a page that asks, the last request which is no redirect's is the one that does it.
  return (
    answers?.findLast((answer) => answer.request.method !== 'GET')?.request.url ?? answers?.[0]?.request.url
  );
}
