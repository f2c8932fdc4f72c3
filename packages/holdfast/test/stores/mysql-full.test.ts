import mysql from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSessions, type SessionEvent } from '../../src/index.ts';
import { migrate, mysqlStore } from '../../src/stores/mysql/index.ts';
import { Browser } from '../support/browser.ts';
import { type MariadbServer, startMariadb } from '../support/mysql/server.ts';
import { until } from '../support/until.ts';

/** All tables in one file that may not grow: MariaDB answers as it does where the disk is full, that a table is (1114). */
const SETTINGS = {
  'innodb-file-per-table': 'OFF',
  'innodb-data-file-path': 'ibdata1:12M:autoextend:max:24M',
};

const TABLE_FULL = 1114;

let server: MariadbServer;
let pool: mysql.Pool;
beforeAll(async () => {
  server = await startMariadb({ settings: SETTINGS });
  pool = mysql.createPool({ uri: server.url, connectionLimit: 4 });
}, 60_000);
afterAll(async () => {
  await pool?.end();
  await server?.stop();
});

test('a full disk is a fault, not a sign-out: who is signed in stays so, and changes and sign-ins say that they failed (ASVS-16.5.3)', async () => {
  await migrate(pool);
  const events: SessionEvent[] = [];
  const sessions = createSessions({
    store: mysqlStore(pool),
    onEvent: (event) => events.push(event),
    storeGuard: { timeout: '10s', breaker: false },
  });
  const ada = new Browser(sessions);
  await ada.signIn();
  const { cookie } = ada;

  await pool.query('CREATE TABLE ballast (n INT PRIMARY KEY AUTO_INCREMENT, filling VARBINARY(8000))');
  // What does not fit is taken back as a whole: the less at last, the less is left.
  async function fillUp(): Promise<void> {
    for (const rows of [50, 1]) {
      const fill = `INSERT INTO ballast (filling) SELECT REPEAT('x', 8000) FROM seq_1_to_${rows}`;
      const isFull = (): Promise<boolean> =>
        pool.query(fill).then(
          () => false,
          (error: { readonly errno: number }) => error.errno === TABLE_FULL,
        );
      await until('the table is full', isFull, { everyMs: 0 });
    }
  }
  /** What was taken back leaves room a while later: then it is filled again. */
  async function untilRefused(what: string, work: () => Promise<unknown>): Promise<void> {
    const isRefused = async (): Promise<boolean> => {
      await fillUp();
      return work().then(
        () => false,
        (error: { readonly code: string }) => error.code === 'store_unavailable',
      );
    };
    await until(what, isRefused, { everyMs: 0 });
  }

  await untilRefused('a large change is refused', () =>
    ada.request((session) => session.set('large', 'x'.repeat(60_000))),
  );
  expect(events.at(-1)).toMatchObject({ type: 'store_failed', operation: 'change a session' });
  expect(ada.cookie).toBe(cookie);
  expect(await ada.whoami()).toBe('alice');

  // Those that fit into the page that is there are signed in, and nobody else is.
  let signedIn = 0;
  let bob = new Browser(sessions);
  await untilRefused('a sign-in is refused', async () => {
    bob = new Browser(sessions);
    await bob.signIn('bob');
    signedIn++;
  });
  expect(bob.cookie).toBe('');
  expect(await sessions.list('bob')).toHaveLength(signedIn);
  expect([await ada.whoami(), ada.cookie]).toEqual(['alice', cookie]);
}, 60_000);
