/** The clients that the store can be given, by structure, and one way to send a command through each. */
import { rejectingLost, type Settle } from './lost-answers.ts';

/** A client of `ioredis` or `iovalkey`: a `Redis` (standalone or through Sentinel) or a `Cluster`. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
  pipeline(commands: string[][]): { exec(): Promise<[error: Error | null, result: unknown][] | null> };
  readonly options: object;
}

/** A client of `redis` (node-redis): `createClient` or `createClientPool`. */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>;
}

/** `createCluster` of `redis`. */
export interface NodeRedisCluster {
  sendCommand(key: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>;
  readonly masters: readonly unknown[];
  nodeClient(node: never): unknown;
}

/** `createSentinel` of `redis`. */
export interface NodeRedisSentinel {
  sendCommand(isReadonly: boolean | undefined, args: string[]): Promise<unknown>;
  getMasterNode(): unknown;
}

export type RedisClient = IoRedisClient | NodeRedisClient | NodeRedisCluster | NodeRedisSentinel;

/** A connected client, whichever it is. Commands go to the server that holds `key` for writing, reads too. */
export interface Link {
  send(key: string, command: string, ...args: string[]): Promise<unknown>;
  /** GET, which every request waits for: what `use` makes of the reply, with as few promises as there can be. */
  get<T>(key: string, use: (reply: unknown) => T): Promise<T>;
  /** One command to each server that holds keys: their answers, each as it comes. */
  sendToAll(command: string, ...args: string[]): Promise<readonly Promise<unknown>[]>;
  /**
   * A command and, right behind it on the same connection, WAIT: the reply, and how many replicas have what was written. On
   * another connection WAIT has nothing to wait for, and counts every replica.
   */
  sendAndWait(
    key: string,
    command: readonly string[],
    replicas: number,
    timeout: number,
  ): Promise<readonly [reply: unknown, count: unknown]>;
  readonly isCluster: boolean;
}

/** @throws TypeError when it is no client, or one that would send a change twice or read from a replica. */
export function linkTo(client: RedisClient): Link {
  if (isIoRedis(client)) {
    checkIoRedis(client.options);
    return ioRedisLink(client);
  }
  if (typeof (client as NodeRedisClient | undefined)?.sendCommand !== 'function') {
    throw new TypeError(
      "redisStore: pass a client, like await createClient({ url }).connect() of 'redis', or a Redis or Cluster of 'ioredis'",
    );
  }
  if ('nodeClient' in client) return nodeRedisClusterLink(client);
  return nodeRedisLink(client as NodeRedisClient | NodeRedisSentinel);
}

/** Whether the user that the client is may not run the command. */
export function isForbidden(answer: unknown): boolean {
  return answer instanceof Error && /^(NOPERM|ERR unknown command)/.test(answer.message);
}

const asItIs = <T>(reply: T): T => reply;

function ioRedisLink(client: IoRedisClient): Link {
  const { nodes } = client as { nodes?(role: string): IoRedisClient[] };
  // The connections of a Cluster do not come back: what was under way on one is rejected.
  const settle: Settle = nodes ? (answer, use) => answer.then(use) : rejectingLost(client);

  async function servers(): Promise<IoRedisClient[]> {
    if (!nodes) return [client];
    // A Cluster knows only where to ask before it is ready; a command waits for that.
    if ((client as { readonly status?: string }).status !== 'ready') await client.call('PING');
    return nodes.call(client, 'master');
  }

  return {
    send: (_, command, ...args) => settle(client.call(command, ...args), asItIs),
    get: (key, use) => settle(client.call('GET', key), use),
    async sendToAll(command, ...args) {
      return (await servers()).map((server) => server.call(command, ...args));
    },
    async sendAndWait(key, [name = '', ...args], replicas, timeout) {
      // Those of a pipeline are called by the names of its methods.
      const command = [name.toLowerCase(), ...args];
      const wait = ['wait', String(replicas), String(timeout)];
      for (let isMoved = false; ; isMoved = true) {
        const replies = await settle(client.pipeline([command, wait]).exec(), asItIs);
        const [[refused, reply] = [null], [failed, count] = [new Error('no answer to WAIT')]] = replies ?? [];
        const hasMoved = refused?.message.startsWith('MOVED') && !isMoved;
        if (refused && !hasMoved) throw refused;
        if (!refused && failed) throw failed;
        if (!refused) return [reply, count];
        // A pipeline is not sent on; a single command is, and the client learns the way from it.
        await client.call('EXISTS', key);
      }
    },
    isCluster: nodes !== undefined,
  };
}

/** The commands of one pipeline share a connection; where that breaks, none is sent on another one. */
interface Pipeline {
  execAsPipeline(): Promise<unknown[]>;
}

interface WithPipelines<Args extends unknown[]> {
  multi(): Pipeline & { addCommand(...args: [...Args, command: string[]]): unknown };
}

function nodeRedisClusterLink(client: NodeRedisCluster): Link {
  return {
    send: (key, command, ...args) => client.sendCommand(key, false, [command, ...args]),
    get: (key, use) => client.sendCommand(key, false, ['GET', key]).then(use),
    sendToAll: async (command, ...args) =>
      client.masters.map(async (node) => {
        const single = (await client.nodeClient(node as never)) as NodeRedisClient;
        return single.sendCommand([command, ...args]);
      }),
    async sendAndWait(key, command, replicas, timeout) {
      for (let isMoved = false; ; isMoved = true) {
        const both = (client as unknown as WithPipelines<[key: string, isReadonly: boolean]>).multi();
        both.addCommand(key, false, [...command]);
        both.addCommand(key, false, ['WAIT', String(replicas), String(timeout)]);
        try {
          return (await both.execAsPipeline()) as [unknown, unknown];
        } catch (error) {
          if (isMoved || !(error instanceof Error && error.message.startsWith('MOVED'))) throw error;
          // As above.
          await client.sendCommand(key, false, ['EXISTS', key]);
        }
      }
    },
    isCluster: true,
  };
}

/** What `NodeRedisClient` need not have, and a client of one server does. */
interface TimedClient {
  readonly isReady?: boolean;
  sendCommand(args: string[], options?: { readonly timeout: number }): Promise<unknown>;
}

const NO_TIMEOUT = { timeout: 0 } as const;

/**
 * The client's own timeout (an AbortSignal for each command) ends when the command is written: a read that is written in this turn
 * of the event loop does without. One that has to wait for a connection keeps it, and so does whatever writes, which must not
 * be sent long after it was given up. Where a connection takes nothing any more, what was read for waits until it breaks: the
 * guard answers in its own time, and lets few more in.
 */
function sendAtOnce(client: TimedClient, args: string[]): Promise<unknown> {
  return client.isReady ? client.sendCommand(args, NO_TIMEOUT) : client.sendCommand(args);
}

function nodeRedisLink(client: NodeRedisClient | NodeRedisSentinel): Link {
  const isSentinel = 'getMasterNode' in client;
  const send: (args: string[]) => Promise<unknown> = isSentinel
    ? (args) => client.sendCommand(false, args)
    : (args) => client.sendCommand(args);
  const get = isSentinel ? send : (args: string[]) => sendAtOnce(client as TimedClient, args);
  return {
    send: (_, command, ...args) => send([command, ...args]),
    get: (key, use) => get(['GET', key]).then(use),
    sendToAll: async (command, ...args) => [send([command, ...args])],
    async sendAndWait(_, command, replicas, timeout) {
      const wait = ['WAIT', String(replicas), String(timeout)];
      if (isSentinel) {
        const both = (client as unknown as WithPipelines<[isReadonly: boolean]>).multi();
        both.addCommand(false, [...command]);
        both.addCommand(false, wait);
        return (await both.execAsPipeline()) as [unknown, unknown];
      }
      const both = (client as unknown as WithPipelines<[]>).multi();
      both.addCommand([...command]);
      both.addCommand(wait);
      return (await both.execAsPipeline()) as [unknown, unknown];
    },
    isCluster: false,
  };
}

export function isIoRedis(client: RedisClient): client is IoRedisClient {
  return typeof (client as IoRedisClient | undefined)?.call === 'function';
}

interface IoRedisOptions {
  readonly autoResendUnfulfilledCommands?: boolean;
  readonly retryDelayOnFailover?: number;
  readonly scaleReads?: unknown;
  readonly readOnly?: boolean;
  readonly keyPrefix?: string;
}

/** What would break a promise of the store without anyone noticing. */
function checkIoRedis(options: IoRedisOptions): void {
  const { autoResendUnfulfilledCommands, retryDelayOnFailover, scaleReads, readOnly, keyPrefix } = options;
  if (keyPrefix) {
    throw new TypeError(
      "redisStore: keyPrefix of ioredis; write redisStore(client, { prefix: '…' }) instead",
    );
  }
  if (scaleReads !== undefined && scaleReads !== 'master') {
    throw new TypeError(
      "redisStore: scaleReads; a replica answers with sessions that have ended already. Write scaleReads: 'master'",
    );
  }
  if (readOnly) throw new TypeError('redisStore: readOnly; sessions are written to. Leave it out');
  if (scaleReads === undefined && autoResendUnfulfilledCommands !== false) {
    throw new TypeError(
      'redisStore: this client sends a change again when the connection breaks before its answer, so that it may happen twice. Write new Redis(url, { autoResendUnfulfilledCommands: false }), or client.duplicate({ autoResendUnfulfilledCommands: false })',
    );
  }
  if (scaleReads !== undefined && retryDelayOnFailover !== 0) {
    throw new TypeError(
      'redisStore: this client sends a change again when a connection breaks before its answer, so that it may happen twice. Write new Cluster(nodes, { retryDelayOnFailover: 0 })',
    );
  }
}
