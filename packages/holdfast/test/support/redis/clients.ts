/** Connected clients of every kind that the Redis store can be given, as its how-to makes them. */
import { Cluster, Redis } from 'ioredis';
import { Redis as Valkey } from 'iovalkey';
import { createClient, createCluster, createSentinel } from 'redis';
import type { RedisClient } from '../../../src/stores/redis/index.ts';
import type { Address } from './server.ts';

export interface Connected {
  readonly client: RedisClient;
  close(): void;
}

/** Where the servers are. */
export interface RedisAddresses {
  readonly standalone: Address;
  readonly sentinel: { readonly name: string; readonly sentinels: readonly Address[] };
  readonly cluster: readonly Address[];
}

export type Connect = (addresses: RedisAddresses) => Promise<Connected>;

/** What a client says of its connection is not what is tested; unheard it would end the process. */
const ignore = (): void => undefined;

async function nodeRedis({ standalone: { host, port } }: RedisAddresses): Promise<Connected> {
  const client = createClient({ socket: { host, port, reconnectStrategy: 20 } });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.isOpen && client.destroy() };
}

async function nodeRedisSentinel({ sentinel }: RedisAddresses): Promise<Connected> {
  const client = createSentinel({
    name: sentinel.name,
    sentinelRootNodes: [...sentinel.sentinels],
    maxCommandRediscovers: 0,
    scanInterval: 500,
  });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.isOpen && client.destroy() };
}

async function nodeRedisCluster({ cluster }: RedisAddresses): Promise<Connected> {
  const client = createCluster({ rootNodes: cluster.map((socket) => ({ socket: { ...socket } })) });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.isOpen && client.destroy() };
}

async function ioRedis({ standalone: { host, port } }: RedisAddresses): Promise<Connected> {
  const client = new Redis({ host, port, autoResendUnfulfilledCommands: false });
  client.on('error', ignore);
  return { client, close: () => client.disconnect() };
}

async function ioRedisSentinel({ sentinel }: RedisAddresses): Promise<Connected> {
  const client = new Redis({
    name: sentinel.name,
    sentinels: [...sentinel.sentinels],
    autoResendUnfulfilledCommands: false,
  });
  client.on('error', ignore);
  return { client, close: () => client.disconnect() };
}

async function ioRedisCluster({ cluster }: RedisAddresses): Promise<Connected> {
  const client = new Cluster([...cluster], { retryDelayOnFailover: 0 });
  client.on('error', ignore);
  return { client, close: () => client.disconnect() };
}

async function ioValkey({ standalone: { host, port } }: RedisAddresses): Promise<Connected> {
  const client = new Valkey({ host, port, autoResendUnfulfilledCommands: false });
  client.on('error', ignore);
  return { client, close: () => client.disconnect() };
}

/** Each client on each topology that it knows. */
export const connections: readonly {
  readonly name: string;
  readonly topology: keyof RedisAddresses;
  readonly connect: Connect;
}[] = [
  { name: 'redis, standalone, node-redis', topology: 'standalone', connect: nodeRedis },
  { name: 'redis, standalone, ioredis', topology: 'standalone', connect: ioRedis },
  { name: 'redis, standalone, iovalkey', topology: 'standalone', connect: ioValkey },
  { name: 'redis, sentinel, node-redis', topology: 'sentinel', connect: nodeRedisSentinel },
  { name: 'redis, sentinel, ioredis', topology: 'sentinel', connect: ioRedisSentinel },
  { name: 'redis, cluster, node-redis', topology: 'cluster', connect: nodeRedisCluster },
  { name: 'redis, cluster, ioredis', topology: 'cluster', connect: ioRedisCluster },
];
