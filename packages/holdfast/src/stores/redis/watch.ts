/** Hearing of ends and changes, on a connection of its own, and knowing when nothing would be heard. */
import type { Notice } from '../../store.ts';
import type { Announcements } from './announce.ts';
import { isIoRedis, type RedisClient } from './client.ts';

/** A beat is published this often, in milliseconds; one that does not come back means that notices do not either. */
const BEAT = 1_000;
const BEAT_MARK = '?';

type Heard = (channel: string, message: string) => void;

/** The listening end of channels; `isBroken` is told when a connection is, as far as the client says. */
interface Ear {
  subscribe(names: readonly string[], areSharded: boolean, heard: Heard): Promise<void>;
  close(): Promise<void>;
}

export async function watchOn(
  client: RedisClient,
  announcements: Announcements,
  listener: (notice: Notice) => void,
): Promise<() => Promise<void>> {
  const { names, areSharded } = await announcements.channels();
  const own = `${BEAT_MARK}${crypto.randomUUID()}`;
  let isUp = false;
  let awaited = new Set<string>();
  let whenUp: () => void = () => undefined;

  function down(): void {
    if (!isUp) return;
    isUp = false;
    listener({ kind: 'down' });
  }

  function heard(channel: string, message: string): void {
    if (message.startsWith(BEAT_MARK)) {
      if (message === own) cameBack(channel);
      return;
    }
    if (isUp) listener({ kind: message.startsWith('-') ? 'ended' : 'changed', id: message.slice(1) });
  }

  function cameBack(channel: string): void {
    awaited.delete(channel);
    if (awaited.size > 0 || isUp) return;
    isUp = true;
    listener({ kind: 'up' });
    whenUp();
  }

  function beat(): void {
    if (awaited.size > 0) down();
    awaited = new Set(names);
    for (const name of names) announcements.send(name, own).catch(() => undefined);
  }

  const ear = await earOf(client, down);
  await ear.subscribe(names, areSharded, heard);
  const beats = setInterval(beat, BEAT);
  (beats as { unref?(): void }).unref?.();
  await new Promise<void>((resolve) => {
    whenUp = resolve;
    beat();
  });
  return async () => {
    clearInterval(beats);
    await ear.close();
  };
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

async function earOf(client: RedisClient, broken: () => void): Promise<Ear> {
  if (isIoRedis(client)) return ioRedisEar(client as unknown as IoSubscriber, broken);
  if ('nodeClient' in client || 'getMasterNode' in client) {
    return nodeRedisEar(client as unknown as NodeSubscriber, broken, async () => undefined);
  }
  const own = (client as unknown as NodeDuplicable).duplicate();
  // The client tries again by itself; what it says meanwhile is told as `down`.
  own.on('error', () => undefined);
  await own.connect();
  return nodeRedisEar(own, broken, async () => own.destroy());
}

function ioRedisEar(client: IoSubscriber, broken: () => void): Ear {
  const own = client.isCluster
    ? client.duplicate([], { shardedSubscribers: true })
    : client.duplicate({ enableOfflineQueue: true });
  own.on('error', () => undefined);
  for (const event of ['close', 'end', '-node']) own.on(event, broken);
  return {
    async subscribe(names, areSharded, heard) {
      own.on(areSharded ? 'smessage' : 'message', heard as (...values: never[]) => void);
      if (!areSharded) await own.subscribe(...names);
      else for (const name of names) await own.ssubscribe(name);
    },
    close: async () => own.disconnect(),
  };
}

/** A cluster and a Sentinel client keep connections for subscriptions themselves. */
function nodeRedisEar(client: NodeSubscriber, broken: () => void, close: () => Promise<void>): Ear {
  const events = ['reconnecting', 'end', 'node-disconnect', 'node-reconnecting', 'topology-change'];
  for (const event of events) client.on(event, broken);
  let stop: () => Promise<unknown> = async () => undefined;
  return {
    async subscribe(names, areSharded, heard) {
      const hear = (message: string, channel: string): void => heard(channel, message);
      if (areSharded) for (const name of names) await client.sSubscribe(name, hear);
      else await client.subscribe([...names], hear);
      stop = async () => {
        if (areSharded) for (const name of names) await client.sUnsubscribe(name, hear);
        else await client.unsubscribe([...names], hear);
      };
    },
    async close() {
      for (const event of events) client.off(event, broken);
      await stop();
      await close();
    },
  };
}
