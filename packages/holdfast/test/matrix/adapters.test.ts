import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSessions, type SessionStore } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { manualClock } from '../../src/testing/index.ts';
import { type Answer, ANSWERS } from './app.ts';
import { ADAPTERS, type Running } from './servers.ts';

describe.each(ADAPTERS)('the %s adapter', (_name, start) => {
  let server: Running;
  let cookie: string;
  const clock = manualClock();
  let fault: Partial<Record<keyof SessionStore, () => void>>;

  beforeEach(async () => {
    cookie = '';
    fault = {};
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const store = faulty(memoryStore(), () => fault);
    server = await start(createSessions({ store, clock, onEvent: () => undefined }));
  });
  afterEach(async () => {
    await server.close();
    vi.restoreAllMocks();
  });

  async function visit(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (cookie) headers.set('cookie', cookie);
    const response = await fetch(server.url + path, { redirect: 'manual', ...init, headers });
    const [set] = response.headers.getSetCookie();
    if (set) cookie = set.split(';')[0] ?? '';
    return response;
  }
  const color = async (): Promise<string> => (await visit('/read')).text();

  test('sets the cookie with its defaults, and reads the session back (ASVS-3.3.1) (ASVS-3.3.2) (ASVS-3.3.3) (SM-9) (SM-10) (SM-11)', async () => {
    const response = await visit('/set?color=blue');
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-session=[\w.-]{83}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect(await color()).toBe('blue');
  });

  test('sets no cookie on a read', async () => {
    expect((await visit('/read')).headers.getSetCookie()).toEqual([]);
    await visit('/set');
    expect((await visit('/read')).headers.getSetCookie()).toEqual([]);
  });

  test('keeps caches away from answers that depend on the session, and only from them (ASVS-14.3.2) (SM-25)', async () => {
    await visit('/set');
    const personal = await visit('/read');
    expect(personal.headers.get('cache-control')).toBe('no-store');
    expect(personal.headers.get('vary')).toMatch(/cookie/i);
    const plain = await visit('/plain');
    expect(plain.headers.get('cache-control')).toBeNull();
    expect(plain.headers.getSetCookie()).toEqual([]);
  });

  test('signs in with a new secret and out with the old one dead (ASVS-7.2.4) (ASVS-7.4.1)', async () => {
    await visit('/set');
    const before = cookie;
    await visit('/sign-in?user=ada');
    const signedIn = cookie;
    expect(signedIn).not.toBe(before);
    expect(await (await visit('/who')).text()).toBe('ada');
    cookie = before;
    expect(await (await visit('/who')).text()).toBe('nobody');
    cookie = signedIn;
    const out = await visit('/sign-out');
    expect(out.headers.getSetCookie()).toEqual([
      '__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    ]);
    cookie = signedIn;
    expect(await (await visit('/who')).text()).toBe('nobody');
  });

  test('drops what a handler that throws had written', async () => {
    await visit('/set?color=blue');
    expect((await visit('/set-and-throw')).status).toBe(500);
    expect(await color()).toBe('blue');
  });

  test('keeps what a handler committed before it threw', async () => {
    expect((await visit('/commit-and-throw')).status).toBe(500);
    expect(await color()).toBe('kept');
  });

  test('lets a sign-in stand, cookie included, when the handler throws after it', async () => {
    const response = await visit('/sign-in-and-throw');
    expect(response.status).toBe(500);
    expect(response.headers.getSetCookie()).toHaveLength(1);
    expect(await (await visit('/who')).text()).toBe('ada');
  });

  test.each(ANSWERS)('has committed before the first byte of the answer leaves: %s', async (answer) => {
    await visit('/set?color=before');
    const response = await visit(`/answer/${answer}`);
    expect(response.status).toBe(STATUS[answer] ?? 200);
    expect(await response.text()).toMatch(BODY[answer]);
    expect(await color()).toBe(answer);
  });

  test.each(
    ANSWERS,
  )('turns a commit that fails into 503, whatever the handler answered: %s', async (answer) => {
    await visit('/set?color=before');
    const good = cookie;
    fault.apply = () => {
      throw new Error('the disk is full');
    };
    const response = await visit(`/answer/${answer}`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('location')).toBeNull();
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.text()).toMatch(/still signed in/);
    fault = {};
    expect(cookie).toBe(good);
    expect(await color()).toBe('before');
  });

  test('answers HEAD like GET, without a body, and commits', async () => {
    await visit('/set?color=before');
    const response = await visit('/answer/end', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(await color()).toBe('end');
  });

  test('answers 409 when the session ended while the handler was writing to it, and does not bring it back', async () => {
    await visit('/sign-in');
    const signedIn = cookie;
    let answered: Promise<Response> | undefined;
    // The sign-out overtakes the write: it runs whole when the write has reached the store.
    fault.apply = () => {
      fault = {};
      answered = visit('/sign-out');
      return answered.then(() => undefined) as never;
    };
    const late = await visit('/set?color=zombie');
    await answered;
    expect(late.status).toBe(409);
    cookie = signedIn;
    expect(await (await visit('/who')).text()).toBe('nobody');
  });

  test('answers 503 when the store can not be read, and leaves the cookie alone', async () => {
    await visit('/sign-in');
    fault.read = () => {
      throw new Error('gone fishing');
    };
    const response = await visit('/who');
    expect(response.status).toBe(503);
    expect(response.headers.getSetCookie()).toEqual([]);
    fault = {};
    expect(await (await visit('/who')).text()).toBe('ada');
  });
});

const STATUS: Partial<Record<string, number>> = {
  redirect: 303,
  'not-modified': 304,
  'no-content': 204,
  'write-head': 201,
};
const WHOLE = /^body$/;
const NOTHING = /^$/;
const BODY: Readonly<Record<Answer, RegExp>> = {
  end: WHOLE,
  chunks: WHOLE,
  stream: WHOLE,
  redirect: /^(?:See Other.*)?$/,
  'not-modified': NOTHING,
  'no-content': NOTHING,
  'write-head': WHOLE,
  'early-hints': WHOLE,
  file: /^\/\*\* One small application[^]+\];\n$/,
};

/** The store, but for the methods that the test has broken at the moment. */
function faulty(
  store: SessionStore,
  faults: () => Partial<Record<keyof SessionStore, () => unknown>>,
): SessionStore {
  return new Proxy(store, {
    get(target, name: keyof SessionStore) {
      if (!(name in target)) return undefined;
      return async (...args: never[]) => {
        await faults()[name]?.();
        return (target[name] as (...args: never[]) => unknown)(...args);
      };
    },
  });
}
