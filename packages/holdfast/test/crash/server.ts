/** A small application on an SQLite file, to be killed at any instant. Speaks JSON lines: what it acknowledged is on the pipe. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { nodeSessions } from '../../src/adapters/node.ts';
import { createSessions } from '../../src/index.ts';
import { sqliteStore } from '../../src/stores/sqlite.ts';

const [file = ''] = process.argv.slice(2);
const sessions = createSessions({ store: sqliteStore(new DatabaseSync(file)), onEvent: () => undefined });
const handle = nodeSessions(sessions).withSession(async (req, res, session) => {
  const url = new URL(req.url ?? '/', 'http://server');
  switch (url.pathname) {
    case '/sign-in':
      await session.signIn({ userId: 'ada' });
      break;
    case '/sign-out':
      await session.signOut();
      break;
    case '/set':
      session.set(url.searchParams.get('key') ?? '', true);
      break;
    case '/increment':
      await session.update('counter', (value) => Number(value ?? 0) + 1);
  }
  res.end(JSON.stringify({ user: session.userId ?? null, data: session.all() }));
});
const server = createServer((req, res) => void handle(req, res));
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port);
});
