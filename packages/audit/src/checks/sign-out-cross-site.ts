import { type Check, clean, foundOr, inconclusive } from '../engine/check.ts';
import { parseSetCookie } from '../cookies/set-cookie.ts';
import { signOutAddress } from './sign-out-get.ts';

const EVIL = 'https://attacker.example';

export const check: Check = {
  id: 'sign-out-cross-site',
  title: 'Another site can sign the user out with a form',
  severity: 'low',
  requirements: ['ASVS-3.5.1', 'CSRF-5', 'WSTG-SESS-05', 'WSTG-SESS-06', 'CWE-352'],
  needs: 'account',
  about: {
    what: 'Whether the sign-out is accepted from a form on another site.',
    why: 'It is a nuisance by itself. Together with a sign-in that other sites can send too, it puts the user into an account of the attacker without noticing.',
    decides:
      'The sign-out is sent as a browser would send it from a form of another site: with that site as Origin, without any token of the page, and only with the cookies that a browser lets go along. Then the session is replayed.',
    fix: 'Set SameSite=Lax on the session cookie, and refuse requests that change something and whose Sec-Fetch-Site or Origin names another site.',
  },
  async run(context) {
    const url = await signOutAddress(context);
    if (!url)
      return inconclusive(
        'not_configured',
        'no button or link to sign out was found: a recipe can say how (signOut)',
      );
    const session = await context.step('Somebody signs in.', () => context.signIn('signed in'));
    const sent = session.issued.filter(
      (it) => it.kind === 'cookie' && goesAlong(it.cookie.name, session.visitor.jar.received),
    );
    if (!session.proof.some(({ kind }) => kind === 'cookie'))
      return clean('No cookie proves here who one is, so a form of another site can do nothing.');
    const keys = new Set(sent.map(({ key }) => key));
    if (!context.signedIn.proofs.sets.some((set) => set.every((key) => keys.has(key)))) {
      return clean('A browser keeps the session cookie back: SameSite is set.');
    }
    await context.step('The session is good.', async () => {
      context.control(
        'positive',
        'the session is good before',
        (await context.judge(session.proof, 'the owner')) === 'in',
      );
    });
    await context.step(`A form of ${EVIL} is sent to ${url.pathname}.`, () =>
      context.site.replay(sent, url, 'the browser, from another site', {
        method: 'POST',
        body: '',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['Origin', EVIL],
          ['Referer', `${EVIL}/`],
          ['Sec-Fetch-Site', 'cross-site'],
        ],
      }),
    );
    const verdict = await context.step('The session is replayed.', () =>
      context.judge(session.proof, 'the owner'),
    );
    return foundOr(
      verdict === 'out'
        ? [
            {
              subject: url.pathname,
              summary: `A form of another site to ${url.pathname} signs the user out.`,
            },
          ]
        : [],
      `A form of another site to ${url.pathname} signs nobody out.`,
    );
  },
};

/** Browsers that know no default send a cookie without SameSite everywhere. */
function goesAlong(name: string, received: readonly { field: string }[]): boolean {
  const last = received
    .map(({ field }) => parseSetCookie(field).cookie)
    .findLast((cookie) => cookie?.name === name);
  return last !== undefined && (last.sameSite === undefined || last.sameSite === 'None');
}
