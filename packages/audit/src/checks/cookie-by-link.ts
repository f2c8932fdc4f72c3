import { type Check, type Finding, foundOr, inconclusive, type Severity } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import type { StoredCookie } from '../cookies/jar.ts';
import { lookalike } from '../engine/lookalike.ts';
import { strangersOf } from '../engine/strangers.ts';
import { saysNothing } from '../http/message.ts';
import { addressWith, type Parameter, parameterHolding } from '../site/holding.ts';

const MAX_COOKIES = 3;

export const check: Check = {
  id: 'cookie-by-link',
  title: 'A link can choose the session cookie of who follows it',
  severity: 'high',
  requirements: ['ASVS-14.2.1', 'RFC6265bis-8.4', 'SM-7', 'SM-14', 'WSTG-SESS-03', 'CWE-384', 'CWE-598'],
  needs: 'nothing',
  about: {
    what: 'Whether the site takes an identifier from the address over into the cookie.',
    why: 'To plant a cookie in the browser of somebody else takes another host of the domain, or a network in between. Where the site does it by itself, a link in a message is enough: whoever follows it goes on with an identifier that the attacker knows.',
    decides:
      'Two strangers are given cookies, and those with different, long values are looked at. A made-up value is put into the address under the name of such a cookie, as ?name= and as ;name=, and opened by a browser that was never here. It is a finding if the answer sets the cookie to just that value. Where an address is answered by a fault or a limit (5xx, 429), and none becomes a cookie, nothing is decided. It is high where a planted cookie was seen to open the account after a sign-in, low where it was seen to open nothing, and in between where nobody signed in.',
    fix: 'Take identifiers from the cookie alone, and only those that the server has given out: in PHP `session.use_strict_mode=1`, and no `session_id($_GET[…])`.',
  },
  async run(context) {
    const { personal } = await strangersOf(context);
    if (personal.length === 0)
      return inconclusive('not_applicable', 'no page gives a stranger a cookie of their own');
    // No negative control: the values are made up for one address each, and nothing else can have brought them.
    const findings: Finding[] = [];
    const untold: string[] = [];
    for (const cookie of personal.slice(0, MAX_COOKIES)) {
      const shown = await plant(context, cookie, untold);
      if (shown === undefined) continue;
      findings.push({
        subject: cookie.name,
        summary: `A value in the ${shown} becomes the cookie ${cookie.name} of who opens the address.`,
        severity: severityIn(context),
      });
    }
    if (findings.length === 0) context.controlAll('each address gets an answer that tells', untold);
    return foundOr(findings, 'No value of an address became a cookie.');
  },
};

/** That the cookie is the session, and stays it, is known where somebody has signed in with it. */
function severityIn(context: CheckContext): Severity {
  const fixation = context.outcomeOf('session-fixation');
  if (fixation === 'found') return 'high';
  return fixation === 'clean' ? 'low' : 'medium';
}

/** Where in the address the value has to stand. What was answered by a fault or a limit is added to `untold`. */
async function plant(
  context: CheckContext,
  { name, value }: StoredCookie,
  untold: string[],
): Promise<string | undefined> {
  const { site } = context;
  const pages = [site.target, (await strangersOf(context)).form?.answer.request.url ?? site.target];
  const plain = name.replace(/^__(?:Host|Secure)-/, '');
  const parameters: Parameter[] = [
    ...[...new Set([name, plain])].map((each): Parameter => ({ name: each, place: 'query' })),
    ...[...new Set([name, plain.toLowerCase()])].map((each): Parameter => ({ name: each, place: 'path' })),
  ];
  return context.step(`An address with a made-up ${name} in it is opened.`, async () => {
    for (const page of new Map(pages.map((url) => [url.href, url])).values()) {
      for (const parameter of parameters) {
        const made = lookalike(value);
        site.mask.hide(made, name);
        const holding = parameterHolding(parameter, made);
        const visitor = site.visitor('who follows a link');
        const { answers } = await visitor.open(addressWith([holding], page));
        untold.push(...answers.filter(saysNothing).map(({ status }) => `${holding.key}: ${status}`));
        if (visitor.jar.cookies.some((it) => it.name === name && it.value === made)) return holding.key;
      }
    }
    return undefined;
  });
}
