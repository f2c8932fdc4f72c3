import { createHmac, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';

/** A cookie proves who one is, is written anew with every answer, and never ends: each value that it had is good. */
function restlessSite(takesSecondSignIn: boolean): RequestListener {
  const sign = (nonce: string): string => createHmac('sha256', 'a secret').update(nonce).digest('hex');
  return (req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => {
      const [, nonce = '', mac = ''] = /sid=(\w+)\.(\w+)/.exec(req.headers.cookie ?? '') ?? [];
      let isIn = mac === sign(nonce);
      const mayTry = req.method === 'POST' && (takesSecondSignIn || !isIn);
      const form = new URLSearchParams(body);
      if (mayTry && form.get('user') === USER && form.get('password') === PASSWORD) isIn = true;
      else if (mayTry) return void res.writeHead(403).end();
      const next = randomBytes(12).toString('hex');
      if (isIn) res.setHeader('Set-Cookie', `sid=${next}.${sign(next)}; HttpOnly; SameSite=Lax`);
      if (req.method === 'POST') return void res.writeHead(303, { Location: '/' }).end();
      res.setHeader('Content-Type', 'text/html');
      res.end(
        isIn
          ? '<h1>Hello, Ada</h1><a href="/settings">Settings</a>'
          : '<form method=post action=/login><input name=user><input type=password name=password><button>Log in</button></form>',
      );
    });
  };
}

test.each([
  ['looks at a password of who is signed in', true, { outcome: 'found' }],
  [
    'does not look at a password of who is signed in',
    false,
    { outcome: 'inconclusive', because: 'not_applicable' },
  ],
])('where each answer renews the cookie, a site that %s is judged by that', async (_name, takes, expected) => {
  const site = await listen(restlessSite(takes));
  try {
    const report = await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      checks: checks.filter(({ id }) => id === 'token-renewal'),
    });
    expect(report.checks).toMatchObject([expected]);
  } finally {
    await site.stop();
  }
});

test('a recipe whose form is not there for who is signed in says nothing of the site', async () => {
  const site = await listen(restlessSite(false));
  try {
    const report = await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      recipe: readRecipe('signIn: [{ open: /, submit: { user: "${user}", password: "${password}" } }]'),
      checks: checks.filter(({ id }) => id === 'token-renewal'),
    });
    expect(report.checks).toMatchObject([{ outcome: 'inconclusive', because: 'not_applicable' }]);
  } finally {
    await site.stop();
  }
});
