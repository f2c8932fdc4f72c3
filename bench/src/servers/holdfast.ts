/** The application on Holdfast, on each of its stores. */
import { setTimeout as pause } from 'node:timers/promises';
import { createSessions, type Session, type Sessions, type SessionStore, type UntypedData } from 'holdfast';
import type { RedisClient } from 'holdfast/stores/redis';
import { openIoRedis, openNodeRedis, openPool } from './clients.ts';
import { type Actions, PAUSE, type Place } from './server.ts';

async function overRedis(client: RedisClient): Promise<SessionStore> {
  const { redisStore } = await import('holdfast/stores/redis');
  return redisStore(client, { onWarning: () => undefined });
}

async function storeFor({ store, redisUrl, postgresUrl }: Place): Promise<SessionStore> {
  switch (store) {
    case 'memory': {
      const { memoryStore } = await import('holdfast/stores/memory');
      return memoryStore({ maxSessions: 4_000_000, maxBytes: 32 * 2 ** 30 });
    }
    case 'sqlite': {
      const { DatabaseSync } = await import('node:sqlite');
      const { sqliteStore } = await import('holdfast/stores/sqlite');
      return sqliteStore(new DatabaseSync(process.env['BENCH_SQLITE'] ?? ':memory:'));
    }
    case 'redis':
      return overRedis(await openNodeRedis(redisUrl));
    case 'ioredis':
      return overRedis(await openIoRedis(redisUrl));
    case 'cached': {
      const { cached } = await import('holdfast/stores/cached');
      return cached(await overRedis(await openNodeRedis(redisUrl)));
    }
    case 'postgres': {
      const { postgresStore, migrate } = await import('holdfast/stores/postgres');
      const pool = await openPool(postgresUrl);
      await migrate(pool);
      return postgresStore(pool);
    }
    default:
      throw new Error(`Holdfast has no store called ${store}`);
  }
}

export interface Holdfast {
  readonly sessions: Sessions;
  readonly fill: (count: number) => Promise<string[]>;
}

export async function holdfast(place: Place): Promise<Holdfast> {
  const sessions = createSessions({ store: await storeFor(place) });
  const nowhere = { method: 'POST', url: '/', headers: new Headers(), remoteAddress: '127.0.0.1' };

  async function signIn(userId: string): Promise<string> {
    const session = await sessions.open(nowhere);
    session.set('color', 'blue');
    await session.signIn({ userId });
    const [set = ''] = (await sessions.commit(session)).setCookies;
    return set.slice(0, set.indexOf(';'));
  }

  return {
    sessions,
    async fill(count) {
      const cookies: string[] = [];
      for (let from = 0; from < count; from += 500) {
        const batch = Array.from({ length: Math.min(500, count - from) }, (_, i) => `user-${from + i}`);
        cookies.push(...(await Promise.all(batch.map(signIn))));
      }
      return cookies;
    },
  };
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
