import { type Check, type Finding, foundOr } from '../engine/check.ts';

const SHORTEST = 12;

export const check: Check = {
  id: 'token-in-body',
  title: 'Pages show the session token',
  severity: 'medium',
  requirements: ['ASVS-3.3.4', 'WSTG-SESS-04', 'CWE-200', 'CWE-1004'],
  needs: 'account',
  about: {
    what: 'Whether the value of the session cookie occurs in what the site answers.',
    why: 'HttpOnly keeps scripts from the cookie. If the same value stands in a page or in an answer for scripts, they read it there, and so does everybody who is sent the page or a picture of it.',
    decides:
      'The answers to a sign-in and the page for signed-in users are searched for the values of the cookies that prove who one is.',
    fix: 'Take the value out of pages and answers. Where support needs to name a session, show an identifier that opens nothing.',
  },
  async run(context) {
    const { observed } = context.signedIn;
    const page = await context.step('Somebody who is signed in opens the page.', () =>
      observed.visitor.send('GET', context.test.page),
    );
    const findings: Finding[] = [];
    for (const holding of observed.proof) {
      if (holding.kind !== 'cookie' || holding.value.length < SHORTEST) continue;
      const { name } = holding.cookie;
      const bare = decoded(holding.value);
      const leak = [...observed.answers, page].find(
        ({ body }) => body.includes(holding.value) || body.includes(bare),
      );
      if (!leak) continue;
      context.note(`The answer has the value of the cookie ${name}.`, leak.number);
      findings.push({
        subject: name,
        summary: `${leak.request.url.pathname} shows the value of the cookie ${name}.`,
      });
    }
    return foundOr(findings, 'No answer shows the value of such a cookie.');
  },
};

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
