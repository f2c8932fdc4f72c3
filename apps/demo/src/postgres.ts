/** Sessions in PostgreSQL: makes the tables at the start, and says in one line what is wrong when that does not work. */
import type { SessionStore } from 'holdfast';
import { migrate, postgresStore } from 'holdfast/stores/postgres';
import pg from 'pg';
import { StartError } from './config.ts';
import { describePostgres, type PostgresConfig } from './postgres-url.ts';
import { within } from './within.ts';

export interface PostgresStorage {
  readonly store: SessionStore;
  close(): Promise<void>;
}

/** Tables of the demo, whatever else is in this database. */
const SCHEMA = 'holdfast_demo';

/** In milliseconds. Afterwards an outage is 503, and the pool connects again by itself. */
const START_WITHIN = 5_000;
const CLOSE_WITHIN = 1_000;

/** @throws StartError when nobody answers there, or it can not keep sessions. */
export async function connectPostgres(config: PostgresConfig): Promise<PostgresStorage> {
  const pool = poolFor(config);
  const close = (): Promise<void> => within(CLOSE_WITHIN, pool.end()).catch(() => undefined);
  try {
    await within(START_WITHIN, migrate(pool, { schema: SCHEMA }));
  } catch (error) {
    await close();
    throw new StartError(`HOLDFAST_STORE: ${hide(explain(error, config), config.password)}`);
  }
  // What is on its way is finished, unless the database is away.
  return { store: postgresStore(pool, { schema: SCHEMA }), close };
}

/** As docs/howto/run-on-postgresql.md explains it. */
function poolFor({ host, port, database, user, password }: PostgresConfig): pg.Pool {
  const address = { host, port, database, user, ...(password !== undefined && { password }) };
  const pool = new pg.Pool({ ...address, connectionTimeoutMillis: 900, keepAlive: true });
  // Unheard, it would end the process. What an outage means for sessions, events of the sessions tell.
  pool.on('error', () => undefined);
  return pool;
}

/** By the code of the server's error. */
const REMEDIES: Readonly<Record<string, string>> = {
  '28P01': 'refuses this user and password; write user:password@ before the host',
  '28000': 'refuses this user; write another one as user:password@ before the host',
  '3D000': 'does not exist; make it with CREATE DATABASE, or write another name',
  '42501': 'refuses this user to make a schema; grant CREATE on the database',
  '25006': 'only reads, as standbys do; write the address of the primary',
};

function explain(error: unknown, config: PostgresConfig): string {
  const where = describePostgres(config);
  const { code = '', message } = innermost(error);
  const remedy = REMEDIES[code];
  if (remedy !== undefined) return `${where} ${remedy}`;
  return `${where} can not be used (${message.replaceAll(/\s+/g, ' ')}); start it, or write another address`;
}

/** Node gives one error for each address that a name stands for. */
function innermost(error: unknown): Error & { readonly code?: string } {
  const { errors } = error as { readonly errors?: readonly unknown[] };
  return errors?.[0] instanceof Error ? innermost(errors[0]) : (error as Error);
}

function hide(text: string, password: string | undefined): string {
  return password ? text.replaceAll(password, '…') : text;
}
