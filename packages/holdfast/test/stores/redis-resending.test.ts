/** A client that sends a change again when its answer is lost makes it happen twice. The store demands one that does not. */
import { Cluster, Redis } from 'ioredis';
import { createClientPool, createSentinel } from 'redis';
import { describe, expect, test } from 'vitest';
import { type IoRedisClient, redisStore } from '../../src/stores/redis/index.ts';
import type { RedisClient } from '../../src/stores/redis/client.ts';
import type { SessionStore } from '../../src/store.ts';
import { idOf, sampleRecord, setting } from '../../src/testing/contract/samples.ts';
import { type Connected, connections, sharedAddresses } from '../support/redis/clients.ts';
import { type Proxied, proxied } from '../support/redis/proxied.ts';
import { keyPrefix } from '../support/redis/shared.ts';
import { until } from '../support/until.ts';

const silent = { onWarning: () => undefined };
const ignore = (): void => undefined;

function connectionNamed(name: string): (typeof connections)[number] {
  const found = connections.find((connection) => connection.name === name);
  if (!found) throw new Error(`nothing is called ${name}`);
  return found;
}
const standalone = connectionNamed('redis, standalone, ioredis');
const group = connectionNamed('redis, sentinel, node-redis');

/** How often one change has happened, whose answer is lost with the connection: each time makes a version of the data. */
async function happened(
  connected: Connected,
  net: Proxied,
  { topology, connect }: (typeof connections)[number],
): Promise<number> {
  const prefix = keyPrefix();
  const store = redisStore(connected.client, { prefix, ...silent });
  const looking = await connect(await sharedAddresses(topology));
  const versionOf = async (one: SessionStore): Promise<number> =>
    (await Promise.resolve(one.read(idOf('one'))).catch(() => undefined))?.dataVersion ?? 0;
  try {
    await store.insert(sampleRecord('one'));
    // Whatever is asked for later (slots, scripts) is known now.
    expect(await store.apply(idOf('one'), setting({ a: '0' }))).toMatchObject({ dataVersion: 1 });
    const swallowed = (): number => net.proxies.reduce((sum, proxy) => sum + proxy.swallowed, 0);
    const before = swallowed();
    for (const proxy of net.proxies) await proxy.dropReplies();
    const change = store.apply(idOf('one'), setting({ a: '1' })).catch(() => undefined);
    const direct = redisStore(looking.client, { prefix, ...silent });
    await until('the change has happened', async () => (await versionOf(direct)) === 2);
    await until('the answer is lost', () => swallowed() > before);
    for (const proxy of net.proxies) await proxy.mend();
    await change;
    await until('the store answers', async () => (await versionOf(store)) > 0);
    return (await versionOf(direct)) - 1;
  } finally {
    connected.close();
    looking.close();
    await net.close();
  }
}

describe.concurrent('a change whose answer is lost', () => {
  test.each(connections)('happens once: $name', async (connection) => {
    const net = await proxied(connection.topology);
    expect(await happened(await connection.connect(net.addresses), net, connection)).toBe(1);
  }, 60_000);

  /** Says that it is configured as the store demands. */
  function lying(client: Redis): RedisClient {
    const options = { ...client.options, autoResendUnfulfilledCommands: false };
    return new Proxy(client, {
      get: (target, name) => {
        if (name === 'options') return options;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }) as unknown as IoRedisClient;
  }

  test('would happen twice with what ioredis does by default', async () => {
    const net = await proxied('standalone');
    const { host, port } = { host: '127.0.0.1', port: net.proxies[0]?.port ?? 0 };
    const client = new Redis({ host, port });
    client.on('error', ignore);
    const connected = { client: lying(client), close: () => client.disconnect() };
    expect(await happened(connected, net, standalone)).toBe(2);
  }, 60_000);

  test('would happen twice with what createSentinel of redis does by default, which no one can see from outside', async () => {
    const net = await proxied('sentinel');
    const { sentinel, via } = net.addresses;
    const client = createSentinel({
      name: sentinel.name,
      sentinelRootNodes: [...sentinel.sentinels],
      ...(via && { nodeAddressMap: via }),
    });
    client.on('error', ignore);
    await client.connect();
    const connected = { client, close: () => client.destroy() };
    expect(await happened(connected, net, group)).toBe(2);
  }, 60_000);
});

describe('the store refuses', () => {
  const port = 1;
  const lazily = { host: '127.0.0.1', port, lazyConnect: true };
  const single = (options: object): RedisClient => new Redis({ ...lazily, ...options });
  const cluster = (options: object): RedisClient =>
    new Cluster([{ host: '127.0.0.1', port }], { lazyConnect: true, ...options });
  const once = { autoResendUnfulfilledCommands: false };

  test.each<readonly [string, () => RedisClient, RegExp]>([
    [
      'what ioredis does by default',
      () => single({}),
      /Write new Redis\(url, \{ autoResendUnfulfilledCommands: false \}\)/,
    ],
    [
      'what a Cluster of ioredis does by default',
      () => cluster({}),
      /Write new Cluster\(nodes, \{ retryDelayOnFailover: 0 \}\)/,
    ],
    [
      'reads from replicas',
      () => cluster({ retryDelayOnFailover: 0, scaleReads: 'slave' }),
      /Write scaleReads: 'master'/,
    ],
    ['a client that only reads', () => single({ ...once, readOnly: true }), /readOnly.*Leave it out/],
    [
      'a prefix of the client',
      () => single({ ...once, keyPrefix: 'shop:' }),
      /write redisStore\(client, \{ prefix/,
    ],
    ['what is no client', () => 'redis://localhost' as unknown as RedisClient, /pass a client, like/],
    ['nothing', () => undefined as unknown as RedisClient, /pass a client, like/],
  ])('%s, and says what to write', (_, make, message) => {
    expect(() => redisStore(make(), silent)).toThrow(TypeError);
    expect(() => redisStore(make(), silent)).toThrow(message);
  });

  test('a prefix that is no text', () => {
    const prefix = 7 as unknown as string;
    expect(() => redisStore(single(once), { prefix, ...silent })).toThrow(/prefix is text/);
  });
});

test('a pool of clients is a client, and can be watched through', async () => {
  const pool = createClientPool({ socket: (await sharedAddresses('standalone')).standalone });
  pool.on('error', ignore);
  await pool.connect();
  const store = redisStore(pool, { prefix: keyPrefix(), ...silent });
  const kinds: string[] = [];
  const stop = await store.watch?.(({ kind }) => void kinds.push(kind));
  await store.insert(sampleRecord('one'));
  await store.apply(idOf('one'), setting({ a: '1' }));
  await until('the change is told', () => kinds.includes('changed'));
  expect(kinds).toEqual(['up', 'changed']);
  await stop?.();
  pool.destroy();
});
