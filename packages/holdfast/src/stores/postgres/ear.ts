/** The listening end of a channel, on a connection of its own, for each kind of client. */
import { isPostgresJs, type PgPool, type PostgresClient, type PostgresJsClient } from './client.ts';

export interface Ear {
  /** Resolves when the server listens for it. */
  listen(channel: string, heard: (message: string) => void): Promise<void>;
  /** Also while it connects. Never rejects, and does not wait for a server that is silent. */
  close(): Promise<void>;
}

/** @param broken is told when messages may have been missed, and whether the client leaves it at that */
export function earOf(client: PostgresClient, broken: (isForGood: boolean) => void): Ear {
  return isPostgresJs(client) ? postgresJsEar(client, broken) : pgEar(client, broken);
}

/** What `pg` makes its connections of; its types do not tell of it. */
interface PgInside {
  readonly Client?: new (options: unknown) => PgConnection;
  readonly options?: unknown;
}

interface PgConnection {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'notification', listener: (message: { readonly payload?: string }) => void): unknown;
  on(event: 'error' | 'end', listener: () => void): unknown;
}

function pgEar(pool: PgPool, broken: (isForGood: boolean) => void): Ear {
  const { Client, options } = pool as PgPool & PgInside;
  if (typeof Client !== 'function') {
    throw new TypeError(
      "postgresStore: to watch, pass a Pool of 'pg', which can make a connection of its own",
    );
  }
  const own = new Client(options);
  own.on('error', () => broken(true));
  own.on('end', () => broken(true));
  return {
    async listen(channel, heard) {
      own.on('notification', ({ payload = '' }) => heard(payload));
      await own.connect();
      await own.query(`LISTEN "${channel}"`);
    },
    async close() {
      own.end().catch(() => undefined);
    },
  };
}

/** The client keeps one connection for all channels, and listens again by itself. */
function postgresJsEar(client: PostgresJsClient, broken: (isForGood: boolean) => void): Ear {
  let isClosed = false;
  let stop: () => Promise<void> = async () => undefined;
  return {
    async listen(channel, heard) {
      let isFirst = true;
      const { unlisten } = await client.listen(channel, heard, () => {
        if (!isFirst) broken(false);
        isFirst = false;
      });
      stop = async () => void unlisten().catch(() => undefined);
      if (isClosed) await stop();
    },
    async close() {
      isClosed = true;
      await stop();
    },
  };
}
