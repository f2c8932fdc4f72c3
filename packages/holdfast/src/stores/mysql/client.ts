/** The client that the store can be given, by structure, and one way to send a statement through it. */
import { linkOver, type Send, type SqlRow, type SqlValue } from '../sql/link.ts';

/** A pool of `mysql2/promise`. */
export interface MysqlPool {
  execute(
    statement: { readonly sql: string; readonly rowsAsArray: true },
    values: SqlValue[],
  ): Promise<readonly [unknown, ...unknown[]]>;
  getConnection(): Promise<MysqlConnection>;
}

export interface MysqlConnection extends Pick<MysqlPool, 'execute'> {
  release(): void;
}

/** A pool of `mysql2` with callbacks: the other one is inside. */
export interface MysqlCallbackPool {
  promise(): MysqlPool;
}

export type MysqlClient = MysqlPool | MysqlCallbackPool;

/** A deadlock: the server has rolled back what the statement did. */
const DEADLOCK = 1213;
const DUPLICATE = 1062;
const MISSING_TABLE = 1146;

function numberOf(error: unknown): unknown {
  return (error as { readonly errno?: unknown } | undefined)?.errno;
}

export function isDuplicate(error: unknown): boolean {
  return numberOf(error) === DUPLICATE;
}

export function isMissing(error: unknown): boolean {
  return numberOf(error) === MISSING_TABLE;
}

/** @throws TypeError when it is no pool */
export function poolOf(client: MysqlClient): MysqlPool {
  const pool =
    typeof (client as Partial<MysqlCallbackPool> | undefined)?.promise === 'function'
      ? (client as MysqlCallbackPool).promise()
      : (client as MysqlPool | undefined);
  if (typeof pool?.execute === 'function' && typeof pool.getConnection === 'function') return pool;
  throw new TypeError("mysqlStore: pass a pool, like createPool(url) of 'mysql2/promise'");
}

export function linkTo(client: Pick<MysqlPool, 'execute'>): Send<SqlRow> {
  return linkOver({
    query: ({ text }, values) => client.execute({ sql: text, rowsAsArray: true }, values),
    open: ([result], take) =>
      Array.isArray(result)
        ? take(result as unknown[][], 0)
        : take([], (result as { readonly affectedRows: number }).affectedRows),
    instead: (error, statement) => (numberOf(error) === DEADLOCK ? statement : undefined),
  });
}
