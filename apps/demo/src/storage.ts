/** Opens what the demo keeps: sessions and accounts, in memory or in one SQLite file. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SessionStore } from 'holdfast';
import { memoryStore } from 'holdfast/stores/memory';
import { sqliteStore } from 'holdfast/stores/sqlite';
import { StartError, type StoreConfig } from './config.ts';
import { type AccountTable, memoryAccounts, sqliteAccounts } from './account-table.ts';

export interface Storage {
  readonly store: SessionStore;
  readonly accounts: AccountTable;
  close(): void;
}

/** @throws StartError when the file can not be used. */
export function openStorage(config: StoreConfig): Storage {
  if (config.kind === 'memory') {
    return { store: memoryStore(), accounts: memoryAccounts(), close: () => undefined };
  }
  const open: DatabaseSync[] = [];
  const close = (): void => {
    for (const database of open) database.close();
  };
  try {
    makeDirectory(dirname(config.path));
    const connect = (): DatabaseSync => {
      const database = new DatabaseSync(config.path);
      open.push(database);
      return database;
    };
    // A handle each: the session store opens transactions, which nobody else's statements may fall into.
    return { store: sqliteStore(connect()), accounts: sqliteAccounts(connect()), close };
  } catch (error) {
    close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`HOLDFAST_STORE: ${config.path} can not be used: ${reason}`);
  }
}

/** Not `recursive`: where a kernel refuses to make a directory with ENOENT, as below /proc, Node tries for ever. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  // Nobody else on the machine has a reason to read it.
  mkdirSync(path, { mode: 0o700 });
}
