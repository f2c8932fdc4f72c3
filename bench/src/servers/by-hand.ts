/**
 * The least that sessions on a server can be, as one would write them by hand: 256 random bits in a cookie, their hash and a
 * deadline in a record, one look into the store. No sliding timeout, no renewal, no list of devices, and a write puts the whole
 * record back. What a request costs here is the floor.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { openIoRedis, openMysql, openNodeRedis, openPool } from './clients.ts';
import { type Actions, PAUSE, type Place } from './server.ts';

interface HandRecord {
  readonly hash: string;
  readonly userId: string;
  readonly expiresAt: number;
  readonly data: Record<string, unknown>;
}

interface HandStore {
  get(id: string): HandRecord | undefined | Promise<HandRecord | undefined>;
  set(id: string, record: HandRecord): void | Promise<void>;
}

const HOURS_8 = 28_800_000;
const parsed = (text: unknown): HandRecord | undefined =>
  typeof text === 'string' ? (JSON.parse(text) as HandRecord) : undefined;

async function storeFor({ store, redisUrl, postgresUrl, mysqlUrl }: Place): Promise<HandStore> {
  switch (store) {
    case 'memory': {
      const records = new Map<string, HandRecord>();
      return { get: (id) => records.get(id), set: (id, record) => void records.set(id, record) };
    }
    case 'sqlite': {
      const { DatabaseSync } = await import('node:sqlite');
      const database = new DatabaseSync(process.env['BENCH_SQLITE'] ?? ':memory:');
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = normal');
      database.exec('CREATE TABLE sessions (id TEXT PRIMARY KEY, record TEXT) WITHOUT ROWID, STRICT');
      const get = database.prepare('SELECT record FROM sessions WHERE id = ?');
      const set = database.prepare('INSERT OR REPLACE INTO sessions VALUES (?, ?)');
      return {
        get: (id) => parsed((get.get(id) as { record: string } | undefined)?.record),
        set: (id, record) => void set.run(id, JSON.stringify(record)),
      };
    }
    case 'redis': {
      const client = await openNodeRedis(redisUrl);
      return {
        get: async (id) => parsed(await client.get(`hand:${id}`)),
        set: async (id, record) =>
          void (await client.set(`hand:${id}`, JSON.stringify(record), { PX: HOURS_8 })),
      };
    }
    case 'ioredis': {
      const client = await openIoRedis(redisUrl);
      return {
        get: async (id) => parsed(await client.get(`hand:${id}`)),
        set: async (id, record) =>
          void (await client.set(`hand:${id}`, JSON.stringify(record), 'PX', HOURS_8)),
      };
    }
    case 'postgres': {
      const pool = await openPool(postgresUrl);
      await pool.query('CREATE TABLE IF NOT EXISTS hand_sessions (id text PRIMARY KEY, record jsonb)');
      return {
        async get(id) {
          const text = 'SELECT record FROM hand_sessions WHERE id = $1';
          const { rows } = await pool.query({ name: 'hand_get', text, values: [id] });
          return (rows[0] as { record: HandRecord } | undefined)?.record;
        },
        async set(id, record) {
          const text =
            'INSERT INTO hand_sessions VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET record = excluded.record';
          await pool.query({ name: 'hand_set', text, values: [id, JSON.stringify(record)] });
        },
      };
    }
    case 'mysql': {
      const pool = await openMysql(mysqlUrl);
      await pool.query('CREATE TABLE IF NOT EXISTS hand_sessions (id VARCHAR(64) PRIMARY KEY, record TEXT)');
      return {
        async get(id) {
          const [rows] = await pool.execute('SELECT record FROM hand_sessions WHERE id = ?', [id]);
          return parsed((rows as { record: string }[])[0]?.record);
        },
        async set(id, record) {
          await pool.execute('REPLACE INTO hand_sessions VALUES (?, ?)', [id, JSON.stringify(record)]);
        },
      };
    }
    default:
      throw new Error(`nothing is written by hand for ${store}`);
  }
}

type Answered<T> = T | Promise<T>;
const after = <T, U>(value: Answered<T>, then: (value: T) => U): Answered<U> =>
  value instanceof Promise ? value.then(then) : then(value);

const hashOf = (secret: string): string => hash('sha256', secret, 'base64url');

function isEqual(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

export interface Framework<Req, Res> {
  cookieOf(req: Req): string | undefined;
  setCookie(res: Res, value: string): void;
}

export async function byHand<Req, Res>(
  place: Place,
  { cookieOf, setCookie }: Framework<Req, Res>,
): Promise<Actions<Req, Res>> {
  const store = await storeFor(place);

  interface Found {
    readonly id: string;
    readonly record: HandRecord;
  }

  function open(req: Req): Answered<Found | undefined> {
    const cookie = cookieOf(req);
    const from = cookie?.indexOf('sid=') ?? -1;
    if (cookie === undefined || from === -1) return undefined;
    const id = cookie.slice(from + 4, from + 26);
    const secret = cookie.slice(from + 27, from + 70);
    const presented = hashOf(secret);
    return after(store.get(id), (record) => {
      const isValid = record && isEqual(record.hash, presented) && Date.now() < record.expiresAt;
      return isValid ? { id, record } : undefined;
    });
  }

  async function change<T>(req: Req, work: (data: Record<string, unknown>, userId: string) => Answered<T>) {
    const found = await open(req);
    if (!found) throw new Error('there is no session to write to');
    const data = { ...found.record.data };
    const result = await work(data, found.record.userId);
    await store.set(found.id, { ...found.record, data });
    return result;
  }

  function mint(userId: string): { cookie: string; id: string; record: HandRecord } {
    const id = randomBytes(16).toString('base64url');
    const secret = randomBytes(32).toString('base64url');
    const record = { hash: hashOf(secret), userId, expiresAt: Date.now() + HOURS_8, data: { color: 'blue' } };
    return { cookie: `sid=${id}.${secret}`, id, record };
  }

  return {
    read: (req) =>
      after(open(req), (found) =>
        found ? `${found.record.userId} ${String(found.record.data['color'])}` : 'nobody',
      ),
    write: (req, _res, value) =>
      change(req, (data, userId) => {
        const before = data['note'] ?? '-';
        data['note'] = value;
        return `${userId} ${String(before)}`;
      }),
    signIn(_req, res, user) {
      const { cookie, id, record } = mint(user);
      setCookie(res, `${cookie}; Path=/; HttpOnly; Secure; SameSite=Lax`);
      return after(store.set(id, record), () => `signed in ${user}`);
    },
    put: (req, _res, key) =>
      change(req, async (data) => {
        await pause(PAUSE);
        data[key] = 1;
        return 'kept';
      }),
    count: (req) =>
      change(req, async (data) => {
        await pause(PAUSE);
        data['count'] = Number(data['count'] ?? 0) + 1;
        return 'counted';
      }),
    async kept(req) {
      const data = (await open(req))?.record.data ?? {};
      const keys = Object.keys(data).filter((key) => /^k\d+$/.test(key));
      return `${keys.length} ${String(data['count'] ?? 0)}`;
    },
  };
}
