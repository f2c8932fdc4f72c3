/** The clients that the store can be given, by structure, and one way to send a command through each. */

/** A client of `ioredis` or `iovalkey`: a `Redis` (standalone or through Sentinel) or a `Cluster`. */
export interface IoRedisClient {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, result: unknown][] | null> };
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
  /** One command to each server that holds keys. */
  sendToAll(command: string, ...args: string[]): Promise<unknown[]>;
  /** How many replicas have all that this connection has written, after `timeout` milliseconds at most. */
  wait(key: string, replicas: number, timeout: number): Promise<unknown>;
  readonly isCluster: boolean;
}

/** @throws TypeError when it is no client, or one that would send a change twice or read from a replica. */
export function linkTo(client: RedisClient): Link {
  if (isIoRedis(client)) {
    checkIoRedis(client.options);
    const { nodes } = client as { nodes?(role: string): IoRedisClient[] };
    return {
      send: (_, command, ...args) => client.call(command, ...args),
      sendToAll: (command, ...args) => {
        const all = nodes ? nodes.call(client, 'master') : [client];
        return Promise.all(all.map((node) => node.call(command, ...args)));
      },
      // In a pipeline with a command that has a key, it goes to the server, and on the connection, of that key.
      wait: async (key, replicas, timeout) => {
        const replies = await client
          .pipeline([
            ['exists', key],
            ['wait', replicas, timeout],
          ])
          .exec();
        const [error, count] = replies?.[1] ?? [new Error('no answer to WAIT'), undefined];
        if (error) throw error;
        return count;
      },
      isCluster: nodes !== undefined,
    };
  }
  if (typeof (client as NodeRedisClient | undefined)?.sendCommand !== 'function') {
    throw new TypeError(
      "redisStore: pass a client, like await createClient({ url }).connect() of 'redis', or a Redis or Cluster of 'ioredis'",
    );
  }
  if ('nodeClient' in client) {
    return {
      send: (key, command, ...args) => client.sendCommand(key, false, [command, ...args]),
      sendToAll: (command, ...args) =>
        Promise.all(
          client.masters.map(async (node) => {
            const single = (await client.nodeClient(node as never)) as NodeRedisClient;
            return single.sendCommand([command, ...args]);
          }),
        ),
      wait: (key, replicas, timeout) => client.sendCommand(key, false, ['WAIT', `${replicas}`, `${timeout}`]),
      isCluster: true,
    };
  }
  const send: (args: string[]) => Promise<unknown> =
    'getMasterNode' in client
      ? (args) => client.sendCommand(false, args)
      : (args) => (client as NodeRedisClient).sendCommand(args);
  return {
    send: (_, command, ...args) => send([command, ...args]),
    sendToAll: async (command, ...args) => [await send([command, ...args])],
    wait: (_, replicas, timeout) => send(['WAIT', `${replicas}`, `${timeout}`]),
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
