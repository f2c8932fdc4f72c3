/** What happens to a Redis server itself, and what the sessions on it are answered then. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { createSessions } from '../../src/sessions.ts';
import type { Notice } from '../../src/store.ts';
import { redisStore } from '../../src/stores/redis/index.ts';
import {
  end,
  idOf,
  privilege,
  sampleRecord,
  setting,
  START,
  update,
  userRecord,
} from '../../src/testing/contract/samples.ts';
import { manualClock, storeContract } from '../../src/testing/index.ts';
import { Browser } from '../support/browser.ts';
import { type Connected, connections, type RedisAddresses } from '../support/redis/clients.ts';
import { type RedisCluster, startCluster } from '../support/redis/cluster.ts';
import { type RedisServer, startRedis, stopAll } from '../support/redis/server.ts';
import { keyPrefix } from '../support/redis/shared.ts';
import { until } from '../support/until.ts';

const silent = { onWarning: () => undefined };
/** What is told of iovalkey is told of ioredis, from which it comes. */
const standalone = connections.filter(({ name }) => /standalone, (node-redis|ioredis)/.test(name));
const clustered = connections.filter(({ topology }) => topology === 'cluster');

const servers: RedisServer[] = [];
afterAll(() => stopAll(servers));

async function start(...args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args });
  servers.push(server);
  return server;
}

function at(server: RedisServer): RedisAddresses {
  const nowhere = { sentinel: { name: '', sentinels: [] }, cluster: [] };
  return { ...nowhere, standalone: { host: '127.0.0.1', port: server.port } };
}

/** Over and over while the work is done; one round at least, and none is under way afterwards. */
async function during(round: () => Promise<unknown>, work: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const rounds = (async () => {
    do await round();
    while (!over.signal.aborted);
  })();
  try {
    await work();
  } finally {
    over.abort();
    await rounds;
  }
}

describe.each(standalone)('a server that forgets scripts: $name', ({ connect }) => {
  test('is never noticed: the contract holds while they are flushed all the time', async () => {
    const server = await start();
    const connected = await connect(at(server));
    const open = async () => {
      const prefix = keyPrefix();
      const one = () => redisStore(connected.client, { prefix, ...silent });
      return { store: one(), another: async () => one(), close: async () => undefined };
    };
    await server.call('CONFIG', 'RESETSTAT');
    await during(
      () => server.call('SCRIPT', 'FLUSH'),
      async () => {
        for (const each of storeContract({ open, histories: 2, forgetsByItself: true })) await each.run();
      },
    );
    const stats = String(await server.call('INFO', 'commandstats'));
    const sentWhole = Number(/cmdstat_eval:calls=(\d+)/.exec(stats)?.[1]);
    expect(sentWhole).toBeGreaterThan(20);
    connected.close();
  }, 60_000);
});

describe('slots that move', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster({ nodeTimeoutMs: 15_000 });
  }, 60_000);
  afterAll(() => cluster?.stop());

  /** To another primary, and until all of them say so: a slot that each sends on to the next can not be found. */
  async function move(key: string, round: number): Promise<void> {
    const primaries = cluster.nodes.slice(0, 3);
    const from = await cluster.ownerOf(key);
    const to = primaries.filter((node) => node !== from)[round % 2] as RedisServer;
    const moving = await cluster.beginMove(key, to);
    await moving.moveKeys();
    await moving.finish();
    type Range = readonly [first: number, last: number, primary: readonly [host: string, port: number]];
    await until('all primaries know where the slot is', async () => {
      const views = await Promise.all(primaries.map((node) => node.call('CLUSTER', 'SLOTS')));
      return views.every((view) => {
        const ranges = view as unknown as readonly Range[];
        const range = ranges.find(([first, last]) => first <= moving.slot && moving.slot <= last);
        return range?.[2][1] === to.port;
      });
    });
  }

  test.each(
    clustered,
  )('lose no end on its way to who listens, or it is told that some may be: $name', async ({ connect }) => {
    const addresses = { ...at(cluster.nodes[0] as RedisServer), cluster: cluster.seeds };
    const [here, there] = [await connect(addresses), await connect(addresses)];
    const prefix = keyPrefix();
    const notices: Notice[] = [];
    const stop = await redisStore(here.client, { prefix, ...silent }).watch?.(
      (notice) => void notices.push(notice),
    );
    const store = redisStore(there.client, { prefix, ...silent });
    const ended = (id: string) => (): boolean =>
      notices.some((each) => each.kind === 'ended' && each.id === id);
    const isLost = (): boolean => notices.some(({ kind }) => kind === 'down');
    // One on each channel.
    const names = [...'abcdefghijklmnop'];
    for (const [i, name] of names.entries()) {
      await store.insert(sampleRecord(name));
      const channel = `${prefix}watch:${name.charCodeAt(0) % 16}`;
      await Promise.all([move(channel, i), store.apply(idOf(name), { end: end() })]);
    }
    for (const name of names) {
      await until('the end is told, or what is missing', () => isLost() || ended(idOf(name))());
    }
    const isUp = (): boolean =>
      notices.findLast(({ kind }) => kind === 'up' || kind === 'down')?.kind === 'up';
    await until('all channels are heard', isUp);
    await store.insert(sampleRecord('last'));
    await store.apply(idOf('last'), { end: end() });
    await until('the last end is told', ended(idOf('last')));
    await stop?.();
    here.close();
    there.close();
  }, 120_000);

  test.each(
    clustered,
  )('are never noticed: the contract holds while the slot of all its keys moves around: $name', async ({
    connect,
  }) => {
    const addresses = { ...at(cluster.nodes[0] as RedisServer), cluster: cluster.seeds };
    const connected = await connect(addresses);
    const tag = `{${keyPrefix()}}`;
    let cases = 0;
    const open = async () => {
      const prefix = `${tag}${cases++}:`;
      const one = () => redisStore(connected.client, { prefix, ...silent });
      return { store: one(), another: async () => one(), close: async () => undefined };
    };
    let moves = 0;
    // A channel whose slot never rests is never heard on.
    const promises = storeContract({ open, histories: 2, forgetsByItself: true }).filter(
      ({ name }) => !name.includes('can watch'),
    );
    await during(
      () => move(tag, moves++),
      async () => {
        for (const each of promises) await each.run();
      },
    );
    expect(moves).toBeGreaterThan(5);
    connected.close();
  }, 120_000);
});

