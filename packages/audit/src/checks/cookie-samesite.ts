import { type Check, foundOr, inconclusive } from '../engine/check.ts';
import { NO_COOKIE, proofCookies } from '../engine/proof-cookies.ts';

export const check: Check = {
  id: 'cookie-samesite',
  title: 'Other sites can make requests that carry the session cookie',
  severity: 'medium',
  requirements: ['ASVS-3.3.2', 'NIST-5.1.1-6', 'RFC6265bis-5.6.7', 'SM-11', 'WSTG-SESS-02', 'CWE-1275'],
  needs: 'account',
  about: {
    what: 'Whether the cookies that prove who one is say with SameSite which requests they may go along with.',
    why: 'With SameSite=None, a page of anybody else can send a form to this site in the name of the user who looks at it. Without the attribute browsers differ: some send the cookie as if it were None, some do so for the first two minutes.',
    decides:
      'Every Set-Cookie field that set such a cookie during the sign-in is read as a browser reads it.',
    fix: 'Set SameSite=Lax, or Strict where nobody follows a link to a page for signed-in users. None is for sites that are meant to work inside of others: these need another defence for every request that changes something.',
  },
  async run(context) {
    const cookies = proofCookies(context);
    if (cookies.length === 0) return inconclusive('not_applicable', NO_COOKIE);
    const bad = cookies.flatMap(({ name, settings }) => {
      const open = settings.find(({ parsed }) => parsed.sameSite === undefined || parsed.sameSite === 'None');
      if (!open) return [];
      const says =
        open.parsed.sameSite === 'None' ? 'has SameSite=None' : 'has no SameSite that browsers know';
      context.note(`The cookie ${name} ${says}.`, open.number);
      return [{ subject: name, summary: `The cookie ${name} ${says}.` }];
    });
    return foundOr(bad, `SameSite is Lax or Strict on ${cookies.map(({ name }) => name).join(', ')}.`);
  },
};
