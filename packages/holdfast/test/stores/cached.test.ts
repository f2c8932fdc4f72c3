import { describe, expect, test } from 'vitest';
import { createSessions } from '../../src/sessions.ts';
import type { Notice } from '../../src/store.ts';
import { cached, type CacheOptions } from '../../src/stores/cached.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { manualClock, storeContract } from '../../src/testing/index.ts';
import { sampleRecord } from '../../src/testing/contract/samples.ts';
import { Browser } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { watchable } from '../support/watchable.ts';

/** Servers with a cache each on one store, and a clock for all of it that stands still. */
function servers(shared = watchable(), options: CacheOptions = {}) {
  const clock = manualClock();
  const server = () => {
    const store = cached(shared.store, options, [() => clock.now()]);
    return { store, sessions: createSessions({ store, clock, onEvent: () => undefined }) };
  };
  return { shared, clock, server };
}

describe('the store contract: a cache before a store', () => {
  const open = async () => {
    const store = cached(watchable().store);
    return { store, close: () => store.close() };
  };
  for (const { name, run } of storeContract({ open })) test(name, run);
});

describe('a local cache', () => {
  test('answers a second read from the process, for as long as maxAge and no longer', async () => {
    const { shared, clock, server } = servers(watchable(), { maxAge: '5s' });
    const { sessions } = server();
    const ada = new Browser(sessions);
    await ada.signIn();
    await ada.whoami();
    const { reads } = shared;
    clock.advance(4.999);
    await ada.whoami();
    expect(shared.reads).toBe(reads);
    clock.advance(0.001);
    await ada.whoami();
    expect(shared.reads).toBe(reads + 1);
  });

  test('does not give a session that another server has ended, once its notice has arrived (ASVS-7.4.1)', async () => {
    const { shared, server } = servers(watchable(false));
    const [mine, theirs] = [server(), server()];
    const ada = new Browser(mine.sessions);
    await ada.signIn();
    shared.deliver();
    expect(await ada.whoami()).toBe('alice');
    expect(await theirs.sessions.revokeAll('alice')).toBe(1);
    expect(await ada.whoami()).toBe('alice');
    shared.deliver();
    expect(await ada.whoami()).toBe('revoked');
  });

  test('does not give it beyond maxAge where the notice is lost', async () => {
    const { shared, clock, server } = servers(watchable(false), { maxAge: '5s' });
    const [mine, theirs] = [server(), server()];
    const ada = new Browser(mine.sessions);
    await ada.signIn();
    await ada.whoami();
    await theirs.sessions.revokeAll('alice');
    shared.lose();
    clock.advance(5);
    expect(await ada.whoami()).toBe('revoked');
  });

  test('does not give what this server itself has ended, from the moment it is asked to', async () => {
    const { server } = servers(watchable(false));
    const { sessions } = server();
    const ada = new Browser(sessions);
    await ada.signIn();
    await ada.whoami();
    await sessions.revokeAll('alice');
    expect(await ada.whoami()).toBe('revoked');
  });

  test('does not keep what was read before an end that was told during the read', async () => {
    const { shared, server } = servers();
    const [mine, theirs] = [server(), server()];
    const ada = new Browser(mine.sessions);
    await ada.signIn();
    await ada.request((session) => session.set('cart', 1));
    const held = shared.holdReads();
    const late = ada.whoami();
    await theirs.sessions.revokeAll('alice');
    held.release();
    await late;
    expect(await ada.whoami()).toBe('revoked');
  });

  test('does not keep what was read before a change that this server makes during the read', async () => {
    const { shared, clock, server } = servers(watchable(false));
    const { store, sessions } = server();
    const ada = new Browser(sessions);
    await ada.signIn();
    const id = ada.token?.split('.')[0] ?? '';
    const held = shared.holdReads();
    const late = store.read(id);
    await store.apply(id, { end: { reason: 'revoked', at: clock.now(), tombstoneFor: 1_000 } });
    held.release();
    expect((await late)?.ended).toBe(undefined);
    expect((await store.read(id))?.ended?.reason).toBe('revoked');
  });

  test('accepts a secret that another server has renewed, before its notice arrives, and counts no reuse', async () => {
    const { shared, clock, server } = servers(watchable(false), { maxAge: '60s' });
    const [mine, theirs] = [server(), server()];
    const ada = new Browser(mine.sessions);
    await ada.signIn();
    clock.advance('14.9m');
    await ada.whoami();
    clock.advance('0.2m');
    const elsewhere = new Browser(theirs.sessions);
    elsewhere.cookie = ada.cookie;
    await elsewhere.whoami();
    expect(elsewhere.cookie).not.toBe(ada.cookie);
    ada.cookie = elsewhere.cookie;
    expect(await ada.whoami()).toBe('alice');
    const record = await shared.store.read(ada.token?.split('.')[0] ?? '');
    expect(record?.reuse.incidents).toBe(0);
  });

  test('renews no secret that another server has just offered again: its predecessor is still on its way', async () => {
    const { clock, server } = servers(watchable(false), { maxAge: '60s' });
    const [mine, theirs] = [server(), server()];
    const ada = new Browser(mine.sessions);
    await ada.signIn();
    clock.advance('15.1m');
    await ada.request(() => undefined, { isLost: true });
    const id = ada.token?.split('.')[0] ?? '';
    clock.advance('14.9m');
    await mine.store.read(id);
    const late = new Browser(theirs.sessions, { cookie: ada.cookie });
    const elsewhere = new Browser(theirs.sessions, { cookie: ada.cookie });
    await elsewhere.whoami();
    clock.advance('0.2m');
    const offered = elsewhere.cookie;
    ada.cookie = offered;
    expect(await ada.whoami()).toBe('alice');
    expect(ada.cookie).toBe(offered);
    expect(await late.whoami()).toBe('alice');
  });

  test('costs one read to refuse a cookie: what came from the store is not asked for again', async () => {
    const { shared, server } = servers();
    const { sessions } = server();
    const ada = new Browser(sessions);
    await ada.signIn();
    const guess = new Browser(sessions, {
      cookie: `__Host-session=${'A'.repeat(22)}.${ada.token?.slice(23)}`,
    });
    await sessions.revokeAll('alice');
    const { reads } = shared;
    expect(await ada.whoami()).toBe('revoked');
    expect(shared.reads).toBe(reads + 1);
    expect(await ada.whoami()).toBe('revoked');
    expect(shared.reads).toBe(reads + 2);
    expect(await guess.whoami()).toBe('unknown');
    expect(shared.reads).toBe(reads + 3);
  });

  test('loses no increment that two servers make at the same time, however late their notices are', async () => {
    const { server } = servers(watchable(false));
    const browsers = [new Browser(server().sessions), new Browser(server().sessions)] as const;
    const [ada, elsewhere] = browsers;
    await ada.signIn();
    elsewhere.cookie = ada.cookie;
    for (const browser of browsers) await browser.whoami();
    const increment = (browser: (typeof browsers)[number]) =>
      browser.request((session) => session.update('cart', (value) => Number(value ?? 0) + 1));
    for (let round = 0; round < 5; round++) await Promise.all(browsers.map(increment));
    expect(await ada.request((session) => session.get('cart'))).toBe(10);
  });

  test('does not end a session as idle that was seen on another server', async () => {
    const { clock, server } = servers(watchable(), { maxAge: '120s' });
    const [mine, theirs] = [server(), server()];
    const ada = new Browser(mine.sessions);
    await ada.signIn();
    clock.advance('28.5m');
    await ada.request(() => undefined, { passive: true });
    const elsewhere = new Browser(theirs.sessions);
    elsewhere.cookie = ada.cookie;
    await elsewhere.whoami();
    ada.cookie = elsewhere.cookie;
    clock.advance('1.9m');
    expect(await ada.whoami()).toBe('alice');
  });

  test('steps aside while notices are missing, and begins empty when they arrive again', async () => {
    const { shared, server } = servers();
    const { sessions } = server();
    const ada = new Browser(sessions);
    await ada.signIn();
    await ada.whoami();
    shared.tell({ kind: 'down' });
    const { reads } = shared;
    await ada.whoami();
    await ada.whoami();
    expect(shared.reads).toBe(reads + 2);
    shared.tell({ kind: 'up' });
    await ada.whoami();
    await ada.whoami();
    expect(shared.reads).toBe(reads + 3);
  });

  test('reads through until it can listen, and tries again', async () => {
    const shared = watchable();
    let refusals = 1;
    const { watch } = shared.store;
    const store = {
      ...shared.store,
      watch: async (...values: Parameters<NonNullable<typeof watch>>) => {
        if (refusals-- > 0) throw new Error('connect ECONNREFUSED');
        return (watch as NonNullable<typeof watch>)(...values);
      },
    };
    let now = 0;
    const mine = cached(store, {}, [() => now]);
    const ada = new Browser(createSessions({ store: mine, onEvent: () => undefined }));
    await ada.signIn();
    await ada.whoami();
    expect(shared.listeners).toBe(0);
    now += 1_000;
    await ada.whoami();
    expect(shared.listeners).toBe(1);
    const { reads } = shared;
    await ada.whoami();
    await ada.whoami();
    expect(shared.reads).toBe(reads + 1);
  });

  test('keeps no more sessions than max: who was read the longest ago goes', async () => {
    const { shared, server } = servers(watchable(), { max: 2 });
    const { sessions } = server();
    const browsers = [new Browser(sessions), new Browser(sessions), new Browser(sessions)] as const;
    for (const browser of browsers) await browser.signIn();
    for (const browser of browsers) await browser.whoami();
    const { reads } = shared;
    await browsers[2].whoami();
    await browsers[1].whoami();
    expect(shared.reads).toBe(reads);
    await browsers[0].whoami();
    expect(shared.reads).toBe(reads + 1);
  });

  test('does not believe a store that says `up` and then can not listen', async () => {
    const shared = watchable();
    const store = {
      ...shared.store,
      watch: async (listener: (notice: Notice) => void) => {
        listener({ kind: 'up' });
        throw new Error('NOPERM');
      },
    };
    const ada = new Browser(
      createSessions({ store: cached(store, {}, [() => 0]), onEvent: () => undefined }),
    );
    await ada.signIn();
    const { reads } = shared;
    await ada.whoami();
    await ada.whoami();
    expect(shared.reads).toBe(reads + 2);
  });

  test('closes at once where the store can not be reached, and listens to nothing when it can', async () => {
    const shared = watchable();
    let connect: () => void = () => undefined;
    const connected = new Promise<void>((resolve) => (connect = resolve));
    let stops = 0;
    const watch = async () => {
      await connected;
      return async () => void stops++;
    };
    const store = cached({ ...shared.store, watch });
    await store.close();
    expect(stops).toBe(0);
    connect();
    await until('what listens is stopped', () => stops === 1);
    await store.close();
    expect(stops).toBe(1);
  });

  test('closes: nothing is kept, nothing is listened to, reads go through', async () => {
    const { shared, server } = servers();
    const { sessions, store } = server();
    const ada = new Browser(sessions);
    await ada.signIn();
    await ada.whoami();
    expect(shared.listeners).toBe(1);
    await store.close();
    expect(shared.listeners).toBe(0);
    const { reads } = shared;
    expect(await ada.whoami()).toBe('alice');
    expect(await ada.whoami()).toBe('alice');
    expect(shared.reads).toBe(reads + 2);
  });

  test.each([
    ['stands still while the machine sleeps', 0],
    ['is set back', -3_600_000],
  ])('believes no clock that %s', async (_, move) => {
    const shared = watchable(false);
    const clocks = [0, 0];
    const store = cached(shared.store, { maxAge: '5s' }, [() => clocks[0] ?? 0, () => clocks[1] ?? 0]);
    const record = sampleRecord('one');
    await store.insert(record);
    await store.read(record.id);
    const { reads } = shared;
    await store.read(record.id);
    expect(shared.reads).toBe(reads);
    clocks[0] = move;
    clocks[1] = 5_000;
    await store.read(record.id);
    expect(shared.reads).toBe(reads + 1);
  });

  test('refuses a store that can not tell of changes, and limits that are none', () => {
    expect(() => cached(memoryStore())).toThrow(/can not tell of changes/);
    expect(() => cached(watchable().store, { max: 0 })).toThrow(/max:/);
    expect(() => cached(watchable().store, { maxBytes: 1.5 })).toThrow(/maxBytes:/);
    expect(() => cached(watchable().store, { maxAge: 'soon' as never })).toThrow(/maxAge/);
  });
});
