/** Sessions in Redis: connects at the start, and says in one line what is wrong when that does not work. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionStore } from 'holdfast';
import { type RedisClient, redisStore } from 'holdfast/stores/redis';
import { createClient, createCluster, createSentinel } from 'redis';
import { StartError } from './config.ts';
import { describeRedis, type RedisConfig } from './redis-url.ts';
import { within } from './within.ts';

export interface RedisStorage {
  readonly store: SessionStore;
  close(): Promise<void>;
}

/** Keys of the demo, whatever else is in this Redis. */
const PREFIX = 'holdfast-demo:';

/** In milliseconds. Afterwards an outage is 503, and the client connects again by itself. */
const START_WITHIN = 5_000;
const CLOSE_WITHIN = 1_000;

/** @throws StartError when nobody answers there, or it is not what the address says. */
export async function connectRedis(config: RedisConfig): Promise<RedisStorage> {
  const connection = connectionTo(config);
  const { client } = connection;
  // Unheard, it would end the process. What an outage means for sessions, events of the sessions tell.
  client.on('error', () => undefined);
  try {
    await within(START_WITHIN, client.connect());
    connection.hasStarted = true;
    const problem = await within(START_WITHIN, findProblem(config, connection));
    if (problem !== undefined) throw new StartError(problem);
  } catch (error) {
    drop(client);
    const problem = error instanceof StartError ? error.message : explain(error, config);
    throw new StartError(`HOLDFAST_STORE: ${hide(problem, config.password)}`);
  }
  return {
    store: redisStore(client, { prefix: PREFIX }),
    async close() {
      const closed = quietly(() => client.close());
      // What is on its way is finished, unless Redis is away.
      await Promise.race([closed, sleep(CLOSE_WITHIN, undefined, { ref: false })]);
      drop(client);
    },
  };
}

/** What the three kinds of client have in common. */
type Client = RedisClient & {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
  close(): unknown;
  destroy(): unknown;
};

interface Connection {
  readonly client: Client;
  /** What one server says of itself. */
  info(): Promise<string>;
  /** Before, a connection that fails is a mistake to tell; afterwards, an outage that passes. */
  hasStarted: boolean;
}

/** As docs/howto/run-on-redis.md explains them. */
function connectionTo({ topology, addresses, name = '', isEncrypted, ...rest }: RedisConfig): Connection {
  const { username, password, database } = rest;
  const socket = {
    connectTimeout: 2_000,
    reconnectStrategy: (retries: number, cause: Error) =>
      connection.hasStarted ? Math.min(50 * 2 ** retries, 1_000) : cause,
  };
  const each = { ...(username && { username }), ...(password && { password }), socket };
  const commandOptions = { timeout: 1_000 };
  const connection = { hasStarted: false, ...make() };
  return connection;

  function make(): Pick<Connection, 'client' | 'info'> {
    const [first = { host: 'localhost', port: 6379 }] = addresses;
    switch (topology) {
      case 'standalone': {
        const tls = isEncrypted ? ({ tls: true } as const) : {};
        const client = createClient({
          ...each,
          socket: { ...socket, ...first, ...tls },
          commandOptions,
          ...(database !== undefined && { database }),
        });
        return { client, info: () => client.info() };
      }
      case 'sentinel': {
        const client = createSentinel({
          name,
          sentinelRootNodes: [...addresses],
          nodeClientOptions: each,
          sentinelClientOptions: { socket },
          commandOptions,
          maxCommandRediscovers: 0,
          scanInterval: 1_000,
        });
        return { client, info: async () => String(await client.sendCommand(false, ['INFO'])) };
      }
      case 'cluster': {
        const client = createCluster({
          rootNodes: addresses.map((address) => ({ socket: { ...address } })),
          defaults: each,
          commandOptions,
        });
        return { client, info: async () => String(await client.sendCommand(undefined, false, ['INFO'])) };
      }
    }
  }
}

/** A server answers, but perhaps it is not the one that the address means. */
async function findProblem(config: RedisConfig, { info }: Connection): Promise<string | undefined> {
  let text: string;
  try {
    text = await info();
  } catch (error) {
    // Who may not ask may still keep sessions.
    if (error instanceof Error && error.message.startsWith('NOPERM')) return undefined;
    throw error;
  }
  const mode = /^redis_mode:(\w+)/m.exec(text)?.[1];
  const where = describeRedis(config);
  const [{ host, port } = { host: 'host', port: 6379 }] = config.addresses;
  if (mode === 'sentinel') {
    return `${where} is a Sentinel; write redis+sentinel://${host}:${port}/name, with the name of what it watches`;
  }
  if (config.topology !== 'standalone') return undefined;
  if (mode === 'cluster') return `${where} is part of a Cluster; write redis+cluster://${host}:${port}`;
  if (/^role:slave/m.test(text))
    return `${where} is a replica, which takes no changes; write the address of its primary`;
  return undefined;
}

function explain(error: unknown, config: RedisConfig): string {
  const where = describeRedis(config);
  const reason = innermost(error).message;
  const [refusal] = /^(WRONGPASS|NOAUTH|NOPERM)/.exec(reason) ?? [];
  if (refusal)
    return `${where} refuses this user and password (${refusal}); write user:password@ before the host`;
  const remedy = {
    standalone: 'start it, for example with redis-server, or write another address',
    sentinel: 'start it, or write other addresses or another name',
    // The client does not say which it is.
    cluster:
      'start it, write other addresses and what password it takes, or redis://host:port if it is no Cluster',
  }[config.topology];
  return `${where} can not be reached (${reason}); ${remedy}`;
}

/** A client wraps what has happened, one for each address that a name stands for. */
function innermost(error: unknown): Error {
  const { cause, errors } = error as Error & { errors?: unknown[] };
  const inner = cause ?? errors?.[0];
  return inner instanceof Error ? innermost(inner) : (error as Error);
}

/** A server that takes a greeting for a mistake may quote it. */
function hide(text: string, password: string | undefined): string {
  return password ? text.replaceAll(password, '…') : text;
}

/** Waits for nothing: a Sentinel client would finish what it has begun. */
function drop(client: Client): void {
  void quietly(() => client.destroy());
}

/** What does not work is over all the same: a client throws or rejects when it is closed already. */
async function quietly(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {}
}
