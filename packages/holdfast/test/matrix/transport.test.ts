/** HTTPS on each adapter: over plain HTTP, over real TLS, and behind a proxy that ends it. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { testOn } from '../support/test-on.ts';
import { csrfProtection } from '../../src/csrf/index.ts';
import { createSessions, type SessionStore } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { secureTransport } from '../../src/transport/index.ts';
import { askRaw, Client } from './client.ts';
import { ADAPTERS, type AppOptions, type Running } from './servers.ts';

const HSTS = 'strict-transport-security';
const YEAR = 'max-age=31536000';
const SITE = { host: 'app.example.com' };

let tls: { key: string; cert: string };

beforeAll(() => {
  const pem = execFileSync(
    'openssl',
    (
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 ' +
      '-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout - -out -'
    ).split(' '),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const part = (name: string): string =>
    new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----\n`).exec(pem)?.[0] ?? '';
  tls = { key: part('PRIVATE KEY'), cert: part('CERTIFICATE') };
});

describe.each(ADAPTERS)('transport on the %s adapter', (name, start) => {
  let server: Running;
  let isDown: boolean;

  beforeEach(() => {
    isDown = false;
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    await server.close();
    vi.restoreAllMocks();
  });

  async function run(options: AppOptions = {}): Promise<Client> {
    const memory = memoryStore();
    const store: SessionStore = {
      ...memory,
      read: async (id) => {
        if (isDown) throw new Error('down');
        return memory.read(id);
      },
    };
    const sessions = createSessions({ store, onEvent: () => undefined });
    server = await start(sessions, { transport: secureTransport(), ...options });
    return new Client(server, SITE);
  }

  test.each([
    ['GET', 301],
    ['HEAD', 301],
    ['POST', 308],
    ['DELETE', 308],
  ])('sends %s over plain HTTP on to HTTPS with %i, and opens no session (ASVS-12.2.1)', async (method, status) => {
    const browser = await run();
    const answer = await browser.ask({ method, path: '/set?color=blue' });
    expect(answer.status).toBe(status);
    expect(answer.headers.location).toBe('https://app.example.com/set?color=blue');
    expect(answer.headers[HSTS]).toBeUndefined();
    expect(answer.setCookies).toEqual([]);
  });

  test.each([
    '//evil.example/x',
    '/\\evil.example',
    '/@evil.example',
    '/.evil.example',
    '/%2f%2fevil.example',
    '/%0d%0aSet-Cookie:%20a=b',
    'http://evil.example/x',
    'https://evil.example@evil.example/x',
  ])('redirects the target %s to no other host', async (path) => {
    await run();
    const head = await askRaw(server, [`GET ${path} HTTP/1.1`, 'Host: app.example.com']);
    const location = /^location: (.*)$/im.exec(head)?.[1];
    // The fetch API takes an absolute target for the URL that was asked for; it stays on the site or is refused.
    if (location !== undefined) expect(new URL(location).host).toMatch(/^app\.example\.com$/);
    else expect(head).toMatch(/^HTTP\/1\.1 (?:400|404)/);
    expect(head).not.toMatch(/^set-cookie/im);
  });

  test.each([
    'evil/..',
    'good@evil.example',
    'evil.example\\',
    'evil.example/x',
    'evil example',
    'a.example,b.example',
  ])('redirects nowhere for the Host %j', async (host) => {
    await run();
    const head = await askRaw(server, ['GET /x HTTP/1.1', `Host: ${host}`]);
    expect(head).toMatch(/^HTTP\/1\.1 400/);
    expect(head).not.toMatch(/^location:/im);
  });

  test('goes on over plain HTTP on localhost, and promises nothing', async () => {
    await run();
    for (const host of ['localhost', 'app.localhost:3000', '127.0.0.1', '127.1.2.3']) {
      const answer = await new Client(server, { host }).post('/set');
      expect(answer.status, host).toBe(200);
      expect(answer.setCookies[0]).toMatch(/; Secure/);
      expect(answer.headers[HSTS]).toBeUndefined();
    }
  });

  test('over TLS, goes on and promises HTTPS on every answer, errors and refusals too (ASVS-3.4.1)', async () => {
    const browser = await run({ tls, csrf: csrfProtection() });
    const hsts = async (answer: ReturnType<Client['ask']>) => {
      const { status, headers } = await answer;
      return [status, headers[HSTS]];
    };
    expect(await hsts(browser.post('/sign-in'))).toEqual([200, YEAR]);
    expect(await hsts(browser.get('/who'))).toEqual([200, YEAR]);
    expect(await hsts(browser.get('/plain'))).toEqual([200, YEAR]);
    expect(await hsts(browser.get('/no-such-page'))).toEqual([404, YEAR]);
    expect(await hsts(browser.get('/answer/redirect'))).toEqual([303, YEAR]);
    expect(await hsts(browser.get('/answer/not-modified'))).toEqual([304, YEAR]);
    expect(await hsts(browser.get('/set-and-throw'))).toEqual([500, YEAR]);
    expect(await hsts(browser.post('/set', { 'sec-fetch-site': 'cross-site' }))).toEqual([403, YEAR]);
    isDown = true;
    expect(await hsts(browser.get('/who'))).toEqual([503, YEAR]);
  });

  test('over TLS, the session holds', async () => {
    const browser = await run({ tls });
    await browser.post('/sign-in?user=ada');
    expect((await browser.get('/who')).body).toBe('ada');
  });

  test('does not believe a proxy that is not declared (ASVS-4.1.3)', async () => {
    const browser = await run();
    const spoofed = { 'x-forwarded-proto': 'https', forwarded: 'proto=https;for=192.0.2.1' };
    const answer = await browser.get('/plain', spoofed);
    expect(answer.status).toBe(301);
    expect(answer.headers[HSTS]).toBeUndefined();
  });

  test('does not believe an address that nobody is declared to write (ASVS-4.1.3)', async () => {
    const browser = await run({ tls });
    const spoofed = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1', 'x-real-ip': '192.0.2.1' };
    await browser.post('/sign-in', spoofed);
    expect((await browser.get('/where')).body).toMatch(/^(?:::ffff:)?127\.0\.0\.1$/);
  });

  test('believes a declared proxy about the scheme and the address, and only its own entry', async () => {
    const browser = await run({ proxy: { hops: 1 } });
    const behind = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '6.6.6.6, 192.0.2.1' };
    const answer = await browser.post('/sign-in', behind);
    expect(answer.status).toBe(200);
    expect(answer.headers[HSTS]).toBe(YEAR);
    expect((await browser.get('/where', behind)).body).toBe('192.0.2.1');
    expect((await browser.get('/plain', { ...behind, 'x-forwarded-proto': 'http' })).status).toBe(301);
  });

  test('counts two proxies from the end', async () => {
    const browser = await run({ proxy: { hops: 2 } });
    const behind = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '6.6.6.6, 192.0.2.1, 10.0.0.2' };
    await browser.post('/sign-in', behind);
    expect((await browser.get('/where', behind)).body).toBe('192.0.2.1');
  });

  test('redirects to the host that was asked for, not to the one in a forwarded header', async () => {
    const browser = await run({ proxy: { hops: 1 } });
    const answer = await browser.get('/x', { 'x-forwarded-host': 'evil.example' });
    expect(answer.headers.location).toBe('https://app.example.com/x');
  });

  testOn(!name.startsWith('express'))('believes the entry of the proxy in Forwarded', async () => {
    const browser = await run({ proxy: { hops: 1, header: 'forwarded' } });
    const behind = { forwarded: 'for=6.6.6.6;proto=http, for="[2001:db8::17]:4711";proto=https' };
    expect((await browser.post('/sign-in', behind)).status).toBe(200);
    expect((await browser.get('/where', behind)).body).toBe('2001:db8::17');
  });

  test('tells the developer once of a cookie that can not arrive, and how to declare a proxy', async () => {
    const browser = await run({ transport: undefined as never });
    await browser.post('/set');
    await browser.post('/sign-in');
    expect(vi.mocked(console.warn).mock.calls).toEqual([[expect.stringContaining('app.example.com')]]);
    expect(vi.mocked(console.warn).mock.calls[0]?.[0]).toMatch(/hops: 1.*trust proxy/);
  });
});
