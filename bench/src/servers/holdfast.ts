/** The application on Holdfast, on each of its stores. */
import type { IncomingMessage, RequestListener } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { createSessions, type Session, type Sessions, type SessionStore, type UntypedData } from 'holdfast';
import type { RedisClient } from 'holdfast/stores/redis';
import { USER_AGENT } from '../browsers.ts';
import { openIoRedis, openMysql, openNodeRedis, openPool } from './clients.ts';
import type * as filling from './fill.ts';
import type { Many } from './fill.ts';
import { type Actions, type Filled, PAUSE, type Place, type Started } from './server.ts';

/** A store, and how to fill it where that is measured. */
interface Kept {
  readonly store: SessionStore;
  readonly many?: Many;
}

async function overRedis(client: RedisClient): Promise<SessionStore> {
  const { redisStore } = await import('holdfast/stores/redis');
  return redisStore(client, { onWarning: () => undefined });
}

async function keep({ store: name, redisUrl, postgresUrl, mysqlUrl }: Place): Promise<Kept> {
  const isFilled = process.env['BENCH_FILL'] !== undefined;
  const kept = async (store: SessionStore, many?: (fill: typeof filling) => Many): Promise<Kept> => ({
    store,
    ...(isFilled && many && { many: many(await import('./fill.ts')) }),
  });
  switch (name) {
    case 'memory': {
      const { memoryStore } = await import('holdfast/stores/memory');
      const store = memoryStore({ maxSessions: 4_000_000, maxBytes: 32 * 2 ** 30 });
      return kept(store, ({ intoMemory }) => intoMemory(store));
    }
    case 'sqlite': {
      const { DatabaseSync } = await import('node:sqlite');
      const { sqliteStore } = await import('holdfast/stores/sqlite');
      const file = process.env['BENCH_SQLITE'] ?? ':memory:';
      const database = new DatabaseSync(file);
      const store = sqliteStore(database);
      return kept(store, ({ intoSqlite }) => intoSqlite(store, database, file));
    }
    case 'redis': {
      const client = await openNodeRedis(redisUrl);
      const store = await overRedis(client);
      return kept(store, ({ intoRedis }) => intoRedis(store, client));
    }
    case 'ioredis':
      return kept(await overRedis(await openIoRedis(redisUrl)));
    case 'cached': {
      const { cached } = await import('holdfast/stores/cached');
      return kept(cached(await overRedis(await openNodeRedis(redisUrl))));
    }
    case 'postgres': {
      const { postgresStore, migrate } = await import('holdfast/stores/postgres');
      const pool = await openPool(postgresUrl);
      await migrate(pool);
      const store = postgresStore(pool);
      return kept(store, ({ intoPostgres }) => intoPostgres(store, pool));
    }
    case 'mysql': {
      const { mysqlStore, migrate } = await import('holdfast/stores/mysql');
      const pool = await openMysql(mysqlUrl);
      await migrate(pool);
      const store = mysqlStore(pool);
      return kept(store, ({ intoMysql }) => intoMysql(store, pool));
    }
    default:
      throw new Error(`Holdfast has no store called ${name}`);
  }
}

export interface Holdfast {
  readonly sessions: Sessions;
  readonly fill: (count: number) => Promise<Filled>;
}

export async function holdfast(place: Place): Promise<Holdfast> {
  const { store, many } = await keep(place);
  // A server has sessions to write as seen all the time, and V8 is not done before it has seen that: sixteen browsers would be
  // written so once a minute. Who visits among a million comes to each of them more seldom, and would pay for more of it.
  const sessions = createSessions({ store, touchInterval: many ? '25m' : '5s' });
  return {
    sessions,
    async fill(count) {
      if (!many) throw new Error(`${place.store} was not started to be filled`);
      const { fillWith } = await import('./fill.ts');
      const headers = new Headers({ 'user-agent': USER_AGENT });
      const session = await sessions.open({ method: 'POST', url: '/', headers, remoteAddress: '127.0.0.1' });
      session.set('color', 'blue');
      await session.signIn({ userId: 'template' });
      const [cookie = ''] = (await sessions.commit(session)).setCookies;
      const { id } = session;
      if (id === undefined) throw new Error('nobody was signed in');
      return fillWith(many, { id, cookie }, count);
    },
  };
}

/** A framework that hands on the request of `node:http`, below the adapter for that. */
export async function throughNode<Req>(
  place: Place,
  rawOf: (req: Req) => IncomingMessage,
  application: (
    actions: Actions<Req, unknown>,
    around: (handler: RequestListener) => RequestListener,
  ) => Promise<Started>,
): Promise<Started> {
  const { nodeSessions } = await import('holdfast/node');
  const { sessions, fill } = await holdfast(place);
  const { withSession, sessionOf } = nodeSessions(sessions);
  const actions = onHoldfast<Req>((req) => sessionOf(rawOf(req)));
  const started = await application(actions, (handler) => withSession((req, res) => handler(req, res)));
  return { ...started, fill };
}

export function onHoldfast<Req>(sessionOf: (req: Req) => Session<UntypedData>): Actions<Req, unknown> {
  return {
    read(req) {
      const session = sessionOf(req);
      const { userId } = session;
      return userId === undefined ? 'nobody' : `${userId} ${String(session.get('color'))}`;
    },
    write(req, _res, value) {
      const session = sessionOf(req);
      const before = session.get('note') ?? '-';
      session.set('note', value);
      return `${session.userId} ${String(before)}`;
    },
    async signIn(req, _res, user) {
      const session = sessionOf(req);
      session.set('color', 'blue');
      await session.signIn({ userId: user });
      return `signed in ${user}`;
    },
    async put(req, _res, key) {
      const session = sessionOf(req);
      await pause(PAUSE);
      session.set(key, 1);
      return 'kept';
    },
    async count(req) {
      await pause(PAUSE);
      await sessionOf(req).update('count', (count) => Number(count ?? 0) + 1);
      return 'counted';
    },
    kept(req) {
      const all = sessionOf(req).all();
      const keys = Object.keys(all).filter((key) => /^k\d+$/.test(key));
      return `${keys.length} ${String(all['count'] ?? 0)}`;
    },
  };
}
