import { type Check, clean, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { isDeletion } from '../engine/proof-cookies.ts';
import { cookieHolding } from '../site/holding.ts';

export const check: Check = {
  id: 'cookie-deletion',
  title: 'The sign-out leaves the session cookie in the browser',
  severity: 'low',
  requirements: ['NIST-5.1-3', 'RFC6265bis-3.1', 'ASVS-14.3.1', 'SM-24', 'WSTG-SESS-06'],
  needs: 'account',
  about: {
    what: 'Whether the browser forgets, at sign-out, the cookies that prove who one is.',
    why: 'What stays behind is sent with every later request, and found by whoever opens the browser next. A deletion with another path or domain than the cookie was set with does nothing, and nobody notices.',
    decides:
      'What a browser keeps of such a cookie after the sign-out. It is fine if it is gone, or replaced by another token. An empty value, “deleted” or a space is no deletion while the date is not in the past. Where two cookies prove it together, one that is left is no finding.',
    fix: 'Answer the sign-out with Set-Cookie: the same name, path and domain as when it was set, the same prefix and Secure, an empty value, and Max-Age=0.',
  },
  async run(context) {
    const { gate } = context.signedIn;
    const session = await context.step('Somebody signs in.', () => context.signIn('signed in'));
    const cookies = session.proof.flatMap((it) => (it.kind === 'cookie' ? [it.cookie] : []));
    if (cookies.length === 0) return inconclusive('not_applicable', 'no cookie proves here who one is');
    const answers = await context.step('The user signs out.', () => gate.signOut(session.visitor));
    if (!answers)
      return inconclusive(
        'not_configured',
        'no button or link to sign out was found: a recipe can say how (signOut)',
      );
    const first = answers[0]?.number ?? 0;
    const { jar } = session.visitor;
    const findings = cookies.flatMap((before): Finding[] => {
      const { name } = before;
      const same = jar.cookies.find(
        (it) =>
          it.name === name &&
          it.path === before.path &&
          it.hostOnly === before.hostOnly &&
          it.domain === before.domain,
      );
      if (!same) return [];
      const fields = jar.received.filter(({ parsed, number }) => parsed?.name === name && number >= first);
      const tried = fields.some(({ parsed, at }) => parsed && isDeletion(parsed, at));
      if (same.value === before.value) {
        const summary = tried
          ? `The cookie ${name} is deleted with another path or domain than it was set with: the browser keeps it.`
          : `The cookie ${name} stays in the browser as it is.`;
        return [{ subject: name, summary }];
      }
      const rest = decodeURIComponent(/^(?:%[\dA-Fa-f]{2}|[^%])*$/.test(same.value) ? same.value : '');
      const isEmpty = /^"?\s*(?:deleted?|removed?|null|undefined|none)?\s*"?$/i.test(rest);
      if (!isEmpty) return [];
      return [
        {
          subject: name,
          summary: `The cookie ${name} is overwritten with “${rest}” and not deleted: the browser goes on to send it.`,
        },
      ];
    });
    const left = new Set(
      cookies.flatMap((it) =>
        findings.some(({ subject }) => subject === it.name) ? [cookieHolding(it).key] : [],
      ),
    );
    const { isProven, sets } = context.signedIn.proofs;
    if (left.size > 0 && isProven && !sets.some((set) => set.every((key) => left.has(key)))) {
      return clean(
        `${findings.map(({ summary }) => summary).join(' ')} What is left proves nothing without what was deleted.`,
      );
    }
    return foundOr(findings, 'After the sign-out the browser has none of these cookies any more.');
  },
};
