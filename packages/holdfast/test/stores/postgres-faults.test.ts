/** What PostgreSQL does to a statement, provoked on a real server, and what the sessions on it are answered then. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { createSessions } from '../../src/sessions.ts';
import type { SessionStore } from '../../src/store.ts';
import { migrate, type PostgresClient, postgresStore } from '../../src/stores/postgres/index.ts';
import {
  end,
  idOf,
  sampleRecord,
  setting,
  START,
  update,
  userRecord,
} from '../../src/testing/contract/samples.ts';
import { Browser } from '../support/browser.ts';
import { connections, quietPool } from '../support/postgres/clients.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { schemaName } from '../support/postgres/shared.ts';
import { guardedOnce, outcomeOf } from '../support/guarded-once.ts';
import { until } from '../support/until.ts';

const PATIENCE = 10_000;
const PRLIMIT = '/usr/bin/prlimit';
/** Every connection but the one that says so. */
const DISCONNECT = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()';
let server: PostgresServer;
let admin: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ settings: { full_page_writes: 'on' } });
  admin = quietPool({ connectionString: server.url, max: 3 });
  admin.on('error', () => undefined);
}, 60_000);
afterAll(async () => {
  await admin?.end();
  await server?.stop();
});

describe.each(connections)('on $name', ({ connect }) => {
  let schema: string;
  let client: PostgresClient;
  let store: SessionStore;
  beforeEach(async () => {
    schema = schemaName();
    const connected = connect(server.url);
    ({ client } = connected);
    await migrate(client, { schema });
    store = guardedOnce(postgresStore(client, { schema }), PATIENCE);
    return () => connected.close();
  });

  async function signInThree(): Promise<void> {
    for (const i of [1, 2, 3]) {
      await store.admit('user:ada', idOf(i), START);
      await store.insert(userRecord(i, 'ada'));
    }
  }

  async function deadlocks(): Promise<number> {
    // A connection tells of its own when it has ended a statement, once a second.
    await Promise.all(Array.from({ length: 8 }, () => store.epochOf('user:ada')));
    const sql =
      "SELECT pg_stat_clear_snapshot(), deadlocks::int FROM pg_stat_database WHERE datname = 'postgres'";
    return Number((await admin.query(sql)).rows[0].deadlocks);
  }

  const waiting = async (): Promise<boolean> => {
    const { rows } = await admin.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    );
    return rows[0].n > 0;
  };

  /** Whoever locks the last session, waits until the others are wanted, and then wants one that the store has locked. */
  async function crossing(call: () => Promise<unknown>, first: string, second: string): Promise<unknown> {
    const other = await admin.connect();
    try {
      // It is the other one that the server chooses.
      await other.query("BEGIN; SET LOCAL deadlock_timeout = '10s'");
      await other.query(first);
      const called = outcomeOf(call());
      await until('the store waits', waiting, { everyMs: 2 });
      await other.query(second);
      await other.query('COMMIT');
      return await called;
    } finally {
      other.release(true);
    }
  }

  test('a deadlock is tried again, and nothing happens twice', { timeout: 15_000 }, async () => {
    await signInThree();
    const before = await deadlocks();
    const lock = (i: number): string =>
      `SELECT FROM ${schema}.holdfast_sessions WHERE id = '${idOf(i)}' FOR UPDATE`;
    const [low, , high] = [1, 2, 3].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)) as [
      number,
      number,
      number,
    ];
    expect(await crossing(() => store.endBy('user:ada', end('revoked')), lock(high), lock(low))).toBe(3);
    expect(await store.epochOf('user:ada')).toBe(1);
    expect(await store.listBy('user:ada')).toEqual([]);
    await expect.poll(deadlocks, { timeout: 10_000 }).toBeGreaterThan(before);
  });

  test('a deadlock of one change is tried again, and it is applied once', async () => {
    await signInThree();
    const member = `SELECT FROM ${schema}.holdfast_index_members WHERE session_id = '${idOf(1)}' FOR UPDATE`;
    const session = `SELECT FROM ${schema}.holdfast_sessions WHERE id = '${idOf(1)}' FOR UPDATE`;
    const call = () => store.apply(idOf(1), { end: end('signed_out') });
    expect(await crossing(call, member, session)).toMatchObject({ status: 'applied', ended: 'signed_out' });
    expect((await store.listBy('user:ada')).map(({ id }) => id).toSorted()).toEqual(
      [idOf(2), idOf(3)].toSorted(),
    );
  });

  test('changes that the server can not order are applied, or unavailable and did not happen', async () => {
    await store.insert(sampleRecord());
    const database = 'ALTER DATABASE postgres';
    await admin.query(`${database} SET default_transaction_isolation = 'repeatable read'`);
    // Connections from now on; a store that looked before has no reason to look again.
    await admin.query(DISCONNECT);
    try {
      await until('it is back', () => canRead(store, 'one'));
      const calls = Array.from({ length: 40 }, (_, i) =>
        outcomeOf(store.apply(idOf('one'), setting({ [`key-${i}`]: '1' }))),
      );
      const outcomes = await Promise.all(calls);
      const record = await store.read(idOf('one'));
      for (const [i, outcome] of outcomes.entries()) {
        const isThere = record?.data.has(`key-${i}`);
        expect(isThere).toBe(outcome !== 'unavailable');
        if (outcome !== 'unavailable') expect(outcome.status).toBe('applied');
      }
      expect(record?.dataVersion).toBe(outcomes.filter((outcome) => outcome !== 'unavailable').length);
    } finally {
      await admin.query(`${database} RESET default_transaction_isolation`);
    }
  });

  test('a server that only reads knows who is signed in, and every change is unavailable', async () => {
    await signInThree();
    await admin.query("ALTER DATABASE postgres SET default_transaction_read_only = 'on'");
    await admin.query(DISCONNECT);
    try {
      await until('it is back', () => canRead(store, 1));
      expect(await changesOf(store)).toEqual(Array.from({ length: 6 }, () => 'unavailable'));
      expect((await store.listBy('user:ada')).length).toBe(3);
    } finally {
      await admin.query(
        'SET default_transaction_read_only = off; ALTER DATABASE postgres RESET default_transaction_read_only',
      );
      await admin.query(DISCONNECT);
    }
    await until('it is back', () =>
      store.epochOf('user:ada').then(
        () => true,
        () => false,
      ),
    );
    expect(await store.endBy('user:ada', end('revoked'))).toBe(3);
  });

  test('a connection that an administrator ends is unavailable once, and then replaced', async () => {
    await store.insert(sampleRecord());
    await admin.query(DISCONNECT);
    await until('it is back', () => canRead(store, 'one'));
    expect((await store.apply(idOf('one'), setting({ a: '1' }))).status).toBe('applied');
  });
});

