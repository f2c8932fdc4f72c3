/** CSRF protection as the attacker meets it: over HTTP, on each adapter. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { testOn } from '../support/test-on.ts';
import { type Csrf, type CsrfOptions, csrfProtection } from '../../src/csrf/index.ts';
import { createSessions } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import go from '../csrf/go-cases.json' with { type: 'json' };
import type { Action } from './app.ts';
import { type Answered, Client } from './client.ts';
import { ADAPTERS, type AppOptions, type Running, type Start } from './servers.ts';

const EVIL = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };

/** Protected handlers stand at every path that a trick could hope to reach. */
const REACHABLE = ['/bypass', '/bypass/set', '/bypass/bar', '/set/', '/SET', '/BYPASS/', '//bypass/'];

describe.each(ADAPTERS)('CSRF protection on the %s adapter', (name, start) => {
  let server: Running;
  let browser: Client;

  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined));
  afterEach(async () => {
    await server.close();
    vi.restoreAllMocks();
  });

  async function run(options: CsrfOptions = {}, more: Omit<AppOptions, 'csrf' | 'actions'> = {}) {
    const csrf = csrfProtection(options);
    server = await startWith(start, csrf, more);
    browser = new Client(server);
  }

  /** The token that a page of this site holds. */
  const token = async (who = browser): Promise<string> => (await who.get('/token')).body;
  const change = (headers: Readonly<Record<string, string>>, who = browser): Promise<Answered> =>
    who.post('/set?color=changed', headers);
  const color = async (who = browser): Promise<string> => (await who.get('/read')).body;

  test.each([
    ['cross-site, by Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site' }],
    ['a foreign Origin in an older browser', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
    ['Origin: null', { 'sec-fetch-site': '', origin: 'null' }],
    ['a value that nobody knows', { 'sec-fetch-site': 'same-party' }],
  ])('refuses with 403 what another site caused: %s (CSRF-4, CSRF-5, CSRF-11) (ASVS-3.5.1)', async (_, headers) => {
    await run();
    await browser.post('/sign-in');
    await browser.post('/set?color=good');
    const refused = await change(headers);
    expect(refused.status).toBe(403);
    expect(refused.setCookies).toEqual([]);
    expect(refused.headers['cache-control']).toBe('no-store');
    expect(await color()).toBe('good');
  });

  test('lets the own pages change things, and clients that are no browsers (CSRF-7)', async () => {
    await run();
    expect((await change({})).status).toBe(200);
    expect((await browser.ask({ method: 'POST', path: '/set?color=script' })).status).toBe(200);
    expect(await color()).toBe('script');
  });

  test('refuses a sign-in that another site causes: nobody is signed in as the attacker (ASVS-3.5.1) (CSRF-20)', async () => {
    await run();
    const forged = await browser.post('/sign-in?user=mallory', EVIL);
    expect(forged.status).toBe(403);
    expect(forged.setCookies).toEqual([]);
    expect((await browser.get('/who')).body).toBe('nobody');
  });

  test('does not let another site sign the user out (ASVS-3.5.1)', async () => {
    await run();
    await browser.post('/sign-in');
    const forged = await browser.post('/sign-out', EVIL);
    expect(forged.status).toBe(403);
    expect(forged.headers['clear-site-data']).toBeUndefined();
    expect((await browser.get('/who')).body).toBe('ada');
  });

  test('accepts a trusted origin, and only as it is written (FM-2)', async () => {
    await run({ trustedOrigins: ['https://app.example.com'] });
    const from = async (origin: string) => (await change({ 'sec-fetch-site': 'cross-site', origin })).status;
    expect(await from('https://app.example.com')).toBe(200);
    expect(await from('http://app.example.com')).toBe(403);
    expect(await from('https://app.example.com.evil.example')).toBe(403);
  });

  test('takes the token from the header, and refuses a wrong one although it is not demanded (NIST-5.1) (CSRF-13)', async () => {
    await run();
    await browser.post('/sign-in');
    const good = await token();
    expect((await change({ 'x-csrf-token': good })).status).toBe(200);
    for (const wrong of ['', 'x', good.slice(1), `${good}A`, good.toLowerCase(), 'A'.repeat(86)]) {
      expect((await change({ 'x-csrf-token': wrong })).status, wrong).toBe(403);
    }
  });

  test('tells whose form is too old to load it again, not only that another site is to blame (NIST-5.1)', async () => {
    await run({ strict: true });
    const before = await token();
    await browser.post('/sign-in', { 'x-csrf-token': before });
    const refused = await change({ 'x-csrf-token': before });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatch(/too old.*[Ll]oad the page again/);
  });

  test('demands the token in strict mode, also where the headers are in order (NIST-5.1)', async () => {
    await run({ strict: true });
    await browser.post('/sign-in', { 'x-csrf-token': await token() });
    expect((await browser.get('/who')).body).toBe('ada');
    expect((await change({})).status).toBe(403);
    expect((await change({ 'x-csrf-token': await token() })).status).toBe(200);
  });

  test('demands it in strict mode of clients that send neither header too (CSRF-7)', async () => {
    await run({ strict: true });
    const bare = (headers: Record<string, string> = {}) =>
      browser.ask({ method: 'POST', path: '/set?color=changed', headers });
    expect((await bare()).status).toBe(403);
    expect((await bare({ 'x-csrf-token': await token() })).status).toBe(200);
  });

  test('does not let a good token outweigh bad headers', async () => {
    await run({ strict: true });
    expect((await change({ ...EVIL, 'x-csrf-token': await token() })).status).toBe(403);
  });

  test('asks nothing of GET, HEAD and OPTIONS (FM-1)', async () => {
    await run({ strict: true });
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      expect((await browser.ask({ method, path: '/who', headers: EVIL })).status, method).toBe(200);
    }
  });

  test('gives a visitor a token through a cookie of its own, and no session for it (CSRF-21)', async () => {
    await run({ strict: true });
    const page = await browser.get('/token');
    expect(page.setCookies).toEqual([
      expect.stringMatching(/^__Host-csrf=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.body).not.toContain(browser.cookies.get('__Host-csrf'));
    expect((await browser.get('/token')).setCookies).toEqual([]);
    expect((await change({ 'x-csrf-token': page.body })).status).toBe(200);
  });

  test('masks the token in another way in every answer, and accepts each (CSRF-13)', async () => {
    await run({ strict: true });
    const tokens = [await token(), await token(), await token()];
    expect(new Set(tokens.map((one) => one.slice(0, 43))).size).toBe(3);
    expect(new Set(tokens.map((one) => one.slice(43))).size).toBe(3);
    for (const one of tokens) expect((await change({ 'x-csrf-token': one })).status).toBe(200);
  });

  test('binds the token to the session at sign-in: the visitor’s is dead then, and its cookie goes (CSRF-14, CSRF-15, CSRF-20)', async () => {
    await run({ strict: true });
    const visitors = await token();
    await browser.post('/sign-in', { 'x-csrf-token': visitors });
    expect((await change({ 'x-csrf-token': visitors })).status).toBe(403);
    const page = await browser.get('/token');
    expect(page.setCookies).toEqual(['__Host-csrf=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax']);
    expect(browser.cookies.has('__Host-csrf')).toBe(false);
    expect((await change({ 'x-csrf-token': page.body })).status).toBe(200);
  });

  test('gives one user’s token no force in the session of another (CSRF-14)', async () => {
    await run({ strict: true });
    const mallory = new Client(server);
    await mallory.post('/sign-in?user=mallory', { 'x-csrf-token': await token(mallory) });
    await browser.post('/sign-in', { 'x-csrf-token': await token() });
    expect((await change({ 'x-csrf-token': await token(mallory) })).status).toBe(403);
  });

  test('keeps a form good that is older than the session that has begun since', async () => {
    await run({ strict: true });
    const older = await token();
    await change({ 'x-csrf-token': older });
    expect(browser.cookies.has('__Host-session')).toBe(true);
    expect((await change({ 'x-csrf-token': older })).status).toBe(200);
  });

  test('does not believe a visitor’s cookie that somebody planted beside the real one (CSRF-14)', async () => {
    await run({ strict: true });
    const mallory = new Client(server);
    const planted = await token(mallory);
    await token();
    const cookie = [mallory, browser].map((one) => `__Host-csrf=${one.cookies.get('__Host-csrf')}`);
    for (const both of [cookie, cookie.toReversed()]) {
      const headers = { cookie: both.join('; '), 'x-csrf-token': planted };
      expect((await change(headers)).status).toBe(403);
    }
  });

  test('does not take the value of a cookie for a token: naive double submit is refused (CSRF-14)', async () => {
    await run({ strict: true });
    const cookie = `__Host-csrf=${'A'.repeat(43)}`;
    for (const value of ['A'.repeat(43), 'A'.repeat(86)]) {
      expect((await change({ cookie, 'x-csrf-token': value })).status).toBe(403);
    }
  });

  testOn(name.startsWith('express'))('takes the token from a form’s field', async () => {
    await run({ strict: true });
    const field = await token();
    const post = async (fields: Record<string, string>) => (await browser.form('/set', fields)).status;
    expect(await post({ _csrf: field })).toBe(200);
    expect(await post({ _csrf: `${field.slice(0, -1)}!` })).toBe(403);
    expect(await post({ csrf: field })).toBe(403);
    expect(await post({})).toBe(403);
  });

  testOn(name.startsWith('express'))(
    'refuses a field that is a list or an object, and never fails of it',
    async () => {
      await run();
      for (const body of [
        '_csrf=a&_csrf=b',
        '_csrf[a]=1',
        '_csrf[toString]=1&_csrf[valueOf]=1',
        '_csrf[__proto__]=1',
        '_csrf[]=',
        '_csrf=',
      ]) {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        expect((await browser.post('/set', headers, body)).status, body).toBe(403);
      }
    },
  );

  test.each(
    go.liveServer.cases,
  )('Go’s live server: $method $path from "$origin", Sec-Fetch-Site "$secFetchSite": $allowed (CSRF-4, CSRF-5)', async ({
    method,
    path,
    origin,
    secFetchSite,
    allowed,
  }) => {
    const at: Action = () => 'reached';
    const { trusted } = go.liveServer;
    server = await start(sessionsOf(), {
      csrf: csrfProtection({ trustedOrigins: trusted }),
      exempt: { '/bypass/': at },
      actions: { '/': at },
    });
    const headers = {
      ...(origin && { origin: origin === '<self>' ? server.url : origin }),
      ...(secFetchSite && { 'sec-fetch-site': secFetchSite }),
    };
    const answer = await new Client(server).ask({ method, path, headers });
    expect(answer.status).toBe(allowed ? 200 : 403);
  });

  describe('with routes that other sites may call', () => {
    // Go's patterns are exact routes here: what its trailing slash covers is one route, /bypass/.
    const exempt = ['/bypass/', '/only/123', '/no-trailing', '/yes-trailing/', '/post-only/'];
    const hook: Action = () => 'hook';
    const protectedToo: Action = (session) => {
      session.set('color', 'forged');
      return 'protected';
    };

    async function runExempt(): Promise<void> {
      server = await start(sessionsOf(), {
        csrf: csrfProtection(),
        exempt: Object.fromEntries(exempt.map((path) => [path, hook])),
        actions: Object.fromEntries(REACHABLE.map((path) => [path, protectedToo])),
      });
      browser = new Client(server);
    }

    test.each(
      go.patternBypass.cases.filter(({ path }) => !path.includes('{')),
    )('POST $path with Sec-Fetch-Site "$secFetchSite" is let through: $allowed (FM-3)', async ({
      path,
      secFetchSite,
      allowed,
    }) => {
      await runExempt();
      const headers = {
        origin: 'https://attacker.example',
        ...(secFetchSite && { 'sec-fetch-site': secFetchSite }),
      };
      const answer = await browser.ask({ method: 'POST', path, headers });
      if (allowed) expect([answer.status, answer.body]).toEqual([200, 'hook']);
      else expect(answer.status).toBe(403);
    });

    test.each([
      '/bypass/../set',
      '/foo/../bypass/bar',
      '/bypass/..%2fset',
      '/bypass/%2e%2e/set',
      '/bypass/..;/set',
      '/bypass//set',
      '/bypass/./set',
      '//bypass/',
      '//bypass/../set',
      '///set',
      '/%62ypass/',
      '/bypass%2f',
      '/bypass%2f..%2fset',
      '/bypass',
      '/BYPASS/',
      '/bypass/?/../set',
      '/bypass/#/../set',
      '/set?/bypass/',
      '/set?x=/bypass/',
      '/set/',
      '/SET',
      '/%73et',
      '/bypass/\\..\\set',
      '\\bypass\\',
      'http://evil.example/bypass/',
      'http://evil.example/set',
    ])('the path %s leads no forged request to what is protected (FM-3)', async (path) => {
      await runExempt();
      await browser.post('/set?color=good');
      for (const headers of [EVIL, { origin: 'https://attacker.example' }]) {
        const answer = await browser.ask({ method: 'POST', path, headers }).catch(() => undefined);
        // Refused, not found, or the hook itself: never the handler of a protected route.
        if (answer?.status === 200) expect(answer.body).toBe('hook');
        expect(answer?.body).not.toBe('protected');
      }
      expect(await color()).toBe('good');
    });
  });
});

function sessionsOf() {
  return createSessions({ store: memoryStore(), onEvent: () => undefined });
}

function startWith(start: Start, csrf: Csrf, more: Omit<AppOptions, 'csrf' | 'actions'>): Promise<Running> {
  return start(sessionsOf(), { csrf, actions: { '/token': (session) => csrf.token(session) }, ...more });
}