describe.each(standalone)('a server that has run out of memory: $name', ({ connect }) => {
  test('goes on to know who is signed in, ends sessions and touches them, and takes nothing new', async () => {
    const server = await start('--maxmemory-policy', 'noeviction');
    const { client, close } = await connect(at(server));
    const store = redisStore(client, { prefix: 'shop:', ...silent });
    const clock = manualClock(START);
    const sessions = createSessions({ store, clock, onEvent: () => undefined });
    const [ada, bob] = [new Browser(sessions), new Browser(sessions)];
    await ada.request((session) => session.signIn({ userId: 'ada' }));
    await bob.request((session) => session.signIn({ userId: 'bob' }));
    for (const name of ['one', 'two', 'three']) {
      await store.admit('user:eve', idOf(name), START);
      await store.insert(userRecord(name, 'eve'));
    }
    await server.call('CONFIG', 'SET', 'maxmemory', '1mb');
    await expect(server.call('SET', 'more', '1')).rejects.toThrow(/OOM/);

    for (let minutes = 0; minutes < 5; minutes++) {
      clock.advance('2m');
      expect(await ada.request((session) => session.userId)).toBe('ada');
    }
    const [eve] = await store.listBy('user:eve');
    expect(eve?.userId).toBe('eve');
    await expect(store.insert(sampleRecord('four'))).rejects.toThrow(/OOM/);
    await expect(store.admit('user:eve', idOf('four'), START)).rejects.toThrow(/OOM/);
    await expect(store.apply(idOf('one'), setting({ a: '1' }))).rejects.toThrow(/OOM/);
    await expect(store.apply(idOf('one'), update({ privilege: privilege('next') }))).rejects.toThrow(/OOM/);
    await expect(ada.request((session) => session.set('a', 1))).rejects.toThrow(StoreUnavailableError);
    expect((await store.read(idOf('one')))?.ended).toBeUndefined();
    expect(await ada.request((session) => session.userId)).toBe('ada');

    await store.apply(idOf('one'), { end: end() });
    expect((await store.read(idOf('one')))?.ended?.reason).toBe('signed_out');
    expect(await store.endBy('user:eve', end('revoked'))).toBe(2);
    expect(await store.epochOf('user:eve')).toBe(1);
    const stolen = bob.stolen();
    await bob.request((session) => session.signOut());
    expect(await stolen.request((session) => [session.userId, session.rejected])).toEqual([
      undefined,
      'signed_out',
    ]);
    close();
  }, 30_000);
});

describe.each(standalone)('a server that has become a replica: $name', ({ connect }) => {
  test('answers no change, not even that there is nothing to change', async () => {
    const [primary, old] = await Promise.all([start(), start()]);
    const { client, close } = await connect(at(old));
    const store = redisStore(client, { prefix: 'shop:', ...silent });
    await store.insert(userRecord('one', 'ada'));
    await store.apply(idOf('one'), setting({ a: '1' }));
    await old.call('CONFIG', 'SET', 'repl-diskless-load', 'disabled');
    await primary.call('SET', 'mark', '1');
    await old.call('REPLICAOF', '127.0.0.1', primary.port);
    await until('it follows', async () => (await old.call('GET', 'mark')) === '1');
    // A session that the new primary has, and this one does not know yet, must not be `gone`.
    const refused = /READONLY/;
    await expect(store.apply(idOf('one'), setting({ a: '2' }))).rejects.toThrow(refused);
    await expect(store.apply(idOf('one'), update({ touch: START }))).rejects.toThrow(refused);
    await expect(store.apply(idOf('one'), update({ confirm: 'x' }))).rejects.toThrow(refused);
    await expect(store.apply(idOf('one'), { end: end() })).rejects.toThrow(refused);
    await expect(store.insert(sampleRecord('two'))).rejects.toThrow(refused);
    await expect(store.admit('user:ada', idOf('one'), START)).rejects.toThrow(refused);
    await expect(store.endBy('user:ada', end())).rejects.toThrow(refused);
    close();
  }, 30_000);
});

describe.each(standalone)('a server that hangs: $name', ({ connect }) => {
  test('is given up at the deadline, as unavailable, and asked again when it is back', async () => {
    const server = await start();
    const connected: Connected = await connect(at(server));
    const store = redisStore(connected.client, { prefix: 'shop:', ...silent });
    const guard = { timeout: 1, breaker: false } as const;
    const sessions = createSessions({ store, onEvent: () => undefined, storeGuard: guard });
    const ada = new Browser(sessions);
    await ada.request((session) => session.signIn({ userId: 'ada' }));
    server.pause();
    const begin = performance.now();
    await expect(ada.request((session) => session.userId)).rejects.toThrow(StoreUnavailableError);
    expect(performance.now() - begin).toBeLessThan(5_000);
    server.resume();
    await until('it is back', () => ada.request((session) => session.userId === 'ada').catch(() => false));
    connected.close();
  }, 30_000);
});
