/** The listening end of channels, for each kind of client. */
import { isIoRedis, type RedisClient } from './client.ts';

export interface Ear {
  subscribe(
    names: readonly string[],
    areSharded: boolean,
    heard: (channel: string, message: string) => void,
  ): Promise<void>;
  /** Also while it subscribes. Never rejects. */
  close(): Promise<void>;
}

/** @param broken is told whenever the client says that a connection is, which the client then mends by itself */
export function earOf(client: RedisClient, broken: () => void): Ear {
  if (isIoRedis(client)) return ioRedisEar(client as unknown as IoSubscriber, broken);
  if ('nodeClient' in client || 'getMasterNode' in client) {
    return sharedEar(client as unknown as NodeSubscriber, broken);
  }
  return nodeRedisEar(client as unknown as NodeDuplicable | NodePool, broken);
}

interface Emitter {
  on(event: string, listener: (...values: never[]) => void): unknown;
  off(event: string, listener: (...values: never[]) => void): unknown;
}

interface IoSubscriber extends Emitter {
  subscribe(...names: string[]): Promise<unknown>;
  ssubscribe(...names: string[]): Promise<unknown>;
  disconnect(): void;
  duplicate(...options: unknown[]): IoSubscriber;
  readonly isCluster?: boolean;
  readonly options: { readonly shardedSubscribers?: boolean };
}

interface NodeSubscriber extends Emitter {
  subscribe(names: string[], heard: (message: string, channel: string) => void): Promise<void>;
  sSubscribe(name: string, heard: (message: string, channel: string) => void): Promise<void>;
  unsubscribe(names: string[], heard: (message: string, channel: string) => void): Promise<void>;
  sUnsubscribe(name: string, heard: (message: string, channel: string) => void): Promise<void>;
}

interface NodeDuplicable extends NodeSubscriber {
  duplicate(): NodeDuplicable;
  connect(): Promise<unknown>;
  destroy(): void;
}

/** `createClientPool`: it subscribes to nothing, but its clients do. */
interface NodePool {
  execute<T>(run: (client: NodeDuplicable) => T): Promise<T>;
}

function ioRedisEar(client: IoSubscriber, broken: () => void): Ear {
  const own = client.isCluster
    ? client.duplicate([], { shardedSubscribers: true })
    : client.duplicate({ enableOfflineQueue: true, autoResubscribe: true });
  own.on('error', () => undefined);
  for (const event of ['close', 'end', '-node', '-subscriber']) own.on(event, broken);
  return {
    async subscribe(names, areSharded, heard) {
      if (areSharded && client.options.shardedSubscribers === undefined) {
        throw new TypeError(
          "redisStore: this Cluster client does not know the channels of one shard; to watch, pass a Cluster of a newer 'ioredis', or createCluster of 'redis'",
        );
      }
      own.on(areSharded ? 'smessage' : 'message', heard as (...values: never[]) => void);
      if (!areSharded) await own.subscribe(...names);
      else for (const name of names) await own.ssubscribe(name);
    },
    close: async () => own.disconnect(),
  };
}

function nodeRedisEar(client: NodeDuplicable | NodePool, broken: () => void): Ear {
  let own: NodeDuplicable | undefined;
  let isClosed = false;
  return {
    async subscribe(names, _, heard) {
      const duplicate = (one: NodeDuplicable): readonly [NodeDuplicable] => [one.duplicate()];
      const [mine] = 'execute' in client ? await client.execute(duplicate) : duplicate(client);
      own = mine;
      // The client tries again by itself; what it says meanwhile is told as `broken`.
      own.on('error', () => undefined);
      for (const event of ['reconnecting', 'end']) own.on(event, broken);
      await own.connect();
      if (isClosed) own.destroy();
      else await own.subscribe([...names], (message, channel) => heard(channel, message));
    },
    async close() {
      isClosed = true;
      try {
        own?.destroy();
      } catch {
        // It is closed already.
      }
    },
  };
}

/** A cluster and a Sentinel client keep connections for subscriptions themselves, which end with the last of these. */
function sharedEar(client: NodeSubscriber, broken: () => void): Ear {
  const events = ['error', 'node-error', 'node-reconnecting', 'node-disconnect', 'topology-change', 'end'];
  for (const event of events) client.on(event, broken);
  let stop: () => Promise<unknown> = async () => undefined;
  return {
    async subscribe(names, areSharded, heard) {
      const hear = (message: string, channel: string): void => heard(channel, message);
      stop = async () => {
        if (!areSharded) await client.unsubscribe([...names], hear);
        else for (const name of names) await client.sUnsubscribe(name, hear);
      };
      if (!areSharded) await client.subscribe([...names], hear);
      else for (const name of names) await client.sSubscribe(name, hear);
    },
    async close() {
      for (const event of events) client.off(event, broken);
      await stop().catch(() => undefined);
    },
  };
}
