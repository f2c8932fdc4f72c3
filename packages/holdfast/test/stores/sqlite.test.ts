import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import BetterSqlite from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import type { SessionEvent } from '../../src/events.ts';
import { createSessions } from '../../src/sessions.ts';
import { type SqliteDatabase, sqliteStore } from '../../src/stores/sqlite.ts';
import { manualClock } from '../../src/testing/index.ts';
import { Browser } from '../support/browser.ts';
import { capture } from '../support/canary.ts';
import { temporaryFolder } from '../support/stores.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).toReversed()) close();
});

function folder(): string {
  const { path, remove } = temporaryFolder();
  closing.push(remove);
  return path;
}

function connect(path = ':memory:'): DatabaseSync {
  const database = new DatabaseSync(path);
  closing.push(() => database.isOpen && database.close());
  return database;
}

function versionOf(database: DatabaseSync): unknown {
  return database.prepare('SELECT version FROM holdfast_schema').all();
}

function serve(database: DatabaseSync) {
  const events: SessionEvent[] = [];
  const onEvent = (event: SessionEvent): void => {
    capture(event);
    events.push(event);
  };
  const sessions = createSessions({ store: sqliteStore(database), clock: manualClock(), onEvent });
  return { events, sessions, ada: new Browser(sessions) };
}

describe('the tables', () => {
  test('are made where there are none, and left as they are where there are', async () => {
    const file = join(folder(), 'sessions.db');
    const first = connect(file);
    const { ada } = serve(first);
    await ada.signIn();
    const { sessions } = serve(connect(file));
    expect(await new Browser(sessions, { cookie: ada.cookie }).whoami()).toBe('alice');
    expect(versionOf(first)).toEqual([{ version: 1 }]);
  });

  test('stand beside tables of the application', async () => {
    const database = connect();
    database.exec('CREATE TABLE sessions (id TEXT); CREATE TABLE schema_version (version INTEGER)');
    await serve(database).ada.signIn();
    expect(database.prepare('SELECT * FROM sessions').all()).toEqual([]);
  });

  test('of a newer release are refused, and not touched', () => {
    const database = connect();
    sqliteStore(database);
    database.exec('UPDATE holdfast_schema SET version = 99');
    expect(() => sqliteStore(database)).toThrow(
      /version 99, and this release knows up to 1; upgrade holdfast/,
    );
    expect(versionOf(database)).toEqual([{ version: 99 }]);
    expect(database.isTransaction).toBe(false);
  });

  test('are whole or not there: a migration that fails leaves nothing behind', () => {
    const database = connect();
    database.exec('CREATE TABLE holdfast_index_members (mine TEXT)');
    expect(() => sqliteStore(database)).toThrow(/already exists/);
    const names = database.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'holdfast%'").all();
    expect(names).toEqual([{ name: 'holdfast_index_members' }]);
  });

  test('a database file is opened by several processes at once, and their writes are all kept', async () => {
    const file = join(folder(), 'sessions.db');
    const source = new URL('./sqlite-worker.ts', import.meta.url);
    const outcomes = await Promise.all(
      Array.from(
        { length: 4 },
        (_, i) =>
          new Promise((resolve, reject) => {
            const worker = new Worker(source, { workerData: { file, name: i, count: 25 } });
            worker.once('exit', resolve);
            worker.once('error', reject);
          }),
      ),
    );
    expect(outcomes).toEqual([0, 0, 0, 0]);
    const record = await sqliteStore(connect(file)).read(`${'A'.repeat(22)}`);
    expect([record?.data.get('n')?.value, record?.data.size]).toEqual(['100', 101]);
  }, 60_000);
});

