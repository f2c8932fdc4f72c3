import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { CheckResult } from '../../src/engine/report.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';
import { auditOf } from '../support/sites.ts';

/** As RFC 6749 and RFC 7009 have it: the token is asked for with a form, and named in another one when it is to end. */
function tokenSite(): RequestListener {
  const tokens = new Set<string>();
  return (req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => {
      const form = new URLSearchParams(body);
      const isKnown = tokens.has(req.headers.authorization?.replace('Bearer ', '') ?? '');
      const answer = (status: number, value: object): void => {
        res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
        res.end(JSON.stringify(value));
      };
      if (req.url === '/token') {
        if (form.get('username') !== USER || form.get('password') !== PASSWORD) return answer(401, {});
        const token = randomBytes(24).toString('base64url');
        tokens.add(token);
        return answer(200, { access_token: token });
      }
      if (!isKnown) return answer(401, {});
      if (req.url === '/revoke') tokens.delete(form.get('token') ?? '');
      answer(200, { name: USER });
    });
  };
}

const ENTERS = `
signIn: [{ request: POST /token, form: { username: "\${user}", password: "\${password}" } }]
signedIn: { page: /me }
`;

async function results(recipe: string): Promise<Map<string, CheckResult>> {
  const site = await listen(tokenSite());
  try {
    const report = await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      recipe: readRecipe(recipe),
      checks: checks.filter(({ id }) =>
        ['token-renewal', 'sign-out-replay', 'sign-out-cross-site', 'revival'].includes(id),
      ),
    });
    return new Map(report.checks.map((it) => [it.id, it]));
  } finally {
    await site.stop();
  }
}

test('a recipe can name the token of the Authorization header where it is to end', async () => {
  const of = await results(`${ENTERS}signOut: [{ request: POST /revoke, form: { token: "\${token}" } }]`);
  expect(of.get('sign-out-replay')?.summary).toBe(
    'After the sign-out no copy of the session opened the page.',
  );
  expect(of.get('sign-out-cross-site')?.summary).toBe(
    'No cookie proves here who one is, so a form of another site can do nothing.',
  );
  expect(of.get('token-renewal')?.summary).toMatch(/^who signs in again with a script has one more session/);
});

test('where nobody knows how to sign out, it is not said that the sign-out does not end the session', async () => {
  const of = await results(ENTERS);
  expect(of.get('sign-out-replay')?.because).toBe('not_configured');
  expect(of.get('revival')).toMatchObject({
    because: 'not_configured',
    summary: 'it is not known whether a sign-out ends the session: see sign-out-replay',
  });
});

test('a cookie that is left behind is no finding where it proves nothing without the one that was deleted', async () => {
  const report = await auditOf(
    { needsDevice: true, deletion: [] },
    { checks: checks.filter(({ id }) => id === 'cookie-deletion') },
  );
  expect(report.checks).toMatchObject([
    {
      outcome: 'clean',
      summary:
        'The cookie __Host-sid stays in the browser as it is. What is left proves nothing without what was deleted.',
    },
  ]);
});
