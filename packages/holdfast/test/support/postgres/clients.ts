/** Connected clients of every kind that the PostgreSQL store can be given, as its how-to makes them. */
import pg from 'pg';
import postgres from 'postgres';
import type { PostgresClient } from '../../../src/stores/postgres/index.ts';

export interface Connected {
  readonly client: PostgresClient;
  close(): Promise<void>;
}

export type Connect = (url: string, size?: number) => Connected;

/** What a connection says when its server goes is not what is tested; unheard it would end the process. */
export function quietPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on('error', () => undefined);
  // A pool that is being closed listens no more to connections that have not gone yet.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

export const connectPg: Connect = (url, size = 4) => {
  const pool = quietPool({ connectionString: url, max: size });
  return { client: pool, close: () => pool.end() };
};

export const connectPostgresJs: Connect = (url, size = 4) => {
  const sql = postgres(url, { max: size, fetch_types: false, onnotice: () => undefined });
  return { client: sql, close: () => sql.end({ timeout: 1 }) };
};

export const connections: readonly { readonly name: string; readonly connect: Connect }[] = [
  { name: 'pg', connect: connectPg },
  { name: 'postgres.js', connect: connectPostgresJs },
];
