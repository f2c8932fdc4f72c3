/** The clients that the store can be given, by structure, and one way to send a statement through each. */
import { type Send, sentAgain, type SqlResult, type SqlValue } from '../sql/link.ts';

/** A `Pool` of `pg`. */
export interface PgPool {
  query(statement: {
    name?: string;
    text: string;
    values?: SqlValue[];
    rowMode: 'array';
  }): Promise<{ rows: unknown[][]; rowCount: number | null }>;
  readonly totalCount: number;
}

/** What `postgres(url)` returns, of `postgres` (postgres.js). */
export interface PostgresJsClient {
  unsafe(
    text: string,
    values?: SqlValue[],
    options?: { prepare?: boolean },
  ): { values(): PromiseLike<PostgresJsRows> };
  listen(
    channel: string,
    heard: (message: string) => void,
    listening?: () => void,
  ): PromiseLike<{ unlisten(): Promise<void> }>;
  reserve(): Promise<PostgresJsConnection>;
}

export interface PostgresJsConnection extends Pick<PostgresJsClient, 'unsafe'> {
  release(): void;
}

export interface PostgresJsRows extends ReadonlyArray<readonly unknown[]> {
  readonly count: number;
}

export type PostgresClient = PgPool | PostgresJsClient;

/** The server does not know a prepared statement that the client has prepared: something has discarded it. */
const UNKNOWN_STATEMENT = '26000';
const ROLLED_BACK: ReadonlySet<unknown> = new Set(['40001', '40P01']);

export function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

export function isPostgresJs(client: PostgresClient): client is PostgresJsClient {
  return typeof client === 'function';
}

/** @throws TypeError when it is no client */
export function linkTo(client: PostgresClient): Send {
  const { unsafe, query } = (client ?? {}) as Partial<PostgresJsClient & PgPool>;
  const isPool = typeof query === 'function' && 'totalCount' in client;
  if (isPostgresJs(client) ? typeof unsafe !== 'function' : !isPool) {
    throw new TypeError(
      "postgresStore: pass a client, like new Pool({ connectionString }) of 'pg', or postgres(url) of 'postgres'",
    );
  }
  const send = isPostgresJs(client) ? postgresJsLink(client) : pgLink(client as PgPool);
  return sentAgain(send, (error) => ROLLED_BACK.has(codeOf(error)));
}

function asResult({ rows, rowCount }: Awaited<ReturnType<PgPool['query']>>): SqlResult {
  return { rows, changed: rowCount ?? 0 };
}

function pgLink(pool: PgPool): Send {
  return async ({ name, text }, values) => {
    const statement = { text, values: [...values], rowMode: 'array' as const };
    try {
      return asResult(await pool.query({ name, ...statement }));
    } catch (error) {
      if (codeOf(error) !== UNKNOWN_STATEMENT) throw error;
      // It has not run. The client would go on to believe in it, on this connection.
      return asResult(await pool.query(statement));
    }
  };
}

function postgresJsLink(client: PostgresJsClient): Send {
  return async ({ text }, values) => {
    const rows = await client.unsafe(text, [...values], { prepare: true }).values();
    return { rows, changed: rows.count };
  };
}
