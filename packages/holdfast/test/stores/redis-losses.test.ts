import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { Cluster } from 'ioredis';
import { createClient } from 'redis';
import { redisStore } from '../../src/stores/redis/index.ts';
import { lossesIn } from '../../src/stores/redis/losses.ts';
import { sampleRecord } from '../../src/testing/contract/samples.ts';
import { type RedisServer, startRedis, stopAll } from '../support/redis/server.ts';
import { until } from '../support/until.ts';

const servers: RedisServer[] = [];
const closes: (() => void)[] = [];
afterEach(() => closes.splice(0).forEach((close) => close()));
afterAll(() => stopAll(servers));

async function start(...args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args });
  servers.push(server);
  return server;
}

async function clientOf(server: RedisServer, user: { username?: string; password?: string } = {}) {
  const client = createClient({ socket: { host: '127.0.0.1', port: server.port }, ...user });
  client.on('error', () => undefined);
  await client.connect();
  closes.push(() => client.destroy());
  return client;
}

/** The store has asked when its first warning comes, or when INFO was run twice and answered. */
async function warningsOf(server: RedisServer, user = {}): Promise<readonly string[]> {
  const client = await clientOf(server, user);
  await server.call('CONFIG', 'RESETSTAT');
  const warnings: string[] = [];
  redisStore(client, { onWarning: (message) => void warnings.push(message) });
  await until('the store has asked', async () => {
    const stats = String(await server.call('INFO', 'commandstats'));
    const [, calls = 0, rejected = 0] = /cmdstat_info:calls=(\d+).*?rejected_calls=(\d+)/.exec(stats) ?? [];
    return Number(calls) + Number(rejected) >= 2;
  });
  // What was answered before this is told before it.
  await client.sendCommand(['PING']).catch(() => undefined);
  return warnings;
}

const EVICTION = /maxmemory-policy volatile-lru.*Set maxmemory-policy noeviction/;
const NO_AOF = /no append-only file.*Set appendonly yes/;

describe('a server that loses sessions without a word is reported at the start', () => {
  test('one that keeps everything is not', async () => {
    expect(await warningsOf(await start('--appendonly', 'yes'))).toEqual([]);
  });

  test.each([
    'volatile-lru',
    'allkeys-lru',
    'volatile-ttl',
    'allkeys-random',
  ])('one that drops keys by %s, since every session has a TTL', async (policy) => {
    const server = await start('--appendonly', 'yes', '--maxmemory-policy', policy);
    const warnings = await warningsOf(server);
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`maxmemory-policy ${policy}.*Set maxmemory-policy noeviction`)),
    ]);
  });

  test('one that a restart sets back, and each thing once', async () => {
    const server = await start('--maxmemory-policy', 'volatile-lru');
    const warnings = await warningsOf(server);
    expect(warnings).toEqual([expect.stringMatching(EVICTION), expect.stringMatching(NO_AOF)]);
  });

  test('one whose settings this user may not see, with what to allow; the store works', async () => {
    const server = await start('--appendonly', 'yes');
    const rules = [
      'on',
      '>secret',
      '~*',
      '&*',
      '+@read',
      '+@write',
      '+@scripting',
      '+ping',
      '+client',
      '+hello',
    ];
    await server.call('ACL', 'SETUSER', 'app', ...rules, '-info');
    const user = { username: 'app', password: 'secret' };
    expect(await warningsOf(server, user)).toEqual([expect.stringMatching(/may not run INFO.*\+info/)]);
    const store = redisStore(await clientOf(server, user), { onWarning: () => undefined });
    await store.insert(sampleRecord('one'));
    expect(await store.read(sampleRecord('one').id)).toEqual(sampleRecord('one'));
  });

  test('each server of a cluster is asked, by a client that is not connected yet', async () => {
    const server = await start('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1');
    await server.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot));
    const client = new Cluster([{ host: '127.0.0.1', port: server.port }], { retryDelayOnFailover: 0 });
    client.on('error', () => undefined);
    closes.push(() => client.disconnect());
    const warnings: string[] = [];
    redisStore(client, { onWarning: (message) => void warnings.push(message) });
    await until('it has been told', () => warnings.length > 0);
    expect(warnings).toEqual([expect.stringMatching(NO_AOF)]);
  });

  test('by default on the console', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const server = await start();
    redisStore(await clientOf(server));
    await until('it has been told', () => warn.mock.calls.length > 0);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/^holdfast: this Redis keeps no append/),
    );
  });

  test('a server that does not say is not accused', () => {
    expect(lossesIn('# Memory\r\nused_memory:1\r\n')).toEqual([]);
  });
});
