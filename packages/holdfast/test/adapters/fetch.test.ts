import { afterEach, describe, expect, test, vi } from 'vitest';
import { fetchSessions } from '../../src/adapters/fetch.ts';
import { createSessions, type SessionStore } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';

afterEach(() => void vi.restoreAllMocks());

describe('the fetch adapter', () => {
  test('never leaves one user’s cookie on a response that is shared', async () => {
    const seeOther = new Response(null, { status: 303, headers: { location: '/' } });
    const { withSession } = fetchSessions(createSessions({ store: memoryStore() }));
    const handle = withSession(async (request, session) => {
      if (request.url.endsWith('/sign-in')) await session.signIn({ userId: 'ada' });
      return seeOther;
    });
    const first = await handle(new Request('http://localhost/sign-in'));
    expect(first.headers.getSetCookie()).toHaveLength(1);
    const second = await handle(new Request('http://localhost/'));
    expect(second.headers.getSetCookie()).toEqual([]);
    expect(seeOther.headers.getSetCookie()).toEqual([]);
  });

  test('makes no copy of an answer to a read, unless nothing can be written on it', async () => {
    const redirect = Response.redirect('http://localhost/elsewhere', 303);
    const { withSession } = fetchSessions(createSessions({ store: memoryStore() }));
    for (const [answer, isCopied] of [
      [new Response('hello'), false],
      [redirect, true],
    ] as const) {
      const handle = withSession((_, session) => {
        expect(session.state).toBe('anonymous');
        return answer;
      });
      const got = await handle(new Request('http://localhost/'));
      expect(got === answer).toBe(!isCopied);
      expect([got.headers.get('cache-control'), got.headers.get('vary')]).toEqual(['no-store', 'Cookie']);
    }
  });

  test('makes a copy whatever it is that writing on an answer throws', async () => {
    const answer = new Response('hello');
    Object.defineProperty(answer.headers, 'set', {
      value() {
        throw new RangeError('of another realm');
      },
    });
    const { withSession } = fetchSessions(createSessions({ store: memoryStore() }));
    const handle = withSession((_, session) => (session.state === 'anonymous' ? answer : new Response()));
    const got = await handle(new Request('http://localhost/'));
    expect([got.status, got.headers.get('vary'), await got.text()]).toEqual([200, 'Cookie', 'hello']);
  });

  test('leaves a response that is shared cacheable for those whose session was not read', async () => {
    const unchanged = new Response(null, { status: 304, headers: { 'cache-control': 'public, max-age=60' } });
    const { withSession } = fetchSessions(createSessions({ store: memoryStore() }));
    const handle = withSession((request, session) => {
      if (request.url.endsWith('/mine')) expect(session.state).toBe('anonymous');
      return unchanged;
    });
    for (const [path, expected] of [
      ['/mine', 'no-store'],
      ['/all', 'public, max-age=60'],
    ]) {
      const { headers } = await handle(new Request(`http://localhost${path}`));
      expect(headers.get('cache-control')).toBe(expected);
    }
  });

  test('answers 503 when the handler threw and what is due fails too', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const memory = memoryStore();
    let isBroken = false;
    const store: SessionStore = {
      ...memory,
      apply: async (id, change) => {
        if (isBroken) throw new Error('down');
        return memory.apply(id, change);
      },
    };
    let now = 0;
    const sessions = createSessions({ store, clock: { now: () => now }, onEvent: () => undefined });
    const { withSession } = fetchSessions(sessions);
    const handle = withSession(async (request, session) => {
      if (request.url.endsWith('/sign-in')) await session.signIn({ userId: 'ada' });
      else throw new Error('the handler failed');
      return new Response('in');
    });
    const [cookie = ''] = (await handle(new Request('http://localhost/sign-in'))).headers.getSetCookie();
    now += 120_000;
    isBroken = true;
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect((await handle(new Request('http://localhost/', { headers }))).status).toBe(503);
  });

  test('lets the application answer errors, and sends the cookie with that', async () => {
    const { withSession } = fetchSessions(createSessions({ store: memoryStore() }));
    const handle = withSession(
      async (_request, session) => {
        await session.signIn({ userId: 'ada' });
        throw new Error('later');
      },
      { onError: (error) => new Response(`sorry: ${(error as Error).message}`, { status: 418 }) },
    );
    const response = await handle(new Request('http://localhost/'));
    expect(response.status).toBe(418);
    expect(await response.text()).toBe('sorry: later');
    expect(response.headers.getSetCookie()).toHaveLength(1);
  });

  test('knows the session of a request, and no other request', async () => {
    const { withSession, sessionOf } = fetchSessions(createSessions({ store: memoryStore() }));
    const handle = withSession((request, session) => new Response(String(sessionOf(request) === session)));
    expect(await (await handle(new Request('http://localhost/'))).text()).toBe('true');
    expect(() => sessionOf(new Request('http://localhost/'))).toThrow(/withSession/);
  });
});
