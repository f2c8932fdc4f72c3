import { type Check, type Finding, foundOr, type Severity } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { proofCookies } from '../engine/proof-cookies.ts';
import { header, saysNothing } from '../http/message.ts';

export const check: Check = {
  id: 'cross-origin-reads',
  title: 'Scripts of other sites may read pages with the cookies of who visits them',
  severity: 'medium',
  requirements: ['ASVS-3.4.2', 'CSRF-11', 'WSTG-CLNT-07', 'CWE-346', 'CWE-942'],
  needs: 'nothing',
  about: {
    what: 'Whether the site lets any other origin read its answers together with cookies (Access-Control-Allow-Origin and Access-Control-Allow-Credentials).',
    why: 'Browsers keep the pages of one site from the scripts of another. A site that takes every origin for its own, by sending back whatever Origin came, gives that up: any page that a signed-in person visits reads their account, and the tokens against forged requests too.',
    decides:
      'The page for who is signed in, or the start page where nobody can sign in, is asked for as a script of another site would, with four origins that are none of the site: a foreign one, null, and two that only begin or end like its own. It is a finding if one of them is allowed with credentials. It is worse where the session cookie goes along with requests of other sites, and less bad where SameSite holds it back. A star is none: browsers send no cookies then. Where an origin is answered by a fault or a limit (5xx, 429), and none is allowed, nothing is decided.',
    fix: 'Compare Origin with a list of whole origins, and send Access-Control-Allow-Credentials for those alone. Null is on no list.',
  },
  async run(context) {
    const { site } = context;
    const page = context.isSignedIn ? context.test.page : site.target;
    const holdings = context.isSignedIn ? context.signedIn.observed.visitor.holdings() : [];
    await context.step(`The site itself opens ${page.pathname}.`, async () => {
      const answer = await site.replay(holdings, page, 'the site itself');
      const works = context.isSignedIn ? context.test.judge(answer) === 'in' : !saysNothing(answer);
      context.control('positive', 'the page opens for the site itself', works);
    });
    const findings: Finding[] = [];
    const untold: string[] = [];
    for (const origin of foreignTo(site.target)) {
      const answer = await context.step(`A script of ${origin} asks for ${page.pathname}.`, () =>
        site.replay(holdings, page, 'another site', {
          headers: [
            ['Origin', origin],
            ['Sec-Fetch-Site', 'cross-site'],
            ['Sec-Fetch-Mode', 'cors'],
            ['Sec-Fetch-Dest', 'empty'],
            ['Sec-Fetch-User', ''],
          ],
        }),
      );
      const isAllowed =
        header(answer.headers, 'access-control-allow-origin') === origin &&
        header(answer.headers, 'access-control-allow-credentials') === 'true';
      if (!isAllowed && saysNothing(answer)) untold.push(`${origin}: ${answer.status}`);
      if (!isAllowed) continue;
      findings.push({
        subject: page.pathname,
        summary: `${page.pathname} lets scripts of ${origin} read it with cookies.`,
        severity: severityIn(context),
      });
      break;
    }
    if (findings.length === 0) context.controlAll('each origin gets an answer that tells', untold);
    return foundOr(findings, `No other origin may read ${page.pathname} with cookies.`);
  },
};

function foreignTo({ protocol, hostname }: URL): string[] {
  return [
    'https://attacker.example',
    'null',
    `${protocol}//${hostname}.attacker.example`,
    `${protocol}//attacker-${hostname}`,
  ];
}

/** What holds the cookie back is SameSite, and nothing else: who has a page on the same site still reads. */
function severityIn(context: CheckContext): Severity {
  if (!context.isSignedIn) return 'medium';
  const cookies = proofCookies(context);
  if (cookies.length === 0) return 'low';
  const isHeld = cookies.every(({ settings }) =>
    settings.every(({ parsed }) => parsed.sameSite === 'Lax' || parsed.sameSite === 'Strict'),
  );
  return isHeld ? 'low' : 'high';
}
