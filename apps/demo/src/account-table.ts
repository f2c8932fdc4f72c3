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
  /** `null` until its owner gives one. */
  readonly email: string | null;
}

export interface AccountTable {
  /** Race: of two callers with one folded name, one is told true. */
  insert(account: Account): boolean;
  byName(folded: string): Account | undefined;
  byId(id: string): Account | undefined;
  setEmail(id: string, email: string): boolean;
  /** Race: of two callers who have seen one hash, one replaces it and is told true. */
  replacePasswordHash(id: string, from: string, to: string): boolean;
}

export function memoryAccounts(): AccountTable {
  const idsByName = new Map<string, string>();
  const byId = new Map<string, Account>();
  const change = (account: Account | undefined, to: Partial<Account>): boolean => {
    if (account) byId.set(account.id, { ...account, ...to });
    return account !== undefined;
  };
  return {
    insert(account) {
      if (idsByName.has(account.folded)) return false;
      idsByName.set(account.folded, account.id);
      byId.set(account.id, account);
      return true;
    },
    byName: (folded) => byId.get(idsByName.get(folded) ?? ''),
    byId: (id) => byId.get(id),
    setEmail: (id, email) => change(byId.get(id), { email }),
    replacePasswordHash(id, from, to) {
      const account = byId.get(id);
      return account?.passwordHash === from && change(account, { passwordHash: to });
    },
  };
}

const COLUMNS = 'id, username, folded, password_hash AS passwordHash, email';

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
  addEmailColumn(database);
  const insert = database.prepare(
    `INSERT INTO demo_accounts (id, username, folded, password_hash, email) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (folded) DO NOTHING`,
  );
  const byName = database.prepare(`SELECT ${COLUMNS} FROM demo_accounts WHERE folded = ?`);
  const byId = database.prepare(`SELECT ${COLUMNS} FROM demo_accounts WHERE id = ?`);
  const setEmail = database.prepare('UPDATE demo_accounts SET email = ? WHERE id = ?');
  const setHash = database.prepare(
    'UPDATE demo_accounts SET password_hash = ? WHERE id = ? AND password_hash = ?',
  );
  return {
    insert: ({ id, username, folded, passwordHash, email }) =>
      insert.run(id, username, folded, passwordHash, email).changes === 1,
    byName: (folded) => byName.get(folded) as Account | undefined,
    byId: (id) => byId.get(id) as Account | undefined,
    setEmail: (id, email) => setEmail.run(email, id).changes === 1,
    replacePasswordHash: (id, from, to) => setHash.run(to, id, from).changes === 1,
  };
}

/** The first version of the demo knew no addresses: its file is read, and goes on. */
function addEmailColumn(database: DatabaseSync): void {
  const hasEmail = (): boolean =>
    database.prepare("SELECT 1 FROM pragma_table_info('demo_accounts') WHERE name = 'email'").get() !==
    undefined;
  if (hasEmail()) return;
  try {
    database.exec('ALTER TABLE demo_accounts ADD COLUMN email TEXT');
  } catch (error) {
    // Another process that starts at the same time was quicker.
    if (!hasEmail()) throw error;
  }
}
