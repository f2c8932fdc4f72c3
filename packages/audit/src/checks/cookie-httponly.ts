import { type Check, foundOr, inconclusive } from '../engine/check.ts';
import { NO_COOKIE, proofCookies } from '../engine/proof-cookies.ts';

export const check: Check = {
  id: 'cookie-httponly',
  title: 'Scripts can read the session cookie',
  severity: 'medium',
  requirements: ['ASVS-3.3.4', 'NIST-5.1.1-3', 'SM-10', 'WSTG-SESS-02', 'CWE-1004'],
  needs: 'account',
  about: {
    what: 'Whether the cookies that prove who one is have the attribute HttpOnly.',
    why: 'Without it, any script that gets into a page, by a hole in it or in a library from elsewhere, can send the cookie away. The thief then is signed in on a machine of their own, for as long as the session lasts.',
    decides:
      'Every Set-Cookie field that set such a cookie during the sign-in is read as a browser reads it.',
    fix: 'Set the attribute HttpOnly. A script that needs to know who is signed in can ask the server.',
  },
  async run(context) {
    const cookies = proofCookies(context);
    if (cookies.length === 0) return inconclusive('not_applicable', NO_COOKIE);
    const bad = cookies.flatMap(({ name, settings }) => {
      const readable = settings.find(({ parsed }) => !parsed.httpOnly);
      if (!readable) return [];
      context.note(`The cookie ${name} is set without HttpOnly.`, readable.number);
      return [{ subject: name, summary: `The cookie ${name} has no HttpOnly.` }];
    });
    return foundOr(bad, `HttpOnly is set on ${cookies.map(({ name }) => name).join(', ')}.`);
  },
};
