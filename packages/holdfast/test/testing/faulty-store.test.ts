import { expect, test } from 'vitest';
import { createSessions } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { cookieHeader, faultyStore, manualTimer, signedInCookie } from '../../src/testing/index.ts';

const request = (cookie = '') => ({ method: 'GET', url: '/', headers: new Headers({ cookie }) });

test('a faulty store fails before its calls take effect, and goes on when it recovers', async () => {
  const { store, fail, recover } = faultyStore(memoryStore());
  const sessions = createSessions({ store, onEvent: () => undefined });
  const cookie = await signedInCookie(sessions, { userId: 'ada' });
  fail('before');
  await expect(sessions.open(request(cookie))).rejects.toMatchObject({ code: 'store_unavailable' });
  recover();
  expect((await sessions.open(request(cookie))).userId).toBe('ada');
});

test('a faulty store can lose an answer: what was asked has happened', async () => {
  const { store, fail, recover } = faultyStore(memoryStore());
  const sessions = createSessions({ store, onEvent: () => undefined });
  const cookie = await signedInCookie(sessions, { userId: 'ada' });
  const session = await sessions.open(request(cookie));
  fail('after', 'apply');
  await expect(session.signOut()).rejects.toMatchObject({ code: 'store_unavailable' });
  recover();
  expect((await sessions.open(request(cookie))).rejected).toBe('signed_out');
});

test('only the named calls fail', async () => {
  const { store, fail } = faultyStore(memoryStore());
  const sessions = createSessions({ store, onEvent: () => undefined });
  fail('before', 'listBy', 'endBy');
  const session = await sessions.open(request());
  session.set('a', 1);
  expect(cookieHeader((await sessions.commit(session)).setCookies)).toMatch(/^__Host-session=/);
  await expect(sessions.list('ada')).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(sessions.revokeAll('ada')).rejects.toMatchObject({ code: 'store_unavailable' });
});

test('a faulty store can hang: nothing happens, and nothing is answered, until the guard has waited long enough', async () => {
  const { store, hang, recover } = faultyStore(memoryStore());
  const timer = manualTimer();
  const sessions = createSessions({ store, storeGuard: { timer }, onEvent: () => undefined });
  const cookie = await signedInCookie(sessions, { userId: 'ada' });
  hang('endBy');
  const revocation = sessions.revokeAll('ada');
  timer.advance('1s');
  await expect(revocation).rejects.toMatchObject({ code: 'store_unavailable' });
  recover();
  expect((await sessions.open(request(cookie))).userId).toBe('ada');
  expect(await sessions.revokeAll('ada')).toBe(1);
});
