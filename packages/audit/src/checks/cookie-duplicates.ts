import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { NO_COOKIE, proofCookies } from '../engine/proof-cookies.ts';

export const check: Check = {
  id: 'cookie-duplicates',
  title: 'Several session cookies share one name',
  severity: 'low',
  requirements: ['RFC6265bis-4.1.1-d', 'RFC6265bis-4.2.2', 'SM-19', 'WSTG-SESS-02'],
  needs: 'account',
  about: {
    what: 'Whether a name is used for one cookie only, of those that prove who one is.',
    why: 'Cookies of one name at two paths or domains are both sent, and nothing says which is which. A sign-out then ends one of them, and the other goes on.',
    decides:
      'The Set-Cookie fields of each answer to the sign-in, and what a browser keeps of them: one name, twice in one answer or at two places, is a finding.',
    fix: 'Set the cookie once in an answer, always with the same path and domain. Delete the one that is left over, with the path and domain it was set with.',
  },
  async run(context) {
    const cookies = proofCookies(context);
    if (cookies.length === 0) return inconclusive('not_applicable', NO_COOKIE);
    const { jar } = context.signedIn.observed.visitor;
    const bad = cookies.flatMap(({ name, settings }): Finding[] => {
      const kept = jar.cookies.filter((cookie) => cookie.name === name);
      const numbers = settings.map(({ number }) => number);
      const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
      if (kept.length > 1) {
        const places = kept.map(({ path, domain }) => `${domain}${path}`).join(' and ');
        context.note(`The cookie ${name} is kept for ${places}.`, numbers.at(-1));
        return [
          {
            subject: name,
            summary: `The browser keeps ${kept.length} cookies named ${name}: for ${places}.`,
          },
        ];
      }
      if (twice === undefined) return [];
      context.note(`One answer sets the cookie ${name} more than once.`, twice);
      return [{ subject: name, summary: `One answer sets the cookie ${name} more than once.` }];
    });
    return foundOr(bad, 'Each such cookie is set once in an answer, and kept at one place.');
  },
};
