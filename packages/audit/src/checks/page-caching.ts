import { type Check, foundOr } from '../engine/check.ts';
import { header } from '../http/message.ts';

export const check: Check = {
  id: 'page-caching',
  title: 'Browsers and proxies may keep pages of signed-in users',
  severity: 'low',
  requirements: ['ASVS-14.3.2', 'ASVS-14.2.2', 'SM-25', 'WSTG-SESS-04', 'CWE-525'],
  needs: 'account',
  about: {
    what: 'Whether a page that is for who is signed in says that it must not be kept.',
    why: 'After the sign-out, the next person at the machine goes back in the browser and reads the page. A cache between browser and server may even give it to somebody else, together with the cookie that came with it.',
    decides: 'The header Cache-Control of the page that shows who is signed in. It has to say no-store.',
    fix: 'Answer requests of signed-in users with Cache-Control: no-store. Pictures, styles and scripts that are the same for everybody can be cached as before.',
  },
  async run(context) {
    const { visitor } = context.signedIn.observed;
    const answer = await context.step('Somebody who is signed in opens the page.', () =>
      visitor.send('GET', context.test.page),
    );
    context.control(
      'positive',
      'the page is the one for who is signed in',
      context.test.judge(answer) === 'in',
    );
    const control = (header(answer.headers, 'cache-control') ?? '').toLowerCase();
    const { pathname } = context.test.page;
    if (/\bno-store\b/.test(control)) return foundOr([], `${pathname} says no-store.`);
    const isShared = /\bpublic\b|\bs-maxage\b/.test(control);
    const says = control === '' ? 'has no Cache-Control' : `says Cache-Control: ${control.slice(0, 100)}`;
    return foundOr(
      [
        {
          subject: pathname,
          summary: `${pathname} ${says}.`,
          ...(isShared && { severity: 'high' as const }),
        },
      ],
      '',
    );
  },
};
