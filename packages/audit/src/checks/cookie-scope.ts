import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { NO_COOKIE, proofCookies } from '../engine/proof-cookies.ts';

export const check: Check = {
  id: 'cookie-scope',
  title: 'The session cookie goes to other hosts of the domain',
  severity: 'low',
  requirements: ['NIST-5.1.1-2', 'SM-12', 'RFC6265bis-8.6', 'WSTG-SESS-02', 'CWE-1275'],
  needs: 'account',
  about: {
    what: 'Whether the cookies that prove who one is are kept for this host alone.',
    why: 'With the attribute Domain the cookie is sent to every host below that domain: to the blog, to the status page that a third party runs, to a forgotten test machine. One of them is enough to lose it.',
    decides:
      'Every Set-Cookie field that set such a cookie during the sign-in is read as a browser reads it.',
    fix: 'Leave Domain out. Where several hosts need a sign-in, let each have a session of its own and sign in through the first.',
  },
  async run(context) {
    const cookies = proofCookies(context);
    if (cookies.length === 0) return inconclusive('not_applicable', NO_COOKIE);
    const bad = cookies.flatMap(({ name, settings }): Finding[] => {
      const wide = settings.find(({ parsed }) => parsed.domain !== undefined);
      if (!wide) return [];
      context.note(`The cookie ${name} is set for the whole domain ${wide.parsed.domain}.`, wide.number);
      return [
        { subject: name, summary: `The cookie ${name} goes to every host below ${wide.parsed.domain}.` },
      ];
    });
    return foundOr(bad, 'No such cookie has Domain: it goes to this host alone.');
  },
};
