import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from './support/client.ts';
import { type Demo, startDemo } from './support/demo.ts';
import { routesOf } from './support/routes.ts';

const HOSTILE = `"><img src=x onerror=alert(1)>'\`&`;

let demo: Demo;
let client: Client;
beforeEach(async () => {
  demo = await startDemo({ hasDemoAccount: true });
  client = demo.client();
});
afterEach(() => demo.close());

describe('what every answer says', () => {
  it('a policy without script in the page, no sniffing, no frames', async () => {
    await client.signUp('Grace');
    const paths = [...(await routesOf('get')), '/style.css', '/icon.svg', '/nowhere', '/%', '/lab/nowhere'];
    const answers = await Promise.all(paths.map((path) => client.get(path)));
    const others = [
      await client.post('/sign-in'),
      await client.post('/sign-up', { headers: { 'sec-fetch-site': 'cross-site' } }),
      await client.post('/lab/set'),
      await client.post('/sign-out'),
    ];
    for (const { headers } of [...answers, ...others]) {
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(policy).toContain("script-src 'self';");
      const directives = policy.split('; ').map((directive) => directive.split(' ')[0]);
      expect(directives).toEqual([...new Set(directives)]); // browsers ignore a second one, and complain
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('same-origin');
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });

  it('also when the commit fails and the answer is not the one of the handler', async () => {
    const slow = client.post('/lab/set?key=a&value=1&ms=1');
    await demo.gate.arrived();
    vi.spyOn(demo.storage.store, 'insert').mockRejectedValue(new Error('disk full'));
    demo.gate.open();
    const { status, headers } = await slow;
    expect(status).toBe(503);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('personal pages are kept nowhere, files may be (ASVS-14.3.2)', async () => {
    await client.signUp('Grace');
    for (const path of await routesOf('get')) {
      const { headers } = await client.get(path);
      expect([path, headers['cache-control']]).toEqual([path, 'no-store']);
      expect(headers['vary']).toContain('Cookie');
      expect(headers['etag']).toBeUndefined();
    }
    const style = await client.get('/style.css');
    expect([style.status, style.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
    expect(style.headers['cache-control']).toMatch(/^public/);
    expect(style.headers['vary']).toBeUndefined();
  });

  it('no cookie where nothing has changed', async () => {
    await client.signUp('Grace');
    for (const path of [...(await routesOf('get')), '/style.css', '/nowhere']) {
      expect([path, (await client.get(path)).setCookies]).toEqual([path, []]);
    }
  });
});

describe('what a stranger sends', () => {
  it('comes back as text in a form', async () => {
    for (const answer of [await client.signIn(HOSTILE), await client.signUp(HOSTILE)]) {
      expect(answer.body).not.toContain('<img');
      expect(answer.body).toContain('value="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&#39;&#96;&amp;"');
    }
  });

  it('is never shown from an address', async () => {
    for (const path of [`/${encodeURIComponent(HOSTILE)}`, `/?done=${encodeURIComponent(HOSTILE)}`]) {
      const { body } = await client.get(path);
      expect(body).not.toContain('onerror');
    }
    const { body } = await client.get('/?done=constructor');
    expect(body).not.toContain('native code');
  });

  it('is text in the list of sessions, User-Agent included', async () => {
    await client.signUp('Grace');
    const hostile = demo.client(`Mozilla/5.0 <script>alert(1)</script> Firefox/1 ${HOSTILE}`);
    await hostile.signIn('Grace');
    const { body } = await client.get('/sessions');
    expect(body).toContain('Firefox');
    expect(body).not.toContain('<script>');
    expect(body).not.toContain('<img');
  });

  it('is refused when it is too long or unreadable, with a page', async () => {
    const long = await client.signIn('x'.repeat(10_000));
    expect([long.status, long.body.includes('That is too much at once')]).toEqual([413, true]);
    await client.signUp('Grace');
    const unreadable = await client.post('/sessions/%/end');
    expect([unreadable.status, unreadable.body.includes('That request can not be read')]).toEqual([
      400,
      true,
    ]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-7' };
    expect((await client.post('/sign-in', { body: 'username=a', headers })).status).toBe(415);
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, 'x']));
    expect((await client.post('/sign-in', { form: many })).status).toBe(413);
  });
});

describe('what goes wrong', () => {
  it('an unknown page is a page', async () => {
    const answer = await client.get('/nowhere');
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.body).toContain('There is no such page');
    expect((await client.post('/')).status).toBe(404);
  });

  it('a store that does not answer signs nobody out', async () => {
    await client.signUp('Grace');
    const before = client.cookie;
    const read = vi.spyOn(demo.storage.store, 'read').mockRejectedValue(new Error('no disk at /secret/path'));
    for (const path of ['/', '/sessions', '/lab/state']) {
      const answer = await client.get(path);
      expect([path, answer.status, answer.headers['retry-after']]).toEqual([path, 503, '5']);
      expect(answer.setCookies).toEqual([]);
      expect(answer.body).not.toContain('/secret/path');
    }
    read.mockRestore();
    expect(client.cookie).toBe(before);
    expect((await client.state()).signedIn).toBe(true);
  });

  it('a fault of ours is noted, and not shown', async () => {
    const noted = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    demo.users.create = () => Promise.reject(new Error('at /secret/path'));
    const answer = await client.signUp('Grace');
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('/secret/path');
    expect(noted).toHaveBeenCalledOnce();
  });

  it('an account that is gone is nobody', async () => {
    await client.signUp('Grace');
    vi.spyOn(demo.users, 'byId').mockReturnValue(undefined);
    expect(await client.state()).toMatchObject({ signedIn: false, user: null });
    expect((await client.get('/sessions')).location).toBe('/sign-in');
    expect((await client.get('/')).body).toContain('Sessions that hold.');
  });
});

it('tells a newcomer how to look around', async () => {
  const { body } = await client.get('/sign-in');
  expect(body).toContain('<code>ada</code>');
  expect(body).toContain('<code>correct horse battery staple</code>');
  expect((await client.signIn('ada', 'correct horse battery staple')).status).toBe(303);
});
