import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { strangersOf } from '../engine/strangers.ts';

export const check: Check = {
  id: 'sign-in-form',
  title: 'The sign-in form sends the password where others can read it',
  severity: 'high',
  requirements: ['ASVS-12.2.1', 'ASVS-14.2.1', 'SM-8', 'WSTG-ATHN-01', 'CWE-319', 'CWE-523', 'CWE-598'],
  needs: 'nothing',
  about: {
    what: 'Where the sign-in form stands, and where and how it sends what is typed into it.',
    why: 'A form on a page without encryption can be changed on the way, and one that sends to such an address shows the password to the network. A form that sends by GET writes the password into the address: it is kept in the history and in the logs of every server and proxy.',
    decides:
      'The form is looked for on the start page, behind its links, and at usual places. On a site with HTTPS, the page and the address that the form sends to have to be HTTPS as well. A form with a password that sends by GET is a finding where its page has no script, which could send it in another way.',
    fix: 'Serve the page with the form over HTTPS alone, let the form send to an address of the same site, and write method="post".',
  },
  async run(context) {
    const { form } = await strangersOf(context);
    if (!form) return inconclusive('not_applicable', 'no sign-in form was found');
    const { answer, found } = form;
    const { pathname } = answer.request.url;
    context.note(`The form is on ${pathname}.`, answer.number);
    const findings: Finding[] = [];
    const add = (summary: string): void => void findings.push({ subject: pathname, summary });
    if (context.site.target.protocol === 'https:') {
      if (answer.request.url.protocol !== 'https:') add(`${pathname} with the form is not encrypted.`);
      else if (found.form.action.protocol !== 'https:')
        add(`The form on ${pathname} sends to ${found.form.action.origin}, without encryption.`);
    }
    if (found.password && found.form.method === 'GET' && !/<script\b/i.test(answer.body))
      add(`The form on ${pathname} sends by GET: the password stands in the address.`);
    return foundOr(
      findings,
      `The form on ${pathname} sends the password in the body of a request to its site.`,
    );
  },
};
