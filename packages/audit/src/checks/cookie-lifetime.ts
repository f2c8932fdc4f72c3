import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { NO_COOKIE, proofCookies } from '../engine/proof-cookies.ts';

const DAY = 86_400_000;
/** NIST SP 800-63B-4 §2.1.3: at the lowest level, one signs in again after 30 days at the latest. */
const LONGEST_DAYS = 30;

export const check: Check = {
  id: 'cookie-lifetime',
  title: 'The browser keeps the session cookie for months',
  severity: 'low',
  requirements: ['NIST-2.1.3', 'NIST-5.1.1-4', 'RFC6265bis-5.5', 'SM-13', 'WSTG-SESS-02', 'CWE-613'],
  needs: 'account',
  about: {
    what: 'For how long a browser keeps the cookies that prove who one is.',
    why: 'A cookie with a date outlives the browser window. On a machine that several people use, the next of them finds it. Nobody should be signed in for longer than 30 days by one password.',
    decides: `Max-Age and Expires of every Set-Cookie field that set such a cookie during the sign-in: more than ${LONGEST_DAYS} days are too many.`,
    fix: 'Leave Max-Age and Expires out, so that the cookie ends with the browser, unless the user asks to stay signed in; then keep it to 30 days. The server has to enforce the limit as well.',
  },
  async run(context) {
    const cookies = proofCookies(context);
    if (cookies.length === 0) return inconclusive('not_applicable', NO_COOKIE);
    const bad = cookies.flatMap(({ name, settings }): Finding[] => {
      for (const { parsed, at, number } of settings) {
        const ms = parsed.maxAge === undefined ? (parsed.expiresAt ?? at) - at : parsed.maxAge * 1000;
        const days = Math.round(ms / DAY);
        if (days <= LONGEST_DAYS) continue;
        context.note(`The cookie ${name} is to be kept for ${days} days.`, number);
        return [{ subject: name, summary: `The cookie ${name} is kept for ${days} days.` }];
      }
      return [];
    });
    return foundOr(bad, `No such cookie is kept for more than ${LONGEST_DAYS} days.`);
  },
};
