/** A primary, its replica, and three sentinels that agree by two. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../until.ts';
import type { Reply } from './resp.ts';
import { type Address, baseArgs, type RedisServer, startOn, startRedis, stopAll } from './server.ts';

export interface RedisSentinelGroup {
  /** What the sentinels call the primary, whichever it is. */
  readonly name: string;
  readonly sentinels: readonly Address[];
  readonly sentinelServers: readonly RedisServer[];
  /** The primary at the start; see `leader`. */
  readonly primary: RedisServer;
  /** The replica at the start. */
  readonly replica: RedisServer;
  /** `redis+sentinel://127.0.0.1:26379,…/holdfast` */
  readonly url: string;
  /** The server that most sentinels call the primary now. */
  leader(): Promise<RedisServer>;
  stop(): Promise<void>;
}

export interface SentinelOptions {
  /** For the primary and the replica, after the default arguments. */
  readonly args?: readonly string[];
  /** How long the primary may be silent, in milliseconds (1000). */
  readonly downAfterMs?: number;
  /** In milliseconds (3000). */
  readonly failoverTimeoutMs?: number;
}

const NAME = 'holdfast';

function startOneSentinel(primary: RedisServer, options: SentinelOptions): Promise<RedisServer> {
  const { downAfterMs = 1000, failoverTimeoutMs = 3000 } = options;
  return startOn(async (port, folder) => {
    // A sentinel writes its state to its configuration, and refuses to start without one.
    const file = join(folder, 'sentinel.conf');
    const lines = [
      'bind 127.0.0.1',
      'protected-mode yes',
      `port ${port}`,
      `dir ${folder}`,
      'daemonize no',
      `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} 2`,
      `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
      `sentinel failover-timeout ${NAME} ${failoverTimeoutMs}`,
      `sentinel parallel-syncs ${NAME} 1`,
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    return [file, '--sentinel'];
  });
}

/** What a sentinel says of the primary. */
async function viewOf(sentinel: RedisServer): Promise<ReadonlyMap<Reply, Reply>> {
  const fields = (await sentinel.call('SENTINEL', 'MASTER', NAME)) as readonly Reply[];
  return new Map(fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? null]] : [])));
}

async function knowsAll(sentinel: RedisServer): Promise<boolean> {
  const view = await viewOf(sentinel);
  return (
    view.get('flags') === 'master' &&
    view.get('num-slaves') === '1' &&
    view.get('num-other-sentinels') === '2'
  );
}

/** Sentinels find each other by a message that each publishes every 2 s. Redis 6.2 cannot be told to hurry. */
async function hurry(sentinel: RedisServer, publishPeriodMs: number): Promise<void> {
  await sentinel.call('SENTINEL', 'DEBUG', 'publish-period', publishPeriodMs).catch(() => undefined);
}

/** Starts a group of its own for a test: one that may be failed over. Where a shared one will do, see `shared.ts`. */
export async function startSentinel(options: SentinelOptions = {}): Promise<RedisSentinelGroup> {
  const servers: RedisServer[] = [];
  const keep = async (starting: Promise<RedisServer>): Promise<RedisServer> => {
    const server = await starting;
    servers.push(server);
    return server;
  };
  const { args = [] } = options;
  try {
    const primary = await keep(startRedis({ args }));
    const replica = await keep(
      startOn((port, folder) => [
        ...baseArgs(port, folder),
        '--replicaof',
        `127.0.0.1 ${primary.port}`,
        ...args,
      ]),
    );
    await until('the replica follows its primary', async () =>
      String(await replica.call('INFO', 'replication')).includes('master_link_status:up'),
    );
    const sentinelServers = await Promise.all([1, 2, 3].map(() => keep(startOneSentinel(primary, options))));
    await Promise.all(sentinelServers.map((sentinel) => hurry(sentinel, 100)));
    for (const sentinel of sentinelServers)
      await until('each sentinel knows the replica and the others', () => knowsAll(sentinel));
    await Promise.all(sentinelServers.map((sentinel) => hurry(sentinel, 2000)));

    const sentinels = sentinelServers.map(({ port }) => ({ host: '127.0.0.1', port }));
    return {
      name: NAME,
      sentinels,
      sentinelServers,
      primary,
      replica,
      url: `redis+sentinel://${sentinels.map(({ host, port }) => `${host}:${port}`).join(',')}/${NAME}`,
      async leader() {
        const asked = sentinelServers.filter((sentinel) => sentinel.isRunning);
        const votes = await Promise.all(asked.map(async (one) => (await viewOf(one)).get('port')));
        const votesFor = (server: RedisServer): number =>
          votes.filter((port) => port === String(server.port)).length;
        return votesFor(replica) > votesFor(primary) ? replica : primary;
      },
      // The sentinels first: they would take the end of the primary for a failure.
      stop: () => stopAll([...sentinelServers, replica, primary]),
    };
  } catch (error) {
    await stopAll(servers);
    throw error;
  }
}
