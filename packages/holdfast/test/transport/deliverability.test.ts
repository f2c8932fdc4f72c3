/** A cookie that never arrives is the complaint most often made about session libraries: the developer is told. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deliveryProblem } from '../../src/deliverability.ts';
import { createSessions } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';

interface Asked {
  readonly encrypted?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

function requestOf({ encrypted, headers = {} }: Asked) {
  const reader = new Headers(headers);
  return { method: 'POST', url: '/', headers: reader, ...(encrypted !== undefined && { encrypted }) };
}

const problem = (asked: Asked): string | undefined => deliveryProblem(requestOf(asked));

describe('nothing is said', () => {
  test.each<[string, Asked]>([
    ['over TLS', { encrypted: true, headers: { host: 'example.com' } }],
    [
      'over TLS behind a declared proxy',
      { encrypted: true, headers: { host: 'example.com', 'x-forwarded-proto': 'https' } },
    ],
    ['on localhost', { headers: { host: 'localhost' } }],
    ['on localhost, on a port', { headers: { host: 'localhost:3000' } }],
    ['below localhost', { headers: { host: 'app.localhost:3000' } }],
    ['on 127.0.0.1', { headers: { host: '127.0.0.1:3000' } }],
    ['anywhere in 127.0.0.0/8', { headers: { host: '127.8.9.10' } }],
    ['on [::1]', { headers: { host: '[::1]:3000' } }],
    ['without a host, where no browser is', {}],
  ])('%s', (_, asked) => {
    expect(problem(asked)).toBeUndefined();
  });
});

describe('over plain HTTP from elsewhere', () => {
  test.each([
    'example.com',
    'example.com:8080',
    '192.168.1.20:3000',
    '0.0.0.0:3000',
    '[2001:db8::1]',
    'host.docker.internal',
  ])('%s: names the host, says why, and what to do', (host) => {
    const text = problem({ headers: { host } }) ?? '';
    expect(text).toMatch(/^holdfast: the session cookie is Secure/);
    expect(text).toContain(host.replace(/:\d+$/, ''));
    expect(text).toMatch(/Serve HTTPS, or use localhost/);
    expect(text).toMatch(/proxy: \{ hops: 1 \}.*app\.set\('trust proxy', 1\)/);
  });

  test('a hostile Host is not repeated', () => {
    const text = problem({ headers: { host: 'evil example <script>' } }) ?? '';
    expect(text).not.toContain('script');
    expect(text).toContain('this host');
  });
});

describe('behind a proxy that was not declared', () => {
  test.each<[string, Record<string, string>]>([
    ['X-Forwarded-Proto', { 'x-forwarded-proto': 'https' }],
    ['a list of it', { 'x-forwarded-proto': 'https, http' }],
    ['Forwarded', { forwarded: 'for=192.0.2.1;proto=https' }],
  ])('%s says HTTPS: the message says to declare it', (_, headers) => {
    const text = problem({ headers: { host: 'example.com', ...headers } }) ?? '';
    expect(text).toMatch(/none is declared \(or another number of them\)/);
    expect(text).toMatch(/proxy: \{ hops: 1 \}.*app\.set\('trust proxy', 1\)/);
  });

  test('one that says HTTP leaves the other message', () => {
    const headers = { host: 'example.com', 'x-forwarded-proto': 'http' };
    expect(problem({ headers })).toMatch(/Serve HTTPS/);
  });
});

describe('the developer is told', () => {
  beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
  afterEach(() => void vi.restoreAllMocks());

  async function visit(sessions: ReturnType<typeof createSessions>, asked: Asked, writes: boolean) {
    const session = await sessions.open(requestOf(asked));
    if (writes) session.set('a', 1);
    await sessions.commit(session);
  }
  const FAR: Asked = { headers: { host: 'example.com' } };

  test('once, when the first cookie is set that will not arrive', async () => {
    const sessions = createSessions({ store: memoryStore(), onEvent: () => undefined });
    await visit(sessions, FAR, false);
    expect(console.warn).not.toHaveBeenCalled();
    for (let i = 0; i < 3; i++) await visit(sessions, FAR, true);
    expect(console.warn).toHaveBeenCalledTimes(1);
  });

  test('also when earlier cookies have arrived', async () => {
    const sessions = createSessions({ store: memoryStore(), onEvent: () => undefined });
    await visit(sessions, { headers: { host: 'localhost' } }, true);
    expect(console.warn).not.toHaveBeenCalled();
    await visit(sessions, FAR, true);
    expect(console.warn).toHaveBeenCalledTimes(1);
  });

  test('without a word of the cookie', async () => {
    const sessions = createSessions({ store: memoryStore(), onEvent: () => undefined });
    const session = await sessions.open(requestOf(FAR));
    session.set('a', 1);
    const [cookie = ''] = (await sessions.commit(session)).setCookies;
    const secret = cookie.split(/[=;]/)[1] ?? '';
    expect(secret).toHaveLength(83);
    expect(JSON.stringify(vi.mocked(console.warn).mock.calls)).not.toContain(secret.slice(0, 22));
  });
});
