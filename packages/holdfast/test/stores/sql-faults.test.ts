/** Faults between the application and an SQL database: on the wire, in its pool, and of the server as a whole. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { createSessions } from '../../src/sessions.ts';
import type { MaybePromise } from '../../src/at-once.ts';
import type { SessionStore } from '../../src/store.ts';
import { idOf, sampleRecord, setting, START, userRecord } from '../../src/testing/contract/samples.ts';
import { Browser } from '../support/browser.ts';
import { guardedOnce, outcomeOf } from '../support/guarded-once.ts';
import { databases, drivers, type SqlClient, type SqlServer } from '../support/sql/drivers.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { DEADLINE, testWireFaults } from '../support/wire-faults.ts';

describe.concurrent.each(drivers)('a fault on the wire: $name', (driver) => {
  testWireFaults(async () => {
    const url = await driver.url();
    const proxy = await startProxy(Number(new URL(url).port));
    const space = await driver.newSpace(url);
    const through = url.replace(/:\d+\//, `:${proxy.port}/`);
    const clients: SqlClient[] = [];
    return {
      proxies: [proxy],
      async connect() {
        const client = driver.connect(through, 3);
        clients.push(client);
        return client.store(space);
      },
      answer: isAnswering,
      async close() {
        await Promise.all(clients.map((client) => client.close()));
        await proxy.close();
        await driver.drop(url, space);
      },
    };
  }, 2);
});

/** On each of its connections: what one of them still does is over when it answers. */
async function isAnswering(stores: readonly SessionStore[]): Promise<boolean> {
  const asked = stores.flatMap((store) => Array.from({ length: 6 }, (_, i) => store.read(`${i}`)));
  return Promise.all(asked).then(
    () => true,
    () => false,
  );
}

describe.each(drivers)('a pool of which every connection is busy: $name', (driver) => {
  test('is unavailable at the deadline, and of what waited nothing happens twice', async () => {
    const url = await driver.url();
    const space = await driver.newSpace(url);
    const [busy, free] = [driver.connect(url, 1), driver.connect(url, 1)];
    const store = guardedOnce(busy.store(space), DEADLINE);
    const theirs = free.store(space);
    await theirs.insert(sampleRecord());
    await until('the store answers', () => isAnswering([store]));
    const release = await busy.hold();
    const calls: readonly MaybePromise<unknown>[] = [
      store.read(idOf('one')),
      store.apply(idOf('one'), setting({ a: '1' })),
      store.insert(userRecord('two', 'ada')),
    ];
    expect(await Promise.all(calls.map((call) => outcomeOf(call)))).toEqual(
      Array.from({ length: 3 }, () => 'unavailable'),
    );
    release();
    await until('the store answers', () => isAnswering([store]));
    const after = await theirs.read(idOf('one'));
    expect(after?.dataVersion).toBeLessThanOrEqual(1);
    await busy.close();
    await free.close();
    await driver.drop(url, space);
  }, 30_000);
});

describe.each(databases)('$name itself', ({ startServer, drivers: all }) => {
  let server: SqlServer;
  beforeAll(async () => {
    server = await startServer();
  }, 60_000);
  afterAll(() => server?.stop());

  describe.each(all)('$name', (driver) => {
    let space: string;
    let client: SqlClient;
    beforeEach(async () => {
      space = await driver.newSpace(server.url);
      client = driver.connect(server.url);
      return () => client.close();
    });

    test('hangs: it is given up at the deadline, as unavailable, and asked again when it is back', async () => {
      const guard = { timeout: 0.3, breaker: false } as const;
      const store = client.store(space);
      const sessions = createSessions({ store, onEvent: () => undefined, storeGuard: guard });
      const ada = new Browser(sessions);
      await ada.signIn();
      await server.pause();
      const begin = performance.now();
      await expect(ada.request((session) => session.userId)).rejects.toThrow(StoreUnavailableError);
      expect(performance.now() - begin).toBeLessThan(3_000);
      await server.resume();
      await until('it is back', () =>
        ada.request((session) => session.userId !== undefined).catch(() => false),
      );
    }, 30_000);

    test('is killed and started again: what was acknowledged is there, and a change of unknown outcome happened once at most', async () => {
      const store = guardedOnce(client.store(space), 5_000);
      const callers = 10;
      for (let i = 0; i < callers; i++) await store.insert(sampleRecord(i));
      const acknowledged = Array.from({ length: callers }, () => 0);
      const asked = Array.from({ length: callers }, () => 0);
      const isOver = new AbortController();
      const running = acknowledged.map(async (_, i) => {
        while (!isOver.signal.aborted) {
          asked[i] = (asked[i] ?? 0) + 1;
          const outcome = await outcomeOf(store.apply(idOf(i), setting({ n: String(asked[i]) })));
          if (outcome === 'unavailable') return;
          expect(outcome.status).toBe('applied');
          acknowledged[i] = outcome.dataVersion ?? Number.NaN;
        }
      });
      await until('changes are under way', () => acknowledged.every((n) => n > 5));
      await server.kill();
      isOver.abort();
      await Promise.all(running);
      await server.restart();
      await until('it is back', () => isAnswering([store]));
      for (let i = 0; i < callers; i++) {
        const record = await store.read(idOf(i));
        const [known, sent] = [acknowledged[i] ?? 0, asked[i] ?? 0];
        expect(record?.dataVersion).toBeGreaterThanOrEqual(known);
        expect(record?.dataVersion).toBeLessThanOrEqual(sent);
        expect(record?.data.get('n')?.value).toBe(String(record?.dataVersion));
      }
      expect(await store.prune(START, 10)).toBe(0);
    }, 60_000);
  });
});
