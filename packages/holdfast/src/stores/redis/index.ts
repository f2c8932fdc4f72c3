/**
 * Records in Redis or Valkey, shared by many servers: standalone, behind Sentinel, or in a Cluster.
 *
 * One command reads a session. Each change is one script that touches one key, so that it is atomic on every topology.
 * What a failover forgets, and how to bound it, is in docs/howto/run-on-redis.md.
 */
import type { Applied, Change, End, PrivilegeChange, Update } from '../../change.ts';
import type { SessionRecord } from '../../record.ts';
import type { SessionStore } from '../../store.ts';
import { oldestOverLimit } from '../limit.ts';
import { forgetAt, UNFINISHED_FOR } from '../record-json.ts';
import { announcementsOn, isNews } from './announce.ts';
import { type ChangeReply, isTouch, packChange, type Touch, unpackApplied } from './change.ts';
import { linkTo, type RedisClient } from './client.ts';
import { warnOfLosses } from './losses.ts';
import { packRecord, plain, unpackRecord } from './record.ts';
import { scriptsOn } from './run-script.ts';
import { ADMIT, CHANGE, ENTER, RAISE, TOUCH } from './scripts.ts';
import { watchOn } from './watch.ts';
import { acknowledgedOn, type Acknowledgement } from './acknowledged.ts';

export type { Acknowledgement } from './acknowledged.ts';
export type {
  IoRedisClient,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
  RedisClient,
} from './client.ts';

export interface RedisStoreOptions {
  /** What the name of each key begins with. Default `holdfast:`. */
  readonly prefix?: string;
  /** Sign-ins and ends wait until replicas have them too. Default: they do not. */
  readonly acknowledged?: Acknowledgement;
  /** Told once, at the start, of each setting by which the server could lose sessions without a word. Default: a warning on the console. */
  readonly onWarning?: (message: string) => void;
}

/** A key outlives its record by this much, in milliseconds: deadlines are judged by the callers' clocks, not by the server's. */
const SPARE = 300_000;

