/** Servers, an application on them, and what can happen to both. */
import { setTimeout as pause } from 'node:timers/promises';
import { startCluster } from '../support/redis/cluster.ts';
import { type RedisSentinelGroup, startSentinel } from '../support/redis/sentinel.ts';
import { type RedisServer, startRedis } from '../support/redis/server.ts';
import { until } from '../support/until.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import type { AppSettings } from './app.ts';
import type { Outage } from './outage.ts';
import { type App, startApp } from './processes.ts';

export type ClientName = 'node-redis' | 'ioredis';

export interface Scene {
  readonly apps: readonly App[];
  readonly fault: Pick<Outage, 'fail' | 'mend' | 'exists'> & {
    readonly loses: 'nothing' | 'what no replica has';
  };
  stop(): Promise<void>;
}

export interface SceneOptions {
  readonly client: ClientName;
  /** Processes of the application. Default 1. */
  readonly processes?: number;
  readonly renewAfter?: AppSettings['renewAfter'];
  readonly replicas?: number;
  readonly breaker?: boolean;
  /** How long before the primary is killed its replica no longer hears of it, in milliseconds. Default: it does. */
  readonly lag?: number;
  /** Whether the server that was killed is started again when its replica has taken over, and follows that one then. */
  readonly comesBack?: boolean;
}

const PREFIX = 'app:';
const NOWHERE = { host: '127.0.0.1', port: 1 };
export const nowhere = { standalone: NOWHERE, sentinel: { name: '', sentinels: [] }, cluster: [] };

async function startApps(
  topology: 'standalone' | 'sentinel' | 'cluster',
  { client, processes = 1, renewAfter, replicas, breaker }: SceneOptions,
  addresses: Partial<AppSettings['addresses']>,
): Promise<readonly App[]> {
  const settings: AppSettings = {
    connection: `redis, ${topology}, ${client}`,
    addresses: { ...nowhere, ...addresses },
    prefix: PREFIX,
    ...(renewAfter !== undefined && { renewAfter }),
    ...(replicas !== undefined && { replicas }),
    ...(breaker !== undefined && { breaker }),
  };
  return Promise.all(Array.from({ length: processes }, () => startApp(settings)));
}

async function stopAll(apps: readonly App[], servers: { stop(): Promise<void> }): Promise<void> {
  await Promise.all(apps.map((app) => app.kill()));
  await servers.stop();
}

export const keyOf = (id: string): string => `${PREFIX}s:${id}`;

/**
 * From now on the replica hears nothing more. Stopping it alone would not do: what the primary has handed to the system for
 * it would still arrive, even after the primary is gone.
 */
export async function cutOff(replica: RedisServer, primary: RedisServer): Promise<void> {
  replica.pause();
  await primary.call('CLIENT', 'KILL', 'TYPE', 'replica');
}

async function kill(primary: RedisServer, replica: RedisServer, lag: number | undefined): Promise<void> {
  if (lag !== undefined) {
    await cutOff(replica, primary);
    await pause(lag);
  }
  await primary.kill();
  replica.resume();
}

/** Nothing fails but what the test itself lets fail. */
export async function standaloneScene(options: SceneOptions): Promise<Omit<Scene, 'fault'>> {
  const server = await startRedis();
  const apps = await startApps('standalone', options, {
    standalone: { host: '127.0.0.1', port: server.port },
  });
  return { apps, stop: () => stopAll(apps, server) };
}

export function startSentinelApps(
  { name, sentinels }: RedisSentinelGroup,
  options: SceneOptions,
): Promise<readonly App[]> {
  return startApps('sentinel', options, { sentinel: { name, sentinels } });
}

/** A primary behind Sentinel is killed. */
export async function sentinelScene(options: SceneOptions & { downAfterMs?: number }): Promise<Scene> {
  const { downAfterMs = 1000, lag, comesBack = false } = options;
  const group = await startSentinel({ downAfterMs });
  const apps = await startSentinelApps(group, options);
  return {
    apps,
    fault: {
      loses: 'what no replica has',
      fail: () => kill(group.primary, group.replica, lag),
      async mend() {
        await until('the replica is the primary', async () => (await group.leader()) === group.replica);
        if (!comesBack) return;
        await group.primary.restart();
        // A sentinel would do so some time later.
        await group.primary.call('REPLICAOF', '127.0.0.1', group.replica.port);
      },
      exists: async (id) => (await (await group.leader()).call('EXISTS', keyOf(id))) === 1,
    },
    stop: () => stopAll(apps, group),
  };
}

/** One of three primaries of a cluster is killed. */
export async function clusterScene(options: SceneOptions & { nodeTimeoutMs?: number }): Promise<Scene> {
  const { nodeTimeoutMs = 1500, lag, comesBack = false } = options;
  const cluster = await startCluster({ nodeTimeoutMs });
  const [primary] = cluster.nodes;
  const [replica] = primary ? await cluster.replicasOf(primary) : [];
  if (!primary || !replica) throw new Error('a cluster without a primary and its replica');
  const apps = await startApps('cluster', options, { cluster: cluster.seeds });
  return {
    apps,
    fault: {
      loses: 'what no replica has',
      fail: () => kill(primary, replica, lag),
      async mend() {
        await until('the replica is a primary', async () =>
          String(await replica.call('ROLE')).startsWith('master'),
        );
        if (comesBack) await primary.restart();
      },
      exists: async (id) => (await (await cluster.ownerOf(keyOf(id))).call('EXISTS', keyOf(id))) === 1,
    },
    stop: () => stopAll(apps, cluster),
  };
}

/** The network between the application and a server is cut for a while, or goes silent. */
export async function networkScene(
  options: SceneOptions & { how: 'cut' | 'hang'; lasts: number },
): Promise<Scene> {
  const { how, lasts } = options;
  const server = await startRedis();
  const proxy = await startProxy(server.port);
  const apps = await startApps('standalone', options, {
    standalone: { host: '127.0.0.1', port: proxy.port },
  });
  return {
    apps,
    fault: {
      loses: 'nothing',
      fail: () => proxy[how](),
      async mend() {
        await pause(lasts);
        await proxy.mend();
      },
      exists: async (id) => (await server.call('EXISTS', keyOf(id))) === 1,
    },
    async stop() {
      await stopAll(apps, server);
      await proxy.close();
    },
  };
}
