/** Sessions in MariaDB or MySQL: makes the tables at the start, and says in one line what is wrong when that does not work. */
import type { SessionStore } from 'holdfast';
import { migrate, mysqlStore } from 'holdfast/stores/mysql';
import { createPool, type Pool } from 'mysql2/promise';
import { StartError } from './config.ts';
import { describeMysql, type MysqlConfig } from './mysql-url.ts';
import { within } from './within.ts';

export interface MysqlStorage {
  readonly store: SessionStore;
  close(): Promise<void>;
}

/** Tables of the demo, whatever else is in this database. */
const PREFIX = 'holdfast_demo_';

/** In milliseconds. Afterwards an outage is 503, and the pool connects again by itself. */
const START_WITHIN = 5_000;
const CLOSE_WITHIN = 1_000;

/** @throws StartError when nobody answers there, or it can not keep sessions. */
export async function connectMysql(config: MysqlConfig): Promise<MysqlStorage> {
  const pool = poolFor(config);
  const close = (): Promise<void> => within(CLOSE_WITHIN, pool.end()).catch(() => undefined);
  try {
    await within(START_WITHIN, migrate(pool, { prefix: PREFIX }));
  } catch (error) {
    await close();
    throw new StartError(`HOLDFAST_STORE: ${hide(explain(error, config), config.password)}`);
  }
  // What is on its way is finished, unless the database is away.
  return { store: mysqlStore(pool, { prefix: PREFIX }), close };
}

/** As docs/howto/run-on-mysql.md explains it. */
function poolFor({ host, port, database, user, password }: MysqlConfig): Pool {
  return createPool({
    host,
    port,
    database,
    user,
    ...(password !== undefined && { password }),
    queueLimit: 100,
    connectTimeout: 2_000,
    keepAliveInitialDelay: 10_000,
    maxPreparedStatements: 100,
  });
}

/** By the number of the server's error. */
const REMEDIES: Readonly<Record<number, string>> = {
  1045: 'refuses this user and password; write user:password@ before the host',
  1044: 'is not for this user; grant it, or write another user',
  1049: 'does not exist; make it with CREATE DATABASE, or write another name',
  1142: 'refuses this user the tables; grant CREATE, SELECT, INSERT, UPDATE and DELETE on it',
  1290: 'is read_only, as replicas are; write the address of the primary',
};

function explain(error: unknown, config: MysqlConfig): string {
  const where = describeMysql(config);
  const { errno, message } = innermost(error);
  const remedy = errno === undefined ? undefined : REMEDIES[errno];
  if (remedy !== undefined) return `${where} ${remedy}`;
  if (/read_only/.test(message)) return `${where} ${REMEDIES[1290]}`;
  return `${where} can not be used (${message.replaceAll(/\s+/g, ' ')}); start it, or write another address`;
}

/** Node gives one error for each address that a name stands for. */
function innermost(error: unknown): Error & { readonly errno?: number } {
  const { errors } = error as { readonly errors?: readonly unknown[] };
  return errors?.[0] instanceof Error ? innermost(errors[0]) : (error as Error);
}

function hide(text: string, password: string | undefined): string {
  return password ? text.replaceAll(password, '…') : text;
}
