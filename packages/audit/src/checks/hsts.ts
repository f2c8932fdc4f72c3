import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { headersNamed } from '../http/message.ts';

const YEAR = 31_536_000;

export const check: Check = {
  id: 'hsts',
  title: 'Browsers may still visit the site without encryption',
  severity: 'medium',
  requirements: ['ASVS-3.4.1', 'CSRF-8', 'WSTG-CONF-07', 'CWE-319', 'CWE-523'],
  needs: 'nothing',
  about: {
    what: 'Whether the site tells browsers to use HTTPS alone, for a year at least.',
    why: 'The first request of a day often goes to http://, because somebody typed a name. On the way to the redirect, a network that is not to be trusted can answer instead, take the cookies that are not Secure, and plant others.',
    decides:
      'The header Strict-Transport-Security of the start page, over HTTPS: it has to hold for a year, and for the hosts below as well. Over plain HTTP browsers ignore it, so it is not judged there.',
    fix: 'Send Strict-Transport-Security: max-age=31536000; includeSubDomains with every answer over HTTPS, once every host below speaks it.',
  },
  async run(context) {
    if (context.site.target.protocol !== 'https:')
      return inconclusive('not_applicable', 'the audit went over plain HTTP, where the header means nothing');
    const visitor = context.site.visitor('anonymous');
    const answer = await context.step('A stranger opens the start page.', () =>
      visitor.send('GET', context.site.target),
    );
    const [first, ...more] = headersNamed(answer.headers, 'strict-transport-security');
    const findings: Finding[] = [];
    const add = (summary: string): void => void findings.push({ subject: 'start page', summary });
    // RFC 6797 §8.1: of several, a browser reads the first.
    if (first === undefined) add('There is no Strict-Transport-Security.');
    else {
      const maxAge = /(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?:;|$)/i.exec(first)?.[1];
      if (maxAge === undefined) add('Strict-Transport-Security has no max-age that browsers understand.');
      else if (Number(maxAge) < YEAR)
        add(`Strict-Transport-Security holds for ${maxAge} seconds, which is less than a year.`);
      else if (!/(?:^|;)\s*includeSubDomains\s*(?:;|$)/i.test(first)) {
        findings.push({
          subject: 'subdomains',
          summary:
            'Strict-Transport-Security is without includeSubDomains: a host below can be imitated without encryption, and plant cookies.',
          severity: 'low',
        });
      }
      if (more.length > 0)
        context.note('The header is there more than once: browsers read the first.', answer.number);
    }
    return foundOr(findings, 'Strict-Transport-Security holds for a year or longer.');
  },
};
