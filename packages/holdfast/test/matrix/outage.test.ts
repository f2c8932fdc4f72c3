/** What the pages of an application answer while its store is down: each route says for itself whether it can do without. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSessions, type Sessions } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { type FaultyStore, faultyStore, manualTimer, signedInCookie } from '../../src/testing/index.ts';
import { ADAPTERS, type Running } from './servers.ts';

describe.each(ADAPTERS)('an outage behind the %s adapter', (_name, start) => {
  const timer = manualTimer();
  let server: Running;
  let faulty: FaultyStore;
  let headers: { readonly cookie: string };
  let hasArrived: () => void;

  beforeEach(async () => {
    faulty = faultyStore(memoryStore());
    const { store } = faulty;
    const watched = {
      ...store,
      read(id: string) {
        hasArrived();
        return store.read(id);
      },
    };
    hasArrived = () => undefined;
    const sessions: Sessions = createSessions({
      store: watched,
      storeGuard: { timer },
      onEvent: () => undefined,
    });
    headers = { cookie: await signedInCookie(sessions, { userId: 'ada' }) };
    server = await start(sessions, {
      open: (path) => ({ onStoreFailure: path === '/state' ? 'anonymous' : 'throw' }),
      actions: {
        '/state': (session) => session.state,
        '/state/write': (session) => session.set('color', 'red'),
      },
    });
  });
  afterEach(() => server.close());

  const visit = (path: string) => fetch(server.url + path, { headers });

  test('a page that needs the session answers 503 with Retry-After, and leaves the cookie alone', async () => {
    faulty.fail('before');
    const response = await visit('/who');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.text()).toMatch(/still signed in/);
    faulty.recover();
    expect(await (await visit('/who')).text()).toBe('ada');
  });

  test('a page beside it that does without goes on, and no cache takes it for what everybody may see', async () => {
    faulty.fail('before');
    const response = await visit('/state');
    expect([response.status, await response.text()]).toEqual([200, 'unavailable']);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.getSetCookie()).toEqual([]);
    expect((await visit('/state/write')).status).toBe(503);
    faulty.recover();
    expect(await (await visit('/state')).text()).toBe('authenticated');
  });

  test('a store that hangs holds neither of them for longer than its time', async () => {
    faulty.hang();
    for (const [path, status] of [
      ['/who', 503],
      ['/state', 200],
    ] as const) {
      const arrived = new Promise<void>((resolve) => (hasArrived = resolve));
      const response = visit(path);
      await arrived;
      timer.advance('1s');
      expect((await response).status).toBe(status);
    }
  });

  test('while calls are suspended, both answer at once', async () => {
    faulty.fail('before');
    for (let i = 0; i < 5; i++) await visit('/who');
    faulty.hang();
    expect((await visit('/who')).status).toBe(503);
    expect(await (await visit('/state')).text()).toBe('unavailable');
    faulty.recover();
    timer.advance('1s');
    expect(await (await visit('/who')).text()).toBe('ada');
  });
});
