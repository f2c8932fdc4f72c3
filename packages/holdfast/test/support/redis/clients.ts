/** Connected clients of every kind that the Redis store can be given, as its how-to makes them. */
import { Cluster, Redis } from 'ioredis';
import { Redis as Valkey } from 'iovalkey';
import { createClient, createCluster, createSentinel } from 'redis';
import type { RedisClient } from '../../../src/stores/redis/index.ts';
import type { Address } from './server.ts';
import { sharedCluster, sharedRedis, sharedSentinel } from './shared.ts';

export interface Connected {
  readonly client: RedisClient;
  close(): void;
}

export interface Topologies {
  readonly standalone: Address;
  readonly sentinel: { readonly name: string; readonly sentinels: readonly Address[] };
  readonly cluster: readonly Address[];
}

/** Where the servers are. */
export interface RedisAddresses extends Topologies {
  /** Other ways to the servers: `addressMap` of proxies. */
  readonly via?: Readonly<Record<string, Address>>;
  /** Who asks; Sentinels are asked by nobody in particular. */
  readonly user?: { readonly username: string; readonly password: string };
}

/** The servers that tests share. Each kind is started when its address is asked for. */
export async function sharedAddresses(topology: keyof Topologies): Promise<RedisAddresses> {
  const none: RedisAddresses = {
    standalone: { host: '', port: 0 },
    sentinel: { name: '', sentinels: [] },
    cluster: [],
  };
  switch (topology) {
    case 'standalone': {
      const { hostname, port } = new URL(await sharedRedis());
      return { ...none, standalone: { host: hostname, port: Number(port || 6379) } };
    }
    case 'sentinel':
      return { ...none, sentinel: await sharedSentinel() };
    default:
      return { ...none, cluster: (await sharedCluster()).seeds };
  }
}

export type Connect = (addresses: RedisAddresses) => Promise<Connected>;

/** What a client says of its connection is not what is tested; unheard it would end the process. */
const ignore = (): void => undefined;

function standaloneOf({ standalone, via }: RedisAddresses): Address {
  return via?.[`${standalone.host}:${standalone.port}`] ?? standalone;
}

export async function connectNodeRedis(addresses: RedisAddresses) {
  const { host, port } = standaloneOf(addresses);
  const client = createClient({ ...addresses.user, socket: { host, port, reconnectStrategy: 20 } });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.isOpen && client.destroy() };
}

async function nodeRedisSentinel({ sentinel, via, user }: RedisAddresses): Promise<Connected> {
  const client = createSentinel({
    name: sentinel.name,
    sentinelRootNodes: [...sentinel.sentinels],
    ...(user && { nodeClientOptions: user }),
    maxCommandRediscovers: 0,
    // Where addresses are mapped, each scan takes the primary for another one and connects anew.
    ...(via ? { nodeAddressMap: via } : { scanInterval: 500 }),
  });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.isOpen && client.destroy() };
}

async function nodeRedisCluster({ cluster, via, user }: RedisAddresses): Promise<Connected> {
  const client = createCluster({
    rootNodes: cluster.map((socket) => ({ socket: { ...socket } })),
    ...(user && { defaults: user }),
    ...(via && { nodeAddressMap: via }),
  });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.isOpen && client.destroy() };
}

async function ioRedis(addresses: RedisAddresses): Promise<Connected> {
  const client = new Redis({
    ...addresses.user,
    ...standaloneOf(addresses),
    autoResendUnfulfilledCommands: false,
  });
  client.on('error', ignore);
  return { client, close: () => client.disconnect() };
}

async function ioRedisSentinel({ sentinel, via, user }: RedisAddresses): Promise<Connected> {
  const client = new Redis({
    ...user,
    name: sentinel.name,
    sentinels: [...sentinel.sentinels],
    ...(via && { natMap: via }),
    autoResendUnfulfilledCommands: false,
  });
  client.on('error', ignore);
  return { client, close: () => client.disconnect() };
}

async function ioRedisCluster({ cluster, via, user }: RedisAddresses): Promise<Connected> {
  const client = new Cluster([...cluster], {
    retryDelayOnFailover: 0,
    ...(user && { redisOptions: user }),
    ...(via && { natMap: via }),
  });
  client.on('error', ignore);
  return { client, close: () => client.disconnect() };
}

async function ioValkey(addresses: RedisAddresses): Promise<Connected> {
  const client = new Valkey({
    ...addresses.user,
    ...standaloneOf(addresses),
    autoResendUnfulfilledCommands: false,
  });
  client.on('error', ignore);
  return { client, close: () => client.disconnect() };
}

/** Each client on each topology that it knows. */
export const connections: readonly {
  readonly name: string;
  readonly topology: keyof Topologies;
  readonly connect: Connect;
}[] = [
  { name: 'redis, standalone, node-redis', topology: 'standalone', connect: connectNodeRedis },
  { name: 'redis, standalone, ioredis', topology: 'standalone', connect: ioRedis },
  { name: 'redis, standalone, iovalkey', topology: 'standalone', connect: ioValkey },
  { name: 'redis, sentinel, node-redis', topology: 'sentinel', connect: nodeRedisSentinel },
  { name: 'redis, sentinel, ioredis', topology: 'sentinel', connect: ioRedisSentinel },
  { name: 'redis, cluster, node-redis', topology: 'cluster', connect: nodeRedisCluster },
  { name: 'redis, cluster, ioredis', topology: 'cluster', connect: ioRedisCluster },
];
