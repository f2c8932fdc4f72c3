import { afterEach, expect, test, vi } from 'vitest';
import { call } from './resp.ts';
import {
  clusterAddress,
  keyPrefix,
  sentinelAddress,
  sharedCluster,
  sharedRedis,
  sharedSentinel,
} from './shared.ts';

const unnamed = ['REDIS_URL', 'REDIS_SENTINEL_URL', 'REDIS_CLUSTER_URL'];
afterEach(() => vi.unstubAllEnvs());

test('the shared servers start when they are asked for, once', async () => {
  for (const variable of unnamed) vi.stubEnv(variable, '');
  const [redis, sentinel, cluster] = await Promise.all([sharedRedis(), sharedSentinel(), sharedCluster()]);
  expect(await call(Number(new URL(redis).port), 'PING')).toBe('PONG');
  for (const { port } of sentinel.sentinels) {
    expect(await call(port, 'SENTINEL', 'CKQUORUM', sentinel.name)).toMatch(/^OK/);
  }
  for (const { port } of cluster.seeds) {
    expect(await call(port, 'CLUSTER', 'INFO')).toContain('cluster_state:ok');
  }
  expect([await sharedRedis(), await sharedSentinel(), await sharedCluster()]).toEqual([
    redis,
    sentinel,
    cluster,
  ]);
}, 60_000);

test('the environment names other servers', async () => {
  vi.stubEnv('REDIS_URL', 'redis://cache.example:6380/1');
  vi.stubEnv('REDIS_SENTINEL_URL', 'redis+sentinel://a.example:26379,[::1]:26380/main');
  vi.stubEnv('REDIS_CLUSTER_URL', 'redis+cluster://a.example:7000,b.example');
  expect(await sharedRedis()).toBe('redis://cache.example:6380/1');
  expect(await sharedSentinel()).toMatchObject({
    name: 'main',
    sentinels: [
      { host: 'a.example', port: 26379 },
      { host: '::1', port: 26380 },
    ],
  });
  expect((await sharedCluster()).seeds).toEqual([
    { host: 'a.example', port: 7000 },
    { host: 'b.example', port: 6379 },
  ]);
});

test('a URL of another kind is refused', () => {
  expect(() => sentinelAddress('redis+sentinel://a.example:26379')).toThrow(TypeError);
  expect(() => sentinelAddress('redis://a.example:26379/main')).toThrow(TypeError);
  expect(() => clusterAddress('redis://a.example:26379')).toThrow(TypeError);
});

test('no two prefixes of keys are the same', () => {
  expect(keyPrefix()).not.toBe(keyPrefix());
});
