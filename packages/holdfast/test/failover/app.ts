/** A small application on Redis or an SQL database, in a process of its own, which may be killed at any instant. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodeSessions } from '../../src/adapters/node.ts';
import { createSessions, type Duration, type Session, type UntypedData } from '../../src/index.ts';
import type { SessionStore } from '../../src/store.ts';
import { redisStore } from '../../src/stores/redis/index.ts';
import { connections, type RedisAddresses } from '../support/redis/clients.ts';
import { drivers } from '../support/sql/drivers.ts';

export interface AppSettings {
  /** The name of one of `connections`, or of `drivers`. */
  readonly connection: string;
  /** Of an SQL database; `prefix` is the name of its tables' space then. */
  readonly url?: string;
  readonly addresses: RedisAddresses;
  readonly prefix: string;
  readonly renewAfter?: Duration;
  /** How many replicas must have a sign-in or an end before it is answered. */
  readonly replicas?: number;
  /** Whether calls to the store are suspended when several have failed. Default true. */
  readonly breaker?: boolean;
}

/** What an answer says of its session, as it was before the request changed anything; a sign-in tells what it made. */
export interface Page {
  readonly user: string | null;
  readonly id: string | null;
  /** Why the cookie was not accepted. */
  readonly rejected: string | null;
  /** What was last written. */
  readonly n: number;
  /** The ids of the user's sessions, where they were asked for. */
  readonly listed?: readonly string[];
}

type Handler = (req: IncomingMessage, res: ServerResponse, session: Session<UntypedData>) => Promise<void>;

function sqlStoreOf({ connection, prefix }: AppSettings, url: string): SessionStore {
  const found = drivers.find(({ name }) => name === connection);
  if (!found) throw new TypeError(`no driver is called ${connection}`);
  return found.connect(url, 10).store(prefix);
}

async function redisStoreOf({ connection, addresses, prefix, replicas }: AppSettings): Promise<SessionStore> {
  const found = connections.find(({ name }) => name === connection);
  if (!found) throw new TypeError(`no connection is called ${connection}`);
  const { client } = await found.connect(addresses);
  const acknowledged =
    replicas === undefined ? undefined : { client: (await found.connect(addresses)).client, replicas };
  return redisStore(client, { prefix, onWarning: () => undefined, ...(acknowledged && { acknowledged }) });
}

async function start(settings: AppSettings): Promise<number> {
  const { url, renewAfter, breaker = true } = settings;
  const store = url === undefined ? await redisStoreOf(settings) : sqlStoreOf(settings, url);
  const events: Record<string, number> = {};
  const sessions = createSessions({
    store,
    ...(renewAfter !== undefined && { renewAfter }),
    ...(!breaker && { storeGuard: { breaker: false } }),
    onEvent({ type }) {
      events[type] = (events[type] ?? 0) + 1;
    },
  });

  const look = (session: Session<UntypedData>): Page => ({
    user: session.userId ?? null,
    id: session.id ?? null,
    rejected: session.rejected ?? null,
    n: Number(session.get('n') ?? 0),
  });

  const withSession: Handler = async (req, res, session) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://application');
    let page = look(session);
    const { user } = page;
    switch (pathname) {
      case '/sign-in':
        await session.signIn({ userId: searchParams.get('user') ?? '' });
        page = look(session);
        break;
      case '/sign-out':
        await session.signOut();
        break;
      case '/write':
        if (user !== null) session.set('n', Number(searchParams.get('n')));
        break;
      case '/list':
        if (user !== null) page = { ...page, listed: (await sessions.list(user)).map(({ id }) => id) };
        break;
      case '/revoke':
        if (user !== null) await sessions.revoke(searchParams.get('id') ?? '', { userId: user });
        break;
      case '/revoke-others':
        if (user !== null) await sessions.revokeAll(user, { except: session.id });
        break;
    }
    res.end(JSON.stringify(page));
  };
  const handle = nodeSessions(sessions).withSession(withSession);

  const server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://application');
    if (pathname === '/events') {
      res.end(JSON.stringify(events));
    } else if (pathname === '/admin/revoke-all') {
      sessions.revokeAll(searchParams.get('user') ?? '').then(
        (count) => res.end(JSON.stringify({ count })),
        () => res.writeHead(503).end(),
      );
    } else {
      void handle(req, res);
    }
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  return (server.address() as AddressInfo).port;
}

if (import.meta.main) {
  // Nobody is left to ask.
  process.once('disconnect', () => process.exit());
  process.send?.(await start(JSON.parse(process.argv[2] ?? '{}') as AppSettings));
}
