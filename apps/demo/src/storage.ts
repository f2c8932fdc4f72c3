/** Opens what the demo keeps: sessions, in memory, in a file or on a server, and accounts, in memory or in a file. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import type { SessionStore } from 'holdfast';
import { cached } from 'holdfast/stores/cached';
import { memoryStore } from 'holdfast/stores/memory';
import { sqliteStore } from 'holdfast/stores/sqlite';
import { type AccountTable, memoryAccounts, sqliteAccounts } from './account-table.ts';
import { type Config, StartError, type StoreConfig, type UsersConfig } from './config.ts';
import { connectMysql } from './mysql.ts';
import { connectPostgres } from './postgres.ts';
import { connectRedis } from './redis.ts';

export interface Storage {
  readonly store: SessionStore;
  readonly accounts: AccountTable;
  close(): Promise<void>;
}

/** @throws StartError when a file or a server can not be used. */
export async function openStorage({
  store,
  users,
  cacheMaxAge,
}: Pick<Config, 'store' | 'users' | 'cacheMaxAge'>): Promise<Storage> {
  const opened = await openStore(store);
  const sessions = cacheMaxAge === undefined ? opened : remembered(opened, cacheMaxAge);
  try {
    const accounts = openAccounts(users);
    return {
      store: sessions.it,
      accounts: accounts.it,
      async close() {
        await sessions.close();
        accounts.close();
      },
    };
  } catch (error) {
    await sessions.close();
    throw error;
  }
}

/** What is open until it is closed. */
interface Open<T> {
  readonly it: T;
  close(): void | Promise<void>;
}

async function openStore(config: StoreConfig): Promise<Open<SessionStore>> {
  switch (config.kind) {
    case 'memory':
      return { it: memoryStore(), close: () => undefined };
    case 'sqlite':
      return openFile('HOLDFAST_STORE', config.path, (database) => sqliteStore(database));
    case 'redis': {
      const { store, close } = await connectRedis(config);
      return { it: store, close };
    }
    case 'postgres': {
      const { store, close } = await connectPostgres(config);
      return { it: store, close };
    }
    case 'mysql': {
      const { store, close } = await connectMysql(config);
      return { it: store, close };
    }
  }
}

/** In milliseconds: a server that is away is not waited for. */
const CLOSE_WITHIN = 1_000;

/** What it listens with is closed before what it asks with. */
function remembered({ it, close }: Open<SessionStore>, maxAge: number): Open<SessionStore> {
  const store = cached(it, { maxAge });
  return {
    it: store,
    async close() {
      await Promise.race([store.close(), sleep(CLOSE_WITHIN, undefined, { ref: false })]);
      await close();
    },
  };
}

/** A handle of its own, also where sessions are in the same file: their store opens transactions, which nobody else's statements may fall into. */
function openAccounts(config: UsersConfig): Open<AccountTable> {
  if (config.kind === 'memory') return { it: memoryAccounts(), close: () => undefined };
  return openFile('HOLDFAST_USERS', config.path, sqliteAccounts);
}

function openFile<T>(variable: string, path: string, use: (database: DatabaseSync) => T): Open<T> {
  let database: DatabaseSync | undefined;
  try {
    makeDirectory(dirname(path));
    database = new DatabaseSync(path);
    const open = database;
    return { it: use(open), close: () => open.close() };
  } catch (error) {
    database?.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`${variable}: ${path} can not be used: ${reason}`);
  }
}

/** Not `recursive`: where a kernel refuses to make a directory with ENOENT, as below /proc, Node tries for ever. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  // Nobody else on the machine has a reason to read it.
  mkdirSync(path, { mode: 0o700 });
}
