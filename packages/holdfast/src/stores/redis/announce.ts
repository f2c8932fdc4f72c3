/** Telling other servers of ends and changes, by publish and subscribe. */
import type { Applied, Change } from '../../change.ts';
import { isForbidden, type Link } from './client.ts';
import { scriptsOn } from './run-script.ts';
import { ANNOUNCE } from './scripts.ts';

export interface Announcements {
  /** The channel that the script of a change publishes on itself; '' where that must be done after it. */
  withinScript(): string | Promise<string>;
  /** Nobody waits for it: the change stands, and whoever listens bounds by time what it may miss. */
  publish(id: string, hasEnded: boolean): void;
  /** To whoever listens on that channel, this process included. */
  beat(channel: string): void;
  /** Every channel there is, and whether each belongs to one shard of a cluster (Redis 7.0), where messages are counted. */
  channels(): Promise<{ readonly names: readonly string[]; readonly areSharded: boolean }>;
}

const SHARDS = 16;

/** What is said where nothing has happened, to be heard. */
export const BEAT = '?';

/**
 * A cluster hands what is published on to every node; a channel of one shard stays with the node that holds its slot,
 * which a script that runs on another can not reach.
 */
export function announcementsOn(link: Link, prefix: string): Announcements {
  const channel = `${prefix}watch`;
  const run = scriptsOn(link);
  let sharded: Promise<boolean> | undefined;
  let isSharded: boolean | undefined = link.isCluster ? undefined : false;

  function areSharded(): Promise<boolean> {
    sharded ??= hasShardedChannels(link).then(
      (answer) => (isSharded = answer),
      (error: unknown) => {
        sharded = undefined;
        throw error;
      },
    );
    return sharded;
  }

  async function send(name: string, message: string): Promise<void> {
    if (isSharded) await run(ANNOUNCE, name, message);
    else await link.send(name, 'PUBLISH', name, message);
  }

  return {
    withinScript() {
      if (isSharded !== undefined) return isSharded ? '' : channel;
      return areSharded().then((answer) => (answer ? '' : channel));
    },
    publish(id, hasEnded) {
      const shard = `${channel}:${id.charCodeAt(0) % SHARDS}`;
      send(shard, `${hasEnded ? '-' : '+'}${id}`).catch(() => undefined);
    },
    beat(name) {
      send(name, BEAT).catch(() => undefined);
    },
    async channels() {
      const answer = isSharded ?? (await areSharded());
      const names = answer ? Array.from({ length: SHARDS }, (_, shard) => `${channel}:${shard}`) : [channel];
      return { names, areSharded: answer };
    },
  };
}

/** As the first that answers has it: one that can not be reached now must not keep the others from being written to. */
async function hasShardedChannels(link: Link): Promise<boolean> {
  try {
    const text = await Promise.any(await link.sendToAll('INFO', 'server'));
    return Number(/redis_version:(\d+)/.exec(String(text))?.[1] ?? 0) >= 7;
  } catch (error) {
    if (error instanceof AggregateError && error.errors.some(isForbidden)) return false;
    throw error;
  }
}

/** Whether a change is one that others may care for: all but the mere record of activity. */
export function isNews(change: Change, applied: Applied): boolean {
  if (change.end || applied.ended || applied.renewed) return true;
  const { set, remove, system, confirm, privilege } = change;
  return Boolean(set?.size || remove?.length || system?.size || confirm || privilege);
}
