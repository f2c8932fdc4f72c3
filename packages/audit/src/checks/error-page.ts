import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { cookieHolding } from '../site/holding.ts';

/** What a browser may send, and nobody expects. Each is a value that somebody could plant. */
const STRANGE: readonly (readonly [name: string, value: string])[] = [
  ['empty', ''],
  ['quotes', `'"<x>`],
  ['half an encoding', '%'],
  ['not UTF-8', '%ff%fe'],
  ['very long', 'A'.repeat(3000)],
  ['JSON', '{"a":[]}'],
  ['points', '..'],
];

const TRACES: readonly RegExp[] = [
  /^\s+at .{1,200}\(?[^\s()]{1,200}:\d+:\d+\)?/m,
  /Traceback \(most recent call last\)/,
  /\b[\w.]{1,100}(?:Exception|Error): .{0,300}\s+at [\w.$]{1,200}\(/s,
  /<b>(?:Fatal error|Warning|Notice)<\/b>: .{0,300} on line/s,
  /(?:SQLSTATE\[|ORA-\d{5}|syntax error at or near)/,
];

export const check: Check = {
  id: 'error-page',
  title: 'A strange cookie breaks the site',
  severity: 'low',
  requirements: ['ASVS-16.5.1', 'SM-15', 'RFC6265bis-6.1', 'WSTG-SESS-04', 'CWE-209'],
  needs: 'account',
  about: {
    what: 'Whether the site stands cookies that it never gave out.',
    why: 'Cookies come from anywhere: from another application on the domain, from an older version, from an attacker. An answer that is an error shuts somebody out until they delete their cookies, and a page that shows where the program broke tells an attacker how it works.',
    decides:
      'The session cookie is replaced by an empty value, by quotes, broken encodings, a long text. An answer of 500 or above is a finding, and so is one that shows a stack trace. Without the strange cookie the page works.',
    fix: 'Check the form of the value before it is used; take what does not fit for no cookie at all. Show errors to people without their stack trace.',
  },
  async run(context) {
    const [holding] = context.signedIn.observed.proof.filter((it) => it.kind === 'cookie');
    if (holding?.kind !== 'cookie') return inconclusive('not_applicable', 'no cookie proves here who one is');
    const { cookie } = holding;
    const { page } = context.test;
    await context.step('Without a cookie the page works.', async () => {
      const answer = await context.site.replay([], page, 'a stranger');
      context.control('negative', 'the page works without a cookie', answer.status < 500);
    });
    const findings: Finding[] = [];
    for (const [name, value] of STRANGE) {
      const answer = await context.step(
        `The cookie ${cookie.name} is sent with a strange value: ${name}.`,
        () => context.site.replay([cookieHolding({ ...cookie, value })], page, 'a stranger'),
      );
      const showsTrace = TRACES.some((pattern) => pattern.test(answer.body.slice(0, 20_000)));
      if (answer.status < 500 && !showsTrace) continue;
      const what = showsTrace ? 'shows where the program broke' : `answers ${answer.status}`;
      findings.push({
        subject: cookie.name,
        summary: `With a strange value in the cookie ${cookie.name} (${name}), ${page.pathname} ${what}.`,
      });
      break;
    }
    return foundOr(findings, 'Strange cookies are taken for none.');
  },
};
