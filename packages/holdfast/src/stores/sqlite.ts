/**
 * Records in a SQLite file, on `node:sqlite` (`DatabaseSync`) or `better-sqlite3`.
 *
 * Each change is one transaction that holds the write lock from its start (`BEGIN IMMEDIATE`), so that several
 * processes can share the file. Durability: with write-ahead logging, what was answered survives the death of the
 * process at any instant; whether it survives a power cut is what `synchronous` says.
 */
import { applyChange, type Applied, type Change, type End } from '../change.ts';
import type { SessionRecord } from '../record.ts';
import type { Admission, SessionStore } from '../store.ts';
import { decodeRecord, encodeRecord, forgetAt, UNFINISHED_FOR } from './record-json.ts';
import { MIGRATIONS } from './sqlite-schema.ts';

/** What `DatabaseSync` of `node:sqlite` and `Database` of `better-sqlite3` have in common. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
}

export interface SqliteStatement {
  get(...values: (string | number)[]): unknown;
  all(...values: (string | number)[]): unknown[];
  run(...values: (string | number)[]): unknown;
}

export interface SqliteStoreOptions {
  /**
   * `normal`: the last changes before a power cut may be lost, a sign-out among them. `full`: each is on the disk
   * before it is answered, at several times the cost of a write. Default `normal`.
   */
  readonly synchronous?: 'normal' | 'full';
}

/** How long a writer waits for another process's transaction, in milliseconds; then it is a fault. */
const BUSY_TIMEOUT = 1_000;

/**
 * A store on a database handle of its own: it opens transactions, so do not share the handle with other code.
 * Creates and migrates its tables.
 *
 * @throws TypeError when `database` is no SQLite database; the driver's error when the file can not be used.
 */
export function sqliteStore(database: SqliteDatabase, options: SqliteStoreOptions = {}): SessionStore {
  if (typeof database?.prepare !== 'function' || typeof database.exec !== 'function') {
    throw new TypeError("sqliteStore: pass a database, like new DatabaseSync('sessions.db') of node:sqlite");
  }
  const { synchronous = 'normal' } = options;
  if (synchronous !== 'normal' && synchronous !== 'full') {
    throw new TypeError("sqliteStore: synchronous is 'normal' or 'full'");
  }
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`PRAGMA synchronous = ${synchronous}`);
  const transaction = transactionsOn(database);
  migrate(database, transaction);
  return storeOn(database, transaction);
}

type Transaction = <T>(body: () => T) => T;

function transactionsOn(database: SqliteDatabase): Transaction {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  return (body) => {
    begin.run();
    try {
      const result = body();
      commit.run();
      return result;
    } catch (error) {
      rollBack(database);
      throw error;
    }
  };
}

/** Some faults (a full disk) have rolled back already; the first error is the one to tell. */
function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // Nothing was open any more.
  }
}

function migrate(database: SqliteDatabase, transaction: Transaction): void {
  transaction(() => {
    database.exec('CREATE TABLE IF NOT EXISTS holdfast_schema (version INTEGER NOT NULL) STRICT');
    const row = database.prepare('SELECT version FROM holdfast_schema').get() as
      | { version: number }
      | undefined;
    const version = row?.version ?? 0;
    if (version > MIGRATIONS.length) {
      throw new Error(
        `this database has session tables of version ${version}, and this release knows up to ${MIGRATIONS.length}; upgrade holdfast`,
      );
    }
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec('DELETE FROM holdfast_schema');
    database.prepare('INSERT INTO holdfast_schema (version) VALUES (?)').run(MIGRATIONS.length);
  });
}

interface RecordRow {
  readonly record: string;
}

/** What a driver may offer to answer a row with less than an object for each: half as much again as the rest of the look-up. */
interface Sparing {
  /** `better-sqlite3`. */
  pluck?(toggle: boolean): SqliteStatement;
  /** `node:sqlite` since Node 24.0. */
  setReturnArrays?(enabled: boolean): void;
}

/** The first column `record` of the row that a statement finds. */
function valueOf(statement: SqliteStatement & Sparing): (id: string) => string | undefined {
  if (statement.pluck) {
    const plucked = statement.pluck(true);
    return (id) => plucked.get(id) as string | undefined;
  }
  if (statement.setReturnArrays) {
    statement.setReturnArrays(true);
    return (id) => (statement.get(id) as [string] | undefined)?.[0];
  }
  return (id) => (statement.get(id) as RecordRow | undefined)?.record;
}

