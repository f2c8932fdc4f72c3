import { expect, test } from 'vitest';
import { createSessions } from '../../src/sessions.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { cookieHeader, manualClock, signedInCookie } from '../../src/testing/index.ts';

test('a request with the cookie is signed in', async () => {
  const clock = manualClock();
  const sessions = createSessions({ store: memoryStore(), clock, onEvent: () => undefined });
  const userAgent = 'Browser/1';
  const cookie = await signedInCookie(
    sessions,
    { userId: 'alice', level: 'aal2', label: 'Laptop' },
    { userAgent },
  );
  expect(cookie).toMatch(/^__Host-session=[\w.-]{83}$/);
  const headers = new Headers({ cookie, 'user-agent': userAgent });
  const session = await sessions.open({ method: 'GET', url: '/', headers });
  expect([session.userId, session.info?.level, session.info?.client]).toEqual([
    'alice',
    'aal2',
    { userAgent, label: 'Laptop' },
  ]);
  clock.advance('31m');
  expect((await sessions.open({ method: 'GET', url: '/', headers })).rejected).toBe('idle_timeout');
});

test('a cookie header is what a browser sends after some answers', () => {
  expect(cookieHeader([])).toBe('');
  expect(cookieHeader(['a=1; Path=/; HttpOnly', 'b=2=3'])).toBe('a=1; b=2=3');
  expect(cookieHeader(['a=2'], 'a=1; c=3')).toBe('a=2; c=3');
  expect(cookieHeader(['a=; Max-Age=0; Path=/'], 'a=1; c=3')).toBe('c=3');
  expect(cookieHeader(['a=; max-age=-5'], 'a=1')).toBe('');
  expect(cookieHeader(['a=1; Max-Age=10'])).toBe('a=1');
  expect(cookieHeader(['nonsense'], 'more nonsense')).toBe('');
});

test('a manual clock stands still until it is moved', () => {
  const clock = manualClock(1_000);
  expect(clock.now()).toBe(1_000);
  clock.advance('1m');
  clock.advance(0.5);
  expect(clock.now()).toBe(61_500);
  expect(() => clock.advance(-1)).toThrow(TypeError);
  expect(manualClock().now()).toBe(Date.UTC(2026, 0, 1));
});
