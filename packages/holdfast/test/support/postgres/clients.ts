/** Connected clients of every kind that the PostgreSQL store can be given, as its how-to makes them. */
import pg from 'pg';
import postgres from 'postgres';
import type { PostgresClient } from '../../../src/stores/postgres/index.ts';

export interface Connected {
  readonly client: PostgresClient;
  close(): Promise<void>;
}

export type Connect = (url: string, size?: number) => Connected;

export const connectPg: Connect = (url, size = 4) => {
  const pool = new pg.Pool({ connectionString: url, max: size });
  // What the pool says of an idle connection is not what is tested; unheard it would end the process.
  pool.on('error', () => undefined);
  return { client: pool, close: () => pool.end() };
};

export const connectPostgresJs: Connect = (url, size = 4) => {
  const sql = postgres(url, { max: size, onnotice: () => undefined });
  return { client: sql, close: () => sql.end({ timeout: 1 }) };
};

export const connections: readonly { readonly name: string; readonly connect: Connect }[] = [
  { name: 'pg', connect: connectPg },
  { name: 'postgres.js', connect: connectPostgresJs },
];
