import { type Check, type Finding, foundOr } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { headersNamed } from '../http/message.ts';
import { type Holding, type Parameter, parameterHolding } from '../site/holding.ts';
import { pageOf } from '../site/visitor.ts';

/** A shorter value stands in an address by chance. */
const SHORTEST = 12;

export const check: Check = {
  id: 'token-in-address',
  title: 'The session token stands in addresses',
  severity: 'high',
  requirements: ['ASVS-14.2.1', 'SM-7', 'SM-13', 'WSTG-SESS-04', 'CWE-598'],
  needs: 'account',
  about: {
    what: 'Whether the token is put into addresses, and whether it is accepted from there.',
    why: 'Addresses are kept in the history, in logs of every proxy, and are sent to other sites as the referrer. People copy them into messages. And who is given a link with a token in it is signed in as somebody else, without noticing.',
    decides:
      'The links, forms and redirects of the pages for signed-in users are searched for the token. Then the page is opened without any cookie, and with the token in the address under the name that its cookie has.',
    fix: 'Keep the token in a cookie alone: `session.use_only_cookies=1` and `session.use_trans_sid=0` in PHP, `<tracking-mode>COOKIE</tracking-mode>` in Java servlets. Take a token for scripts from the Authorization header alone.',
  },
  async run(context) {
    const { observed } = context.signedIn;
    const tokens = observed.proof.filter(
      ({ kind, value }) => kind !== 'parameter' && value.length >= SHORTEST,
    );
    const findings: Finding[] = observed.proof
      .filter(({ kind }) => kind === 'parameter')
      .map(({ key }) => ({ subject: key, summary: `The token is carried in the ${key}.` }));
    const page = await context.step('Somebody who is signed in opens the page.', () =>
      observed.visitor.send('GET', context.test.page),
    );
    for (const answer of [...observed.answers, page]) {
      const { links, forms } = pageOf(answer);
      const addresses = [
        ...links.map(({ target }) => target.href),
        ...forms.map(({ action }) => action.href),
        ...headersNamed(answer.headers, 'location'),
      ];
      const leaked = tokens.find(({ value }) =>
        addresses.some((it) => it.includes(value) || it.includes(encodeURIComponent(value))),
      );
      if (!leaked) continue;
      context.note('An address of this answer has the token.', answer.number);
      findings.push({
        subject: 'addresses',
        summary: `Addresses of the site carry the value of the ${leaked.key}.`,
      });
      break;
    }
    const accepted = await firstAccepted(context, tokens);
    if (accepted) {
      findings.push({
        subject: 'accepted',
        summary: `The site takes the token from the ${accepted}, without any cookie.`,
      });
    }
    return foundOr(findings, 'No address has the token, and the site does not take it from one.');
  },
};

async function firstAccepted(context: CheckContext, tokens: readonly Holding[]): Promise<string | undefined> {
  return context.step('The page is opened without cookies, and with the token in the address.', async () => {
    for (const token of tokens) {
      for (const parameter of parametersFor(token)) {
        const holding = parameterHolding(parameter, token.value);
        if ((await context.judge([holding], 'without cookies')) === 'in') return holding.key;
      }
    }
    return undefined;
  });
}

function parametersFor(token: Holding): Parameter[] {
  if (token.kind === 'bearer') return [{ name: 'access_token', place: 'query' }];
  if (token.kind !== 'cookie') return [];
  const { name } = token.cookie;
  const plain = name.replace(/^__(?:Host|Secure)-/, '');
  // Servlets write jsessionid in small letters, unless the cookie was given its name.
  const inPath = [plain.toLowerCase(), name, plain];
  return [
    ...[...new Set([name, plain])].map((each): Parameter => ({ name: each, place: 'query' })),
    ...[...new Set(inPath)].map((each): Parameter => ({ name: each, place: 'path' })),
  ];
}
