import { type Check, foundOr, inconclusive } from '../engine/check.ts';
import { isAuditError } from '../errors.ts';
import { redirectTarget } from '../http/message.ts';

export const check: Check = {
  id: 'https-redirect',
  title: 'The site answers without encryption',
  severity: 'medium',
  requirements: ['ASVS-12.2.1', 'NIST-5.1-4', 'SM-8', 'WSTG-CRYP-03', 'CWE-319'],
  needs: 'nothing',
  about: {
    what: 'Whether the same host answers at http:// with anything but a redirect to https://.',
    why: 'A page that works without encryption is used without it. Everything in it, sign-in form included, can be read and changed on the way.',
    decides:
      'The start page is asked for at http:// on port 80. No answer is fine, and so is a redirect to https:// on the same host that sets no cookie.',
    fix: 'Answer every request at http:// with a redirect to https://, or not at all.',
  },
  async run(context) {
    const { target } = context.site;
    if (target.protocol !== 'https:' || target.port !== '') {
      return inconclusive(
        'not_applicable',
        'the audit went over plain HTTP, or to a port of its own: there is no other address to look at',
      );
    }
    const plain = new URL(target);
    plain.protocol = 'http:';
    const visitor = context.site.visitor('anonymous');
    try {
      const answer = await context.step('A stranger opens the start page without encryption.', () =>
        visitor.send('GET', plain),
      );
      const next = redirectTarget(answer);
      if (next?.protocol === 'https:') {
        const cookies = visitor.jar.received.length;
        return foundOr(
          cookies > 0
            ? [
                {
                  subject: 'cookies',
                  summary: 'The answer without encryption sets cookies.',
                  severity: 'low',
                },
              ]
            : [],
          'It redirects to https://.',
        );
      }
      const what = next ? `redirects to ${next.origin}` : `answers ${answer.status}`;
      return foundOr([{ subject: 'start page', summary: `${plain.href} ${what}.` }], '');
    } catch (error) {
      if (isAuditError(error, 'unreachable') || isAuditError(error, 'timeout'))
        return foundOr([], 'Nothing answers at http://.');
      throw error;
    }
  },
};