async function canRead(store: SessionStore, name: string | number): Promise<boolean> {
  try {
    return (await store.read(idOf(name))) !== undefined;
  } catch {
    return false;
  }
}

/** One of each kind, of which none may succeed. */
async function changesOf(store: SessionStore): Promise<unknown[]> {
  const calls: Promise<unknown>[] = [
    store.insert(sampleRecord('new')),
    store.apply(idOf(1), setting({ a: '1' })),
    store.apply(idOf(1), update({ touch: START + 60_000 })),
    store.apply(idOf(1), { end: end() }),
    store.admit('user:ada', idOf('new'), START),
    store.endBy('user:ada', end('revoked')),
  ];
  return Promise.all(calls.map((call) => outcomeOf(call)));
}

describe.each(connections)('a standby: $name', ({ connect }) => {
  test('answers nothing, not even who is signed in, and everything when it is promoted', async () => {
    const own = await startPostgres();
    const connected = connect(own.url);
    try {
      await migrate(connected.client);
      const store = guardedOnce(postgresStore(connected.client), PATIENCE);
      await store.insert(userRecord(1, 'ada'));
      await store.admit('user:ada', idOf(1), START);
      const signal = join(own.folder, 'data', 'standby.signal');
      await writeFile(signal, '', { mode: 0o666 });
      await own.restart();
      expect(await own.query('SELECT pg_is_in_recovery() AS is')).toEqual([{ is: true }]);
      const answered = async (): Promise<unknown[]> =>
        Promise.all([
          outcomeOf(store.read(idOf(1))),
          outcomeOf(store.listBy('user:ada')),
          outcomeOf(store.epochOf('user:ada')),
          ...(await changesOf(store)),
        ]);
      expect(new Set([...(await answered()), ...(await answered())])).toEqual(new Set(['unavailable']));
      // A store that begins there says why.
      await expect(postgresStore(connected.client).read(idOf(1))).rejects.toThrow(/is a standby/);
      await own.query('SELECT pg_promote()');
      await until('it is the primary', async () => {
        const [row] = await own.query('SELECT pg_is_in_recovery() AS is');
        return row?.['is'] === false;
      });
      expect((await store.read(idOf(1)))?.userId).toBe('ada');
      expect((await store.apply(idOf(1), setting({ a: '1' }))).status).toBe('applied');
      await rm(signal, { force: true });
    } finally {
      await connected.close();
      await own.stop();
    }
  }, 60_000);
});

