/**
 * One Redis of each kind for a whole test run, started when a test first asks for it. `REDIS_URL`, `REDIS_SENTINEL_URL`
 * and `REDIS_CLUSTER_URL` name others instead. Whoever uses one keeps to keys with a prefix of its own, changes no
 * configuration, and counts no commands: for that, `startRedis`, `startSentinel` and `startCluster`.
 */
import { randomUUID } from 'node:crypto';
import { sharedUrl } from '../shared-server.ts';
import type { Address } from './server.ts';

function addresses(list: string): readonly Address[] {
  return list.split(',').map((address) => {
    const { hostname, port } = new URL(`tcp://${address}`);
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
  });
}

/** The URL of a server, for `createClient({ url })` and `new Redis(url)`. */
export function sharedRedis(): Promise<string> {
  return sharedUrl('redis', 'REDIS_URL');
}

export interface SentinelAddress {
  readonly url: string;
  readonly name: string;
  readonly sentinels: readonly Address[];
}

export function sentinelAddress(url: string): SentinelAddress {
  const [, list = '', name = ''] = /^redis\+sentinel:\/\/([^/@]+)\/([^/]+)$/.exec(url) ?? [];
  if (!name) throw new TypeError('not a URL like redis+sentinel://host:port,host:port/name');
  return { url, name, sentinels: addresses(list) };
}

export async function sharedSentinel(): Promise<SentinelAddress> {
  return sentinelAddress(await sharedUrl('sentinel', 'REDIS_SENTINEL_URL'));
}

export interface ClusterAddress {
  readonly url: string;
  readonly seeds: readonly Address[];
}

export function clusterAddress(url: string): ClusterAddress {
  const [, list] = /^redis\+cluster:\/\/([^/@]+)\/?$/.exec(url) ?? [];
  if (!list) throw new TypeError('not a URL like redis+cluster://host:port,host:port');
  return { url, seeds: addresses(list) };
}

export async function sharedCluster(): Promise<ClusterAddress> {
  return clusterAddress(await sharedUrl('cluster', 'REDIS_CLUSTER_URL'));
}

/** A prefix of keys that no other test has, in this run or another one on the same server. */
export function keyPrefix(): string {
  return `test-${randomUUID()}:`;
}
