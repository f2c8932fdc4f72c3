/** Where accounts are kept. Rules and passwords are the business of `users.ts`. */
import type { DatabaseSync } from 'node:sqlite';

export interface Account {
  /** Never given to someone else: what a session names. */
  readonly id: string;
  /** As its owner wrote it. */
  readonly username: string;
  /** As it is compared. */
  readonly folded: string;
  readonly passwordHash: string;
}

export interface AccountTable {
  /** Race: of two callers with one folded name, one is told true. */
  insert(account: Account): boolean;
  byName(folded: string): Account | undefined;
  byId(id: string): Account | undefined;
}

export function memoryAccounts(): AccountTable {
  const byName = new Map<string, Account>();
  const byId = new Map<string, Account>();
  return {
    insert(account) {
      if (byName.has(account.folded)) return false;
      byName.set(account.folded, account);
      byId.set(account.id, account);
      return true;
    },
    byName: (folded) => byName.get(folded),
    byId: (id) => byId.get(id),
  };
}

const COLUMNS = 'id, username, folded, password_hash AS passwordHash';

/** A table of the demo's own, beside those of the session store. */
export function sqliteAccounts(database: DatabaseSync): AccountTable {
  database.exec('PRAGMA busy_timeout = 1000');
  database.exec(`
    CREATE TABLE IF NOT EXISTS demo_accounts (
      id TEXT PRIMARY KEY,
      username TEXT NOT NULL,
      folded TEXT NOT NULL UNIQUE,
      password_hash TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
  `);
  const insert = database.prepare(
    `INSERT INTO demo_accounts (id, username, folded, password_hash) VALUES (?, ?, ?, ?)
     ON CONFLICT (folded) DO NOTHING`,
  );
  const byName = database.prepare(`SELECT ${COLUMNS} FROM demo_accounts WHERE folded = ?`);
  const byId = database.prepare(`SELECT ${COLUMNS} FROM demo_accounts WHERE id = ?`);
  return {
    insert: ({ id, username, folded, passwordHash }) =>
      insert.run(id, username, folded, passwordHash).changes === 1,
    byName: (folded) => byName.get(folded) as Account | undefined,
    byId: (id) => byId.get(id) as Account | undefined,
  };
}
