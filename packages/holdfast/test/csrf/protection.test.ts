import { describe, expect, test } from 'vitest';
import { assertAllowed, csrfProtection } from '../../src/csrf/index.ts';
import { createSessions, type Session } from '../../src/index.ts';
import type { UntypedData } from '../../src/data.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { cookieHeader } from '../../src/testing/index.ts';

const SAME_ORIGIN = { method: 'POST', headers: new Headers({ 'sec-fetch-site': 'same-origin' }) };
const NO_BROWSER = { method: 'POST', headers: new Headers() };
const ALLOWED = { isAllowed: true };

/** A browser that keeps its cookies between requests. */
function browser(sessions = createSessions({ store: memoryStore(), onEvent: () => undefined })) {
  let cookie = '';
  return {
    jar: () => cookie,
    plant(more: string) {
      cookie = cookie ? `${cookie}; ${more}` : more;
    },
    async request<T>(handle: (session: Session<UntypedData>) => T | Promise<T>) {
      const session = await sessions.open({ method: 'POST', url: '/', headers: new Headers({ cookie }) });
      const result = await handle(session);
      const { setCookies } = await sessions.commit(session);
      cookie = cookieHeader(setCookies, cookie);
      return { result, setCookies };
    },
  };
}

const csrf = csrfProtection();
const strict = csrfProtection({ strict: true });
const token = (session: Session<UntypedData>) => csrf.token(session);

describe('a token', () => {
  test('of the session is accepted as often as it is sent, and masked anew in every answer (CSRF-13, CSRF-15)', async () => {
    const ada = browser();
    await ada.request((session) => session.signIn({ userId: 'ada' }));
    const { result: tokens } = await ada.request(async (session) => [
      await token(session),
      await token(session),
    ]);
    expect(new Set(tokens).size).toBe(2);
    await ada.request(async (session) => {
      for (const each of [...tokens, ...tokens]) {
        expect(await strict.verify(SAME_ORIGIN, session, each)).toEqual(ALLOWED);
      }
    });
  });

  test.each([
    '',
    'x',
    'A'.repeat(86),
    'A'.repeat(85),
    'A'.repeat(87),
    'é'.repeat(86),
  ])('that is wrong is always refused: %j', async (wrong) => {
    const ada = browser();
    await ada.request((session) => session.signIn({ userId: 'ada' }));
    await ada.request(async (session) => {
      for (const protection of [csrf, strict]) {
        expect(await protection.verify(SAME_ORIGIN, session, wrong)).toEqual({
          isAllowed: false,
          reason: 'wrong_token',
        });
      }
    });
  });

  test('of somebody else is refused (CSRF-14)', async () => {
    const sessions = createSessions({ store: memoryStore(), onEvent: () => undefined });
    const [ada, eve] = [browser(sessions), browser(sessions)];
    for (const each of [ada, eve]) await each.request((session) => session.signIn({ userId: 'ada' }));
    const { result: foreign } = await eve.request(token);
    await ada.request(async (session) => {
      expect(await csrf.verify(SAME_ORIGIN, session, foreign)).toMatchObject({ reason: 'wrong_token' });
    });
  });

  test('from before a privilege change is refused', async () => {
    const ada = browser();
    await ada.request((session) => session.signIn({ userId: 'ada' }));
    const { result: before } = await ada.request(token);
    await ada.request((session) => session.elevate());
    await ada.request(async (session) => {
      expect(await csrf.verify(SAME_ORIGIN, session, before)).toMatchObject({ reason: 'wrong_token' });
    });
  });

  test('that is missing is refused in strict mode alone, from clients that are no browsers too (NIST-5.1)', async () => {
    await browser().request(async (session) => {
      for (const request of [SAME_ORIGIN, NO_BROWSER]) {
        expect(await csrf.verify(request, session, undefined)).toEqual(ALLOWED);
        expect(await strict.verify(request, session, undefined)).toEqual({
          isAllowed: false,
          reason: 'missing_token',
        });
      }
    });
  });

  test('is asked of no request that can change nothing, and saves none that the headers refuse', async () => {
    const ada = browser();
    await ada.request((session) => session.signIn({ userId: 'ada' }));
    const { result: good } = await ada.request(token);
    await ada.request(async (session) => {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        const request = { method, headers: new Headers({ 'sec-fetch-site': 'cross-site' }) };
        expect(await strict.verify(request, session, undefined)).toEqual(ALLOWED);
        expect(await strict.verify(request, session, 'wrong')).toEqual(ALLOWED);
      }
      const crossSite = { method: 'POST', headers: new Headers({ 'sec-fetch-site': 'cross-site' }) };
      expect(await strict.verify(crossSite, session, good)).toEqual({
        isAllowed: false,
        reason: 'cross_site',
      });
    });
  });
});

describe('a visitor without a session', () => {
  test('gets a token through a cookie of its own, once, and no session', async () => {
    const visitor = browser();
    const { result: first, setCookies } = await visitor.request(token);
    expect(setCookies).toEqual([
      expect.stringMatching(/^__Host-csrf=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    const again = await visitor.request(token);
    expect(again.setCookies).toEqual([]);
    await visitor.request(async (session) => {
      expect(session.id).toBeUndefined();
      expect(await strict.verify(SAME_ORIGIN, session, first)).toEqual(ALLOWED);
      expect(await strict.verify(SAME_ORIGIN, session, again.result)).toEqual(ALLOWED);
    });
    await browser().request(async (session) => {
      expect(await csrf.verify(SAME_ORIGIN, session, first)).toMatchObject({ reason: 'wrong_token' });
    });
  });

  test('keeps a form that is older than the anonymous session; the cookie goes with the next form', async () => {
    const visitor = browser();
    const { result: form } = await visitor.request(token);
    await visitor.request((session) => session.set('cart', 1));
    const { setCookies } = await visitor.request(async (session) => {
      expect(await strict.verify(SAME_ORIGIN, session, form)).toEqual(ALLOWED);
      return token(session);
    });
    expect(setCookies).toEqual(['__Host-csrf=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax']);
    expect(visitor.jar()).not.toContain('__Host-csrf');
  });

  test('who has signed in needs a token of the session: the visitor’s counts no more (CSRF-20)', async () => {
    const visitor = browser();
    const { result: form } = await visitor.request(token);
    await visitor.request((session) => session.signIn({ userId: 'ada' }));
    expect(visitor.jar()).toContain('__Host-csrf');
    await visitor.request(async (session) => {
      expect(await csrf.verify(SAME_ORIGIN, session, form)).toMatchObject({ reason: 'wrong_token' });
    });
  });

  test.each([
    '__Host-csrf=short',
    `__Host-csrf=${'!'.repeat(43)}`,
    `__Host-csrf=${'A'.repeat(43)}; __Host-csrf=${'B'.repeat(43)}`,
  ])('with a cookie that is not ours, or two, gets a new one: %s', async (planted) => {
    const visitor = browser();
    visitor.plant(planted);
    const { setCookies } = await visitor.request(token);
    expect(setCookies).toHaveLength(1);
    expect(setCookies[0]).not.toContain('A'.repeat(43));
  });
});

test('assertAllowed lets pass or throws csrf_rejected with the reason', () => {
  expect(assertAllowed(ALLOWED as { isAllowed: true })).toBeUndefined();
  expect(() => assertAllowed({ isAllowed: false, reason: 'missing_token' })).toThrow(
    expect.objectContaining({ code: 'csrf_rejected', message: expect.stringContaining('missing_token') }),
  );
});
