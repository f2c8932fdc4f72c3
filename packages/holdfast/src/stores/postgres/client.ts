/** The clients that the store can be given, by structure, and one way to send a statement through each. */
import { linkOver, type Send, type SqlValue, type Statement } from '../sql/link.ts';

/** A `Pool` of `pg`. */
export interface PgPool {
  query(
    statement: { name?: string; text: string },
    values: SqlValue[],
  ): Promise<{ rows: { answer?: unknown }[]; rowCount: number | null }>;
  readonly totalCount: number;
}

/** What `postgres(url)` returns, of `postgres` (postgres.js). */
export interface PostgresJsClient {
  unsafe(
    text: string,
    values?: SqlValue[],
    options?: { prepare?: boolean },
  ): { values(): Promise<PostgresJsRows> };
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

/**
 * One column, `answer`, or none: of two, drivers do everything twice.
 *
 * @throws TypeError when it is no client
 */
export function linkTo(client: PostgresClient): Send<unknown> {
  const { unsafe, query } = (client ?? {}) as Partial<PostgresJsClient & PgPool>;
  const isPool = typeof query === 'function' && 'totalCount' in client;
  if (isPostgresJs(client) ? typeof unsafe !== 'function' : !isPool) {
    throw new TypeError(
      "postgresStore: pass a client, like new Pool({ connectionString }) of 'pg', or postgres(url) of 'postgres'",
    );
  }
  return isPostgresJs(client) ? postgresJsLink(client) : pgLink(client as PgPool);
}

/** The server has chosen a statement as the victim of a deadlock, or could not order it among others: nothing has happened. */
function rolledBack(error: unknown, statement: Statement): Statement | undefined {
  return ROLLED_BACK.has(codeOf(error)) ? statement : undefined;
}

function pgLink(pool: PgPool): Send<unknown> {
  return linkOver({
    // The client copies a statement property by property, slowly. Each is one of its own, since others may write on it.
    query: ({ name, text }, values) => pool.query(name === undefined ? { text } : { name, text }, values),
    open: ({ rows, rowCount }, take) =>
      take(
        rows.map(({ answer }) => answer),
        rowCount ?? 0,
      ),
    // One that the server has forgotten has not run. The client would go on to believe in it, on this connection.
    instead: (error, statement) =>
      codeOf(error) === UNKNOWN_STATEMENT && statement.name !== undefined
        ? { text: statement.text }
        : rolledBack(error, statement),
  });
}

function postgresJsLink(client: PostgresJsClient): Send<unknown> {
  return linkOver({
    query: ({ text }, values) => client.unsafe(text, values, { prepare: true }).values(),
    open: (rows, take) =>
      take(
        rows.map(([answer]) => answer),
        rows.count,
      ),
    instead: rolledBack,
  });
}
