/** The databases, started for a run, and what they say they were asked. */
import mysql from 'mysql2/promise';
import pg from 'pg';
import { startMariadb } from '../../packages/holdfast/test/support/mysql/server.ts';
import { startPostgres } from '../../packages/holdfast/test/support/postgres/server.ts';
import { startRedis } from '../../packages/holdfast/test/support/redis/server.ts';

/** How often each command was given to the databases, by its name. */
export type Commands = Readonly<Record<string, number>>;

/** Where servers find the databases; empty where one was not started. */
export interface Urls {
  readonly redisUrl: string;
  readonly postgresUrl: string;
  readonly mysqlUrl: string;
}

export interface Places extends Urls {
  readonly versions: readonly string[];
  commands(): Promise<Commands>;
  /** Empty databases beside each other on the same servers, the first being 1. */
  apart(number: number): Promise<Urls>;
  /** Removes all that was kept anywhere, but for what says which tables there are. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

export interface PlacesOptions {
  readonly postgres: boolean;
  readonly mysql: boolean;
}

/** A database, as far as it is asked here. */
interface Place {
  readonly url: string;
  readonly version: string;
  commands(): Promise<Commands>;
  apart(number: number): Promise<string>;
  empty(): Promise<void>;
  stop(): Promise<void>;
}

/** What we ask ourselves, and what a client says once when it connects. */
const NOT_COUNTED = /^(?:info|config|ping|hello|client|select|flushall|command|script)/;

async function startRedisPlace(): Promise<Place> {
  const redis = await startRedis();
  const server = String(await redis.call('INFO', 'server'));
  return {
    url: redis.url,
    version: `Redis ${/redis_version:(.*?)\r/.exec(server)?.[1]}`,
    async commands() {
      const counted: Record<string, number> = {};
      const stats = String(await redis.call('INFO', 'commandstats'));
      for (const [, name = '', calls] of stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
        if (!NOT_COUNTED.test(name)) counted[name.toUpperCase()] = Number(calls);
      }
      return counted;
    },
    apart: async (number) => `${redis.url}/${number}`,
    empty: async () => void (await redis.call('FLUSHALL', 'ASYNC')),
    stop: () => redis.stop(),
  };
}

const STATEMENTS =
  "SELECT upper(split_part(ltrim(query), ' ', 1)) AS verb, sum(calls)::int AS calls FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%' GROUP BY 1";
const TABLES =
  "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%schema%'";

async function startPostgresPlace(): Promise<Place> {
  const server = await startPostgres({
    settings: {
      shared_preload_libraries: 'pg_stat_statements',
      shared_buffers: '1GB',
      max_wal_size: '8GB',
      checkpoint_timeout: '1h',
    },
  });
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  const rowsOf = async <Row>(sql: string): Promise<Row[]> => (await client.query(sql)).rows as Row[];
  return {
    url: server.url,
    version: `PostgreSQL ${(await client.query('SHOW server_version')).rows[0].server_version}`,
    async commands() {
      const rows = await rowsOf<{ verb: string; calls: number }>(STATEMENTS);
      return Object.fromEntries(rows.map(({ verb, calls }) => [verb, calls]));
    },
    async apart(number) {
      await client.query(`DROP DATABASE IF EXISTS bench_${number} WITH (FORCE)`);
      await client.query(`CREATE DATABASE bench_${number}`);
      return server.url.replace(/\/postgres$/, `/bench_${number}`);
    },
    async empty() {
      for (const { name } of await rowsOf<{ name: string }>(TABLES)) await client.query(`TRUNCATE ${name}`);
    },
    async stop() {
      await client.end().catch(() => undefined);
      await server.stop();
    },
  };
}

const COMMANDS = ['select', 'insert', 'update', 'delete', 'replace'];

async function startMysqlPlace(): Promise<Place> {
  const settings = { 'innodb-buffer-pool-size': '3G', 'innodb-log-file-size': '512M' };
  const server = await startMariadb({ settings });
  const client = await mysql.createConnection({ uri: server.url });
  client.on('error', () => undefined);
  const rowsOf = async <Row>(sql: string): Promise<Row[]> => (await client.query(sql))[0] as Row[];
  const [said] = await rowsOf<{ version: string }>('SELECT VERSION() AS version');
  return {
    url: server.url,
    version: `MariaDB ${said?.version.replace(/-MariaDB.*/, '')}`,
    async commands() {
      const names = COMMANDS.map((name) => `'Com_${name}'`).join(', ');
      const sql = `SHOW GLOBAL STATUS WHERE Variable_name IN (${names})`;
      const rows = await rowsOf<{ Variable_name: string; Value: string }>(sql);
      return Object.fromEntries(
        rows.map((row) => [row.Variable_name.slice(4).toUpperCase(), Number(row.Value)]),
      );
    },
    async apart(number) {
      await client.query(`DROP DATABASE IF EXISTS bench_${number}`);
      await client.query(`CREATE DATABASE bench_${number}`);
      return server.url.replace(/\/holdfast$/, `/bench_${number}`);
    },
    async empty() {
      const rows = await rowsOf<Record<string, string>>('SHOW TABLES');
      for (const name of rows.flatMap((row) => Object.values(row))) {
        if (!name.endsWith('schema')) await client.query(`TRUNCATE \`${name}\``);
      }
    },
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}

export async function startPlaces({ postgres, mysql: isMysql }: PlacesOptions): Promise<Places> {
  const redis = await startRedisPlace();
  const sql = postgres ? await startPostgresPlace() : undefined;
  const mariadb = isMysql ? await startMysqlPlace() : undefined;
  const all = [redis, sql, mariadb].filter((one) => one !== undefined);
  return {
    redisUrl: redis.url,
    postgresUrl: sql?.url ?? '',
    mysqlUrl: mariadb?.url ?? '',
    versions: all.map(({ version }) => version),
    async commands() {
      let counted: Commands = {};
      for (const one of all) counted = sum(counted, await one.commands());
      return counted;
    },
    apart: async (number) => ({
      redisUrl: await redis.apart(number),
      postgresUrl: (await sql?.apart(number)) ?? '',
      mysqlUrl: (await mariadb?.apart(number)) ?? '',
    }),
    async empty() {
      for (const one of all) await one.empty();
    },
    async stop() {
      await Promise.all(all.map((one) => one.stop()));
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
