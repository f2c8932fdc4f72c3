/** Stores for the tests that run on each of them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import BetterSqlite from 'better-sqlite3';
import type { SessionStore } from '../../src/store.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { sqliteStore } from '../../src/stores/sqlite.ts';
import type { OpenedStore } from '../../src/testing/index.ts';

/** A folder of its own for a test, and how to remove it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface TestStore {
  readonly name: string;
  open(): OpenedStore;
}

interface Closable {
  close(): unknown;
}

/** A database file that several handles share, as several processes do; its raw bytes include the write-ahead log. */
function onFile<Database extends Closable & Parameters<typeof sqliteStore>[0]>(
  connect: (path: string) => Database,
): OpenedStore {
  const folder = temporaryFolder();
  const file = join(folder.path, 'sessions.db');
  const databases: Database[] = [];
  const open = (): SessionStore => {
    const database = connect(file);
    databases.push(database);
    return sqliteStore(database);
  };
  return {
    store: open(),
    another: async () => open(),
    raw: async () =>
      Buffer.concat(readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name)))),
    async close() {
      for (const database of databases) database.close();
      folder.remove();
    },
  };
}

export const inMemory: TestStore = {
  name: 'memory',
  open: () => ({ store: memoryStore(), close: async () => undefined }),
};

export const onSqliteFile: TestStore = {
  name: 'sqlite file, node:sqlite',
  open: () => onFile((path) => new DatabaseSync(path)),
};

export const onBetterSqliteFile: TestStore = {
  name: 'sqlite file, better-sqlite3',
  open: () => onFile((path) => new BetterSqlite(path)),
};

export const onSqliteMemory: TestStore = {
  name: 'sqlite :memory:',
  open() {
    const database = new DatabaseSync(':memory:');
    return {
      store: sqliteStore(database),
      raw: async () => JSON.stringify(database.prepare('SELECT * FROM holdfast_sessions').all()),
      close: async () => database.close(),
    };
  },
};

/** The two stores that everything about sessions is tested on; mutation testing, which breaks neither, uses the faster one. */
export const bothStores: readonly TestStore[] =
  process.env['HOLDFAST_STORES'] === 'memory' ? [inMemory] : [inMemory, onSqliteMemory];