/**
 * A store on a connected client of `redis` (node-redis), `ioredis` or `iovalkey`. It may be shared with other code.
 *
 * @throws TypeError when it is no client, or when its options would break what the store promises; the message says what to write.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): SessionStore {
  const { prefix = 'holdfast:', acknowledged, onWarning = warnOnConsole } = options;
  if (typeof prefix !== 'string') throw new TypeError("redisStore: prefix is text, like 'shop:'");
  const link = linkTo(client);
  const run = scriptsOn(link);
  const important = acknowledged ? acknowledgedOn(acknowledged) : { run, send: link.send };
  const announcements = announcementsOn(link, prefix);
  warnOfLosses(link, onWarning);

  const keyOf = (id: string): string => `${prefix}s:${id}`;
  const indexKeyOf = (index: string): string => `${prefix}i:${plain(index)}`;

  function read(id: string): Promise<SessionRecord | undefined> {
    return link.get(keyOf(id), (text) => {
      if (text === null) return undefined;
      if (typeof text !== 'string') throw new TypeError('redisStore: the client does not answer with text');
      return unpackRecord(id, text);
    });
  }

  /** All of them at once: the client sends what is asked in one turn of the event loop in one go. */
  async function readAll(ids: readonly string[]): Promise<SessionRecord[]> {
    const records = await Promise.all(ids.map(read));
    return records.filter((record) => record !== undefined);
  }

  /** `undefined` where the instant would take another number of digits: then the change is written as any other. */
  async function touch(id: string, { at, epoch, touch: seenAt }: Touch): Promise<Applied | undefined> {
    const reply = (await run(TOUCH, keyOf(id), String(at), String(epoch), String(seenAt))) as ChangeReply;
    return (reply[0] as number) === 0 ? undefined : unpackApplied(reply);
  }

  async function apply(id: string, change: Change): Promise<Applied> {
    const touched = isTouch(change) ? await touch(id, change) : undefined;
    if (touched) return touched;
    if (!change.end && change.privilege) await enterBefore(change, id, change.privilege);
    const through = change.end || change.privilege ? important.run : run;
    const channel = await announcements.withinScript();
    const args = [packChange(change), String(SPARE), channel, id];
    const reply = (await through(CHANGE, keyOf(id), ...args).catch((error: unknown) => {
      // It may have happened all the same.
      if (channel === '') announcements.publish(id, false);
      throw error;
    })) as ChangeReply;
    const applied = unpackApplied(reply);
    if (applied.status === 'applied' && channel === '' && isNews(change, applied)) {
      announcements.publish(id, applied.ended !== undefined);
    }
    // Nothing depends on it: what an index names in vain is left out, and dropped at a later sign-in.
    if (applied.ended) for (const index of reply.slice(6) as string[]) leave(`${prefix}i:${index}`, id);
    return applied;
  }

  function leave(indexKey: string, id: string): void {
    link.send(indexKey, 'HDEL', indexKey, id).catch(() => undefined);
  }

  /**
   * An index names a record, and lives, for as long as the record may: before the record is told so. Returns whether each
   * does; without `isNew`, one that does not name it already is left alone.
   */
  async function enter(
    names: readonly string[],
    id: string,
    at: number,
    until: number,
    isNew: boolean,
  ): Promise<boolean> {
    const args = [id, String(at), String(until), String(SPARE), isNew ? '1' : ''];
    const replies = await Promise.all(names.map((name) => important.run(ENTER, indexKeyOf(name), ...args)));
    return replies.every((reply) => Number(reply) === 1);
  }

  /**
   * What has ended was taken off its indexes, and is not put back for a change that it will refuse: one that does not name
   * the record is told to only after a look at it, which sees every end that had it taken off.
   */
  async function enterBefore({ epoch, at }: Update, id: string, privilege: PrivilegeChange): Promise<void> {
    const { indexes, absoluteExpiresAt } = privilege;
    if (indexes === undefined && absoluteExpiresAt === undefined) return;
    async function readLiving(): Promise<SessionRecord | undefined> {
      const record = await read(id);
      return record && !record.ended && record.epoch === epoch ? record : undefined;
    }
    const isKnown = indexes !== undefined && absoluteExpiresAt !== undefined;
    const { indexes: names, absoluteExpiresAt: until } = isKnown
      ? privilege
      : { ...(await readLiving()), ...privilege };
    if (names === undefined || until === undefined) return;
    if (await enter(names, id, at, until, false)) return;
    if (await readLiving()) await enter(names, id, at, until, true);
  }

  async function listBy(index: string): Promise<SessionRecord[]> {
    const fields = (await link.send(indexKeyOf(index), 'HKEYS', indexKeyOf(index))) as string[];
    const records = await readAll(fields.filter((field) => field !== ''));
    return records.filter((record) => !record.ended && record.indexes.includes(index));
  }

  async function endBy(index: string, end: End, except: string | undefined): Promise<number> {
    const ids = (await important.run(RAISE, indexKeyOf(index), String(UNFINISHED_FOR))) as string[];
    const ends = ids
      .filter((id) => id !== except)
      .map(async (id) => (await apply(id, { end, while: { index } })).status === 'applied');
    return (await Promise.all(ends)).filter(Boolean).length;
  }

  return {
    async insert(record) {
      const { id, createdAt, indexes, absoluteExpiresAt } = record;
      await enter(indexes, id, createdAt, absoluteExpiresAt, true);
      const ttl = Math.max(forgetAt(record) - createdAt, 0) + SPARE;
      const { send } = indexes.length > 0 ? important : link;
      const reply = await send(keyOf(id), 'SET', keyOf(id), packRecord(record), 'NX', 'PX', String(ttl));
      if (reply === null) throw new Error('a session of that id exists');
    },
    read,
    apply,
    async admit(index, id, at, limit) {
      const args = [id, String(at), String(UNFINISHED_FOR), String(SPARE)];
      const reply = (await important.run(ADMIT, indexKeyOf(index), ...args)) as (string | number)[];
      const epoch = Number(reply[0]);
      if (limit === undefined) return { epoch, displaced: [] };
      const admittedAt = new Map<string, number>();
      for (let i = 1; i < reply.length; i += 2) admittedAt.set(String(reply[i]), Number(reply[i + 1]));
      const records = await readAll([...admittedAt.keys()].filter((member) => member !== id));
      const live = records.filter(
        (record) => !record.ended && record.indexes.includes(index) && forgetAt(record) > at,
      );
      const counted = [id, ...live.map((record) => record.id)];
      return { epoch, displaced: oldestOverLimit(counted, admittedAt, limit) };
    },
    async epochOf(index) {
      return Number((await link.send(indexKeyOf(index), 'HGET', indexKeyOf(index), '')) ?? 0);
    },
    listBy,
    endBy,
    /** The server forgets by itself. */
    prune: async () => 0,
    watch: (listener) => watchOn(client, announcements, listener),
  };
}

function warnOnConsole(message: string): void {
  console.warn(`holdfast: ${message}`);
}
