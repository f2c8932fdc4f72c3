import { type Check, foundOr, inconclusive } from '../engine/check.ts';
import { NO_COOKIE, proofCookies } from '../engine/proof-cookies.ts';

export const check: Check = {
  id: 'cookie-secure',
  title: 'The session cookie is sent over unencrypted connections too',
  severity: 'high',
  requirements: ['ASVS-3.3.1', 'NIST-5.1.1-1', 'SM-9', 'WSTG-SESS-02', 'CWE-614'],
  needs: 'account',
  about: {
    what: 'Whether the cookies that prove who one is have the attribute Secure.',
    why: 'Without it a browser sends the cookie with every http:// address of the site as well. Whoever shares the network, in a café or a hotel, reads it there and is signed in as the user. One picture with an http:// address in any page is enough.',
    decides:
      'Every Set-Cookie field that set such a cookie during the sign-in is read as a browser reads it.',
    fix: 'Set the attribute Secure, and give the name the prefix __Host-, which makes browsers insist on it. Where TLS ends at a proxy, tell the framework so: in Express, `app.set("trust proxy", 1)`.',
  },
  async run(context) {
    const cookies = proofCookies(context);
    if (cookies.length === 0) return inconclusive('not_applicable', NO_COOKIE);
    const isEncrypted = context.site.target.protocol === 'https:';
    const bad = cookies.flatMap(({ name, settings }) => {
      const insecure = settings.find(({ parsed }) => !parsed.secure);
      if (!insecure) return [];
      context.note(`The cookie ${name} is set without Secure.`, insecure.number);
      const hint = isEncrypted
        ? ''
        : ' The audit went over plain HTTP: repeat it where the site is deployed.';
      return [
        {
          subject: name,
          summary: `The cookie ${name} has no Secure.${hint}`,
          ...(!isEncrypted && { severity: 'medium' as const }),
        },
      ];
    });
    return foundOr(bad, `Secure is set on ${cookies.map(({ name }) => name).join(', ')}.`);
  },
};
