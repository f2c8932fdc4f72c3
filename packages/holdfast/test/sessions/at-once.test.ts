import { runInNewContext } from 'node:vm';
import { afterEach, expect, test, vi } from 'vitest';
import { createSessions, type SessionStore } from '../../src/index.ts';
import { cached } from '../../src/stores/cached.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { signedInCookie } from '../../src/testing/index.ts';
import { onEachStore } from '../support/world.ts';

const requestWith = (cookie?: string) => ({
  method: 'GET',
  url: '/',
  headers: new Headers(cookie === undefined ? {} : { cookie }),
});

onEachStore('where the record is at hand', (open) => {
  test('a session is there at once, signed in or not', async () => {
    const { sessions } = open();
    const cookie = await signedInCookie(sessions, { userId: 'ada' });
    for (const header of [cookie, undefined, '__Host-session=nonsense']) {
      expect(sessions.open(requestWith(header))).not.toBeInstanceOf(Promise);
    }
    expect(sessions.open(requestWith(cookie))).toMatchObject({ state: 'authenticated', userId: 'ada' });
  });

  test('what has to be changed first is waited for: an expired session is ended before it is answered', async () => {
    const { sessions, clock } = open();
    const cookie = await signedInCookie(sessions, { userId: 'ada' });
    clock.advance('45m');
    const opened = sessions.open(requestWith(cookie));
    expect(opened).toBeInstanceOf(Promise);
    expect((await opened).rejected).toBe('idle_timeout');
  });
});

/** A memory store that another server shares: it tells of changes. */
function watched(): SessionStore {
  const store = memoryStore();
  return {
    ...store,
    read: async (id) => store.read(id),
    async watch(listener) {
      listener({ kind: 'up' });
      return async () => undefined;
    },
  };
}

test('a cache answers at once what it has read before', async () => {
  const sessions = createSessions({ store: cached(watched()) });
  const cookie = await signedInCookie(sessions, { userId: 'ada' });
  expect(sessions.open(requestWith(cookie))).toBeInstanceOf(Promise);
  await sessions.open(requestWith(cookie));
  expect(sessions.open(requestWith(cookie))).toMatchObject({ userId: 'ada' });
});

function storeThatReads(read: (records: SessionStore, id: string) => ReturnType<SessionStore['read']>) {
  const store = memoryStore();
  return createSessions({ store: { ...store, read: (id) => read(store, id) } });
}

test('a store that throws at once is unavailable, as one that rejects', async () => {
  const sessions = storeThatReads(() => {
    throw new Error('disk I/O error');
  });
  const cookie = await signedInCookie(sessions, { userId: 'ada' });
  await expect(sessions.open(requestWith(cookie))).rejects.toMatchObject({ code: 'store_unavailable' });
  const spared = sessions.open(requestWith(cookie), { onStoreFailure: 'anonymous' });
  expect((await spared).state).toBe('unavailable');
});

test('a store whose promise can not be waited for is unavailable', async () => {
  const broken = runInNewContext("({ then() { throw new Error('no'); } })");
  const sessions = storeThatReads(() => broken as Promise<undefined>);
  const cookie = await signedInCookie(sessions, { userId: 'ada' });
  await expect(sessions.open(requestWith(cookie))).rejects.toMatchObject({ code: 'store_unavailable' });
});

test('a store that prunes nothing, and says so at once, is as good', async () => {
  let now = 0;
  const store = { ...memoryStore(), prune: (() => undefined) as unknown as SessionStore['prune'] };
  const sessions = createSessions({ store, clock: { now: () => now } });
  now = 3_600_000;
  expect((await sessions.open(requestWith())).state).toBe('anonymous');
});

test('whatever can be waited for is: a promise of somebody else is no record', async () => {
  const own = storeThatReads(async (store, id) => store.read(id));
  const elsewhere = runInNewContext('(value) => Promise.resolve(value)') as typeof Promise.resolve;
  const foreign = storeThatReads((store, id) => elsewhere(store.read(id)));
  for (const each of [own, foreign]) {
    const cookie = await signedInCookie(each, { userId: 'ada' });
    expect((await each.open(requestWith(cookie))).userId).toBe('ada');
  }
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('an application may have put another Promise in the place of the global one', async () => {
  const sessions = createSessions({ store: memoryStore(), onEvent: () => undefined });
  const cookie = await signedInCookie(sessions, { userId: 'ada' });
  const other = `${cookie.slice(0, -2)}${cookie.at(-2) === 'x' ? 'y' : 'x'}${cookie.at(-1)}`;
  vi.stubGlobal('Promise', class extends Promise<unknown> {});
  expect((await sessions.open(requestWith(other))).rejected).toBe('reused');
  expect((await sessions.open(requestWith(cookie))).userId).toBe('ada');
});