describe('misuse', () => {
  test.each([
    undefined,
    null,
    'sessions.db',
    {},
    { prepare: () => undefined },
  ])('%j is no database', (database) => {
    const create = () => sqliteStore(database as unknown as SqliteDatabase);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(/^sqliteStore: pass a database/);
  });

  test('synchronous is normal or full', () => {
    const database = connect(join(folder(), 'sessions.db'));
    const level = (): unknown => Object.values(database.prepare('PRAGMA synchronous').get() ?? {})[0];
    expect(() => sqliteStore(database, { synchronous: 'off' as 'full' })).toThrow(
      /^sqliteStore: synchronous/,
    );
    sqliteStore(database);
    expect(level()).toBe(1);
    sqliteStore(database, { synchronous: 'full' });
    expect(level()).toBe(2);
  });

  test('a database that can not be written is refused when the store is made', () => {
    const file = join(folder(), 'sessions.db');
    connect(file).exec('CREATE TABLE t (x)');
    expect(() => sqliteStore(new DatabaseSync(file, { readOnly: true }))).toThrow(/readonly/);
    const closed = new BetterSqlite(':memory:');
    closed.close();
    expect(() => sqliteStore(closed)).toThrow(/not open/);
  });
});

describe('faults', () => {
  test('a closed database is a store that does not answer: the cookie stays, the event is raised (ASVS-16.5.3)', async () => {
    const database = connect(join(folder(), 'sessions.db'));
    const { ada, events } = serve(database);
    await ada.signIn();
    const { cookie } = ada;
    database.close();
    await expect(ada.whoami()).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(ada.cookie).toBe(cookie);
    expect(events.at(-1)).toMatchObject({ type: 'store_failed', operation: 'read a session' });
  });

  test('a database that has become read-only is read, and its writes fail loudly', async () => {
    const database = connect(join(folder(), 'sessions.db'));
    const { ada, events } = serve(database);
    await ada.signIn();
    database.exec('PRAGMA query_only = 1');
    expect(await ada.whoami()).toBe('alice');
    await expect(ada.request((session) => session.set('a', 1))).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(ada.signOut()).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(events.at(-1)).toMatchObject({ type: 'store_failed', operation: 'change a session' });
    database.exec('PRAGMA query_only = 0');
    expect(await ada.request((session) => [session.userId, session.all()])).toEqual(['alice', {}]);
  });

  test('a database that another process keeps locked is waited for, and is a fault after a second', async () => {
    const file = join(folder(), 'sessions.db');
    const { ada } = serve(connect(file));
    await ada.signIn();
    const other = connect(file);
    other.exec('BEGIN IMMEDIATE');
    expect(await ada.whoami()).toBe('alice');
    await expect(ada.request((session) => session.set('a', 1))).rejects.toBeInstanceOf(StoreUnavailableError);
    other.exec('ROLLBACK');
    await ada.request((session) => session.set('a', 1));
    expect(await ada.request((session) => session.get('a'))).toBe(1);
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{}',
    '"text"',
    '{"data":1}',
  ])('a damaged record, %j, is a fault and not a missing session', async (text) => {
    const database = connect();
    const { ada, sessions } = serve(database);
    await ada.signIn();
    const { cookie } = ada;
    database.prepare('UPDATE holdfast_sessions SET record = ?').run(text);
    await expect(ada.whoami()).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(sessions.list('alice')).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(sessions.revoke(ada.token?.slice(0, 22) ?? '')).rejects.toBeInstanceOf(
      StoreUnavailableError,
    );
    expect(ada.cookie).toBe(cookie);
  });

  test('a change that fails halfway is undone as a whole', async () => {
    const database = connect();
    const store = sqliteStore(database);
    const { ada, sessions } = serve(database);
    await ada.signIn();
    const id = ada.token?.slice(0, 22) ?? '';
    // The end writes the record, and then leaves the index: there it fails.
    database.exec(
      "CREATE TRIGGER broken BEFORE DELETE ON holdfast_index_members BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END",
    );
    await expect(sessions.revokeAll('alice')).rejects.toBeInstanceOf(StoreUnavailableError);
    expect((await store.read(id))?.ended).toBeUndefined();
    expect(await store.epochOf('user:alice')).toBe(0);
    expect(database.isTransaction).toBe(false);
    database.exec('DROP TRIGGER broken');
    expect(await sessions.revokeAll('alice')).toBe(1);
  });
});
