import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { NO_COOKIE, proofCookies } from '../engine/proof-cookies.ts';

const LIMIT = 4096;
/** From here on, one more thing in the session makes it too long. */
const NEAR = 3800;

export const check: Check = {
  id: 'cookie-size',
  title: 'The session cookie is longer than browsers accept',
  severity: 'low',
  requirements: ['ASVS-3.3.5', 'RFC6265bis-5.6', 'ASVS-4.2.5', 'WSTG-SESS-02'],
  needs: 'account',
  about: {
    what: 'Whether name and value of the cookies that prove who one is stay within 4096 bytes.',
    why: 'A browser drops a longer cookie without a word: the sign-in works for some users and not for others, or a change of the session is lost. Sites that keep the session itself in the cookie get there sooner than they think.',
    decides: `The length of every such cookie as it was set. From ${NEAR} bytes on it is reported too.`,
    fix: 'Keep the session on the server, and a random identifier in the cookie.',
  },
  async run(context) {
    const cookies = proofCookies(context);
    if (cookies.length === 0) return inconclusive('not_applicable', NO_COOKIE);
    const { received } = context.signedIn.observed.visitor.jar;
    const tooLong = received.filter(({ dropped }) => dropped === 'too_long');
    const bad = [...new Set(tooLong.map(({ field }) => field.split('=')[0] ?? ''))].map((name): Finding => {
      context.note(`The cookie ${name} is dropped by browsers.`, tooLong.at(0)?.number);
      return { subject: name, summary: `The cookie ${name} has more than ${LIMIT} bytes: browsers drop it.` };
    });
    for (const { name, settings } of cookies) {
      const size = Math.max(...settings.map(({ parsed }) => Buffer.byteLength(`${name}${parsed.value}`)));
      if (size < NEAR) continue;
      context.note(`The cookie ${name} has ${size} bytes.`, settings.at(-1)?.number);
      bad.push({
        subject: name,
        summary: `The cookie ${name} has ${size} of ${LIMIT} bytes: it will soon be dropped.`,
      });
    }
    return foundOr(bad, 'Every cookie stays well within what browsers accept.');
  },
};