/** A limit on the size of its files makes the system refuse the server's writes, as it does where a disk is full. */
describe.skipIf(!existsSync(PRLIMIT)).each(connections)(
  'a server that can write no more: $name',
  ({ connect }) => {
    test('takes no sign-in, says that it is unavailable, and knows who is signed in', async () => {
      const own = await startPostgres();
      const connected = connect(own.url);
      const limit = async (bytes: number | 'unlimited'): Promise<void> => {
        const { uid, gid } = await stat(join(own.folder, 'data'));
        // The soft limit, which its owner may lift again. It holds for connections from now on.
        await promisify(execFile)(PRLIMIT, ['--pid', String(own.pid), `--fsize=${bytes}:`], { uid, gid });
        await own.query(DISCONNECT).catch(() => undefined);
      };
      try {
        await migrate(connected.client);
        const sessions = createSessions({
          store: postgresStore(connected.client),
          onEvent: () => undefined,
          storeGuard: { breaker: false },
        });
        const [ada, bob] = [new Browser(sessions), new Browser(sessions)];
        await ada.signIn();
        const { cookie } = ada;
        // A segment of the log takes 16 MiB, so the table has to have more; of rows that leave no room for another one.
        await own.query(`INSERT INTO holdfast_sessions SELECT (jsonb_populate_record(s, jsonb_build_object('id', left(md5(n::text), 22)))).*
        FROM holdfast_sessions AS s, generate_series(1, 30000) AS n`);
        await limit(16 * 1024 * 1024);
        const isBack = () => ada.whoami().then(Boolean, () => false);
        await until('it is back', isBack);
        const tries = Array.from({ length: 30 }, () => new Browser(sessions));
        const outcomes: unknown[] = [];
        for (const browser of tries) outcomes.push(await outcomeOf(browser.signIn('bob')));
        expect(outcomes.at(-1)).toBe('unavailable');
        expect((await sessions.list('bob')).length).toBe(
          outcomes.filter((one) => one !== 'unavailable').length,
        );
        await expect(bob.signIn('bob')).rejects.toThrow(StoreUnavailableError);
        expect(bob.cookie).toBe('');
        expect([await ada.whoami(), ada.cookie]).toEqual(['alice', cookie]);
        await limit('unlimited');
        await until('it is back', isBack);
        await bob.signIn('bob');
        expect(await bob.whoami()).toBe('bob');
      } finally {
        await connected.close();
        await own.stop();
      }
    }, 60_000);
  },
);