function storeOn(database: SqliteDatabase, transaction: Transaction): SessionStore {
  const sql = {
    insert: database.prepare('INSERT INTO holdfast_sessions (id, record, forget_at) VALUES (?, ?, ?)'),
    read: valueOf(database.prepare('SELECT record FROM holdfast_sessions WHERE id = ?')),
    update: database.prepare('UPDATE holdfast_sessions SET record = ? WHERE id = ?'),
    updateDeadline: database.prepare('UPDATE holdfast_sessions SET record = ?, forget_at = ? WHERE id = ?'),
    remove: database.prepare('DELETE FROM holdfast_sessions WHERE id = ?'),
    forgettable: database.prepare('SELECT id, record FROM holdfast_sessions WHERE forget_at <= ? LIMIT ?'),
    epoch: database.prepare('SELECT epoch FROM holdfast_indexes WHERE name = ?'),
    raiseEpoch: database.prepare(
      'INSERT INTO holdfast_indexes (name, epoch) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1',
    ),
    enter: database.prepare(
      `INSERT INTO holdfast_index_members (name, session_id, admitted_at) VALUES (?, ?, ?)
       ON CONFLICT (name, session_id) DO NOTHING`,
    ),
    leave: database.prepare('DELETE FROM holdfast_index_members WHERE name = ? AND session_id = ?'),
    dropUnfinished: database.prepare(
      `DELETE FROM holdfast_index_members WHERE name = ? AND admitted_at <= ?
       AND NOT EXISTS (SELECT 1 FROM holdfast_sessions WHERE id = session_id)`,
    ),
    admissions: database.prepare(
      `SELECT session_id, record FROM holdfast_index_members LEFT JOIN holdfast_sessions ON id = session_id
       WHERE name = ? ORDER BY admitted_at, session_id`,
    ),
    members: database.prepare(
      'SELECT record FROM holdfast_index_members JOIN holdfast_sessions ON id = session_id WHERE name = ?',
    ),
  };

  function read(id: string): SessionRecord | undefined {
    const text = sql.read(id);
    return text === undefined ? undefined : decodeRecord(text);
  }

  function write(id: string, before: SessionRecord, after: SessionRecord): void {
    if (forgetAt(before) === forgetAt(after)) sql.update.run(encodeRecord(after), id);
    else sql.updateDeadline.run(encodeRecord(after), forgetAt(after), id);
    if (after.ended) for (const name of before.indexes) sql.leave.run(name, id);
  }

  /** Inside a transaction. */
  function change(before: SessionRecord | undefined, what: Change): Applied {
    const { applied, record } = applyChange(before, what);
    if (before && record && record !== before) write(before.id, before, record);
    return applied;
  }

  function epochOf(index: string): number {
    return (sql.epoch.get(index) as { epoch: number } | undefined)?.epoch ?? 0;
  }

  function listBy(index: string): SessionRecord[] {
    const records = (sql.members.all(index) as RecordRow[]).map((row) => decodeRecord(row.record));
    return records.filter((record) => !record.ended && record.indexes.includes(index));
  }

  function admit(index: string, id: string, at: number, limit: number | undefined): Admission {
    sql.dropUnfinished.run(index, at - UNFINISHED_FOR);
    sql.enter.run(index, id, at);
    const epoch = epochOf(index);
    if (limit === undefined) return { epoch, displaced: [] };
    const rows = sql.admissions.all(index) as { session_id: string; record: string | null }[];
    const counted = rows.filter(
      ({ session_id, record }) =>
        session_id === id || (record !== null && isListed(decodeRecord(record), index, at)),
    );
    const displaced = counted.slice(0, Math.max(0, counted.length - limit));
    return { epoch, displaced: displaced.map((row) => row.session_id) };
  }

  function endBy(index: string, end: End, except: string | undefined): number {
    sql.raiseEpoch.run(index);
    const ended = listBy(index).filter(
      (record) => record.id !== except && change(record, { end, while: { index } }).status === 'applied',
    );
    return ended.length;
  }

  function prune(now: number, limit: number): number {
    const rows = sql.forgettable.all(now, limit) as { id: string; record: string }[];
    for (const { id, record } of rows) {
      sql.remove.run(id);
      for (const name of decodeRecord(record).indexes) sql.leave.run(name, id);
    }
    return rows.length;
  }

  return {
    async insert(record) {
      sql.insert.run(record.id, encodeRecord(record), forgetAt(record));
    },
    read,
    apply: async (id, what) => transaction(() => change(read(id), what)),
    admit: async (index, id, at, limit) => transaction(() => admit(index, id, at, limit)),
    epochOf: async (index) => epochOf(index),
    listBy: async (index) => listBy(index),
    endBy: async (index, end, except) => transaction(() => endBy(index, end, except)),
    prune: async (now, limit) => transaction(() => prune(now, limit)),
  };
}

function isListed(record: SessionRecord, index: string, at: number): boolean {
  return !record.ended && record.indexes.includes(index) && forgetAt(record) > at;
}
