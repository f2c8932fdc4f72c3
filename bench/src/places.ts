/** The databases, started for a run, and what they say they were asked. */
import pg from 'pg';
import { startPostgres } from '../../packages/holdfast/test/support/postgres/server.ts';
import { startRedis } from '../../packages/holdfast/test/support/redis/server.ts';

/** How often each command was given to the databases, by its name. */
export type Commands = Readonly<Record<string, number>>;

export interface Places {
  readonly redisUrl: string;
  readonly postgresUrl: string;
  readonly versions: readonly string[];
  commands(): Promise<Commands>;
  empty(): Promise<void>;
  /** Bytes in use. */
  redisBytes(): Promise<number>;
  stop(): Promise<void>;
}

export interface PlacesOptions {
  readonly postgres: boolean;
}

/** What we ask ourselves, and what a client says once when it connects. */
const NOT_COUNTED = /^(?:info|config|ping|hello|client|select|flushall|command|script)/;

export async function startPlaces({ postgres }: PlacesOptions): Promise<Places> {
  const redis = await startRedis();
  const sql = postgres
    ? await startPostgres({
        settings: { shared_preload_libraries: 'pg_stat_statements', shared_buffers: '512MB' },
      })
    : undefined;
  const client = sql && new pg.Client({ connectionString: sql.url });
  client?.on('error', () => undefined);
  await client?.connect();
  await client?.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');

  async function redisCommands(): Promise<Record<string, number>> {
    const counted: Record<string, number> = {};
    const stats = String(await redis.call('INFO', 'commandstats'));
    for (const [, name = '', calls] of stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
      if (!NOT_COUNTED.test(name)) counted[name.toUpperCase()] = Number(calls);
    }
    return counted;
  }

  async function postgresCommands(): Promise<Record<string, number>> {
    const counted: Record<string, number> = {};
    const statements =
      "SELECT upper(split_part(ltrim(query), ' ', 1)) AS verb, sum(calls)::int AS calls FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%' GROUP BY 1";
    const { rows } = (await client?.query(statements)) ?? { rows: [] };
    for (const { verb, calls } of rows as { verb: string; calls: number }[]) counted[verb] = calls;
    return counted;
  }

  return {
    redisUrl: redis.url,
    postgresUrl: sql?.url ?? '',
    versions: [
      `Redis ${/redis_version:(.*?)\r/.exec(String(await redis.call('INFO', 'server')))?.[1]}`,
      ...(client ? [`PostgreSQL ${(await client.query('SHOW server_version')).rows[0].server_version}`] : []),
    ],
    commands: async () => ({ ...(await redisCommands()), ...(await postgresCommands()) }),
    async empty() {
      await redis.call('FLUSHALL');
      const { rows } = (await client?.query(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%schema%'",
      )) ?? { rows: [] };
      for (const { name } of rows as { name: string }[]) await client?.query(`TRUNCATE ${name}`);
    },
    redisBytes: async () => Number(/used_memory:(\d+)/.exec(String(await redis.call('INFO', 'memory')))?.[1]),
    async stop() {
      await client?.end().catch(() => undefined);
      await Promise.all([redis.stop(), sql?.stop()]);
    },
  };
}

/** What was asked between two looks. */
export function between(before: Commands, after: Commands): Commands {
  const counted: Record<string, number> = {};
  for (const [name, calls] of Object.entries(after)) {
    const more = calls - (before[name] ?? 0);
    if (more > 0) counted[name] = more;
  }
  return counted;
}

export function sum(a: Commands, b: Commands): Commands {
  const total: Record<string, number> = { ...a };
  for (const [name, calls] of Object.entries(b)) total[name] = (total[name] ?? 0) + calls;
  return total;
}
