import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { NO_COOKIE, proofCookies } from '../engine/proof-cookies.ts';

export const check: Check = {
  id: 'cookie-prefix',
  title: 'A sibling host can plant the session cookie',
  severity: 'low',
  requirements: ['ASVS-3.3.3', 'NIST-5.1.1-5', 'RFC6265bis-4.1.3.2', 'SM-12', 'WSTG-SESS-02'],
  needs: 'account',
  about: {
    what: 'Whether the names of the cookies that prove who one is begin with __Host-.',
    why: 'Cookies do not say who set them. Any other host of the same domain, and anybody on the network over plain HTTP, can set a cookie of the same name. A browser accepts a name with __Host- from the host itself alone, over HTTPS.',
    decides:
      'The names as they were set. A cookie that is shared with other hosts on purpose, with Domain, needs __Secure- instead. Without Secure there can be no prefix: then the check for Secure says it all.',
    fix: 'Rename the cookie to __Host-…, with Secure, Path=/ and without Domain. Everybody signs in once more after that.',
  },
  async run(context) {
    const cookies = proofCookies(context);
    if (cookies.length === 0) return inconclusive('not_applicable', NO_COOKIE);
    if (context.outcomeOf('cookie-secure') === 'found') {
      return inconclusive('covered', 'a prefix needs Secure, which is missing: see cookie-secure');
    }
    const bad = cookies.flatMap(({ name, settings }): Finding[] => {
      const isShared = settings.some(({ parsed }) => parsed.domain !== undefined);
      const prefix = isShared ? '__Secure-' : '__Host-';
      if (name.startsWith(prefix)) return [];
      context.note(`The cookie ${name} is set without the prefix ${prefix}.`, settings[0]?.number);
      return [{ subject: name, summary: `The name of the cookie ${name} does not begin with ${prefix}.` }];
    });
    return foundOr(bad, `The prefix is there: ${cookies.map(({ name }) => name).join(', ')}.`);
  },
};
