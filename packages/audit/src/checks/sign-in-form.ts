import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { strangersOf } from '../engine/strangers.ts';
import { runsScript } from '../html/page.ts';
import type { SignInForm } from '../site/find-form.ts';

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
      'The form is looked for on the start page, behind its links, and at usual places. On a site with HTTPS, the page and the address that the form sends to have to be HTTPS as well; of one that is audited over plain HTTP, nothing is said of encryption. A form with a password that sends by GET is a finding where its page has no script. Where it has one, the script may send it in another way, and that is not decided. A form that sends to another host is no finding, and the result names the host.',
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
    const isEncrypted = answer.request.url.protocol === 'https:';
    if (context.site.target.protocol === 'https:' && !isEncrypted)
      add(`${pathname} with the form is not encrypted.`);
    else if (isEncrypted && found.form.action.protocol !== 'https:')
      add(`The form on ${pathname} sends to ${found.form.action.origin}, without encryption.`);
    const sendsInAddress = found.password !== undefined && found.form.method === 'GET';
    const hasScript = runsScript(answer.body);
    if (sendsInAddress && !hasScript)
      add(`The form on ${pathname} sends by GET: the password stands in the address.`);
    if (sendsInAddress && hasScript && findings.length === 0) {
      return inconclusive(
        'control_failed',
        `this could not be found out: how the password is sent, as the form on ${pathname} says GET, and its page has a script that may send it in another way`,
      );
    }
    const said = `The form on ${pathname} sends ${whatIsSent(found, answer.request.url)}.`;
    return foundOr(
      findings,
      isEncrypted ? said : `${said} The audit went over plain HTTP: of encryption nothing is said.`,
    );
  },
};

function whatIsSent({ form, password }: SignInForm, page: URL): string {
  const what = password ? 'the password' : 'the name, and no password,';
  const how = form.method === 'POST' ? 'in the body of a request' : 'in the address';
  return `${what} ${how} to ${form.action.origin === page.origin ? 'its site' : form.action.origin}`;
}
