/** A site with nothing but a sign-in form, and who signs in to it. */
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Page } from 'playwright-core';
import { PASSWORD, USER } from '../gallery/exhibit.ts';

export const PIN = '471108';

/** @param asked what the form asks for besides the password, which it hides too */
export function siteWithForm(method: 'GET' | 'POST', asked: { readonly pin?: string } = {}): RequestListener {
  const sessions = new Set<string>();
  const pin = asked.pin === undefined ? '' : '<input name=pin type=password>';
  const form = `<form method=${method} action=/login><input name=login><input name=pass type=password>${pin}<button>Sign in</button></form>`;
  return async (req, res) => {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += String(chunk);
    const { pathname, search } = new URL(req.url ?? '/', 'http://localhost');
    const sid = /sid=(\w+)/.exec(req.headers.cookie ?? '')?.[1] ?? '';
    const sent = new URLSearchParams(method === 'GET' ? search : body);
    res.setHeader('Content-Type', 'text/html');
    if (pathname === '/login' && sent.has('pass')) {
      const isRight =
        sent.get('login') === USER &&
        sent.get('pass') === PASSWORD &&
        (asked.pin === undefined || sent.get('pin') === asked.pin);
      if (!isRight) return void res.writeHead(403).end(form);
      const made = randomBytes(16).toString('hex');
      sessions.add(made);
      res.setHeader('Set-Cookie', `sid=${made}; HttpOnly; SameSite=Lax; Path=/`);
      return void res.writeHead(303, { Location: '/account' }).end();
    }
    if (pathname === '/logout') sessions.delete(sid);
    if (pathname !== '/account') return void res.end(form);
    if (!sessions.has(sid)) return void res.writeHead(303, { Location: '/' }).end();
    res.end(`<p>Hello, ${USER}</p><form method=post action=/logout><button>Sign out</button></form>`);
  };
}

export async function atTheForm(page: Page): Promise<void> {
  await page.locator('[name=login]').fill(USER);
  await page.locator('[name=pass]').fill(PASSWORD);
  const pin = page.locator('[name=pin]');
  if ((await pin.count()) > 0) await pin.fill(PIN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Hello, ada').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.locator('[name=login]').waitFor();
}
