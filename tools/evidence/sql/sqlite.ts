import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { encodeRecord } from '../../../packages/holdfast/src/stores/record-json.ts';
import { sqliteStore } from '../../../packages/holdfast/src/stores/sqlite.ts';
import { temporaryFolder } from '../../../packages/holdfast/test/support/stores.ts';
import { idAt, indexAt, type Place, recordAt, SEEN_AT } from './place.ts';

export async function startSqlitePlace(): Promise<Place> {
  const folder = temporaryFolder();
  const handles: DatabaseSync[] = [];
  const open = (): DatabaseSync => {
    const database = new DatabaseSync(join(folder.path, 'sessions.db'));
    handles.push(database);
    return database;
  };
  const database = open();
  const store = sqliteStore(database);
  let filled = 0;
  const all = (sql: string): Record<string, unknown>[] => database.prepare(sql).all();

  return {
    name: 'SQLite',
    version: String(all('SELECT sqlite_version() AS version')[0]?.['version']),
    store,
    another: () => sqliteStore(open()),
    async fill(from, to) {
      const session = database.prepare(
        'INSERT INTO holdfast_sessions (id, record, forget_at) VALUES (?, ?, ?)',
      );
      const member = database.prepare(
        'INSERT INTO holdfast_index_members (name, session_id, admitted_at) VALUES (?, ?, ?)',
      );
      database.exec('PRAGMA cache_size = -2000000; BEGIN');
      for (let n = from; n < to; n++) {
        const record = recordAt(n);
        session.run(record.id, encodeRecord(record), record.absoluteExpiresAt);
        member.run(indexAt(n), record.id, SEEN_AT);
      }
      database.exec('COMMIT; PRAGMA cache_size = -2000; PRAGMA wal_checkpoint(TRUNCATE)');
      filled = to;
    },
    async touchAll(at) {
      // The table is in the order of ids, and so this is a random one.
      for (let n = 0; n < filled; n++) await store.apply(idAt(n), { epoch: 1, at, touch: at });
    },
    settle: async () => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    async sizes() {
      const rows = all('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name');
      const of = (name: string): number => Number(rows.find((row) => row['name'] === name)?.['bytes'] ?? 0);
      return {
        sessions: of('holdfast_sessions'),
        indexes: of('holdfast_sessions_forget_at'),
        members: of('holdfast_index_members'),
      };
    },
    async work() {
      const { user, system } = process.cpuUsage();
      return { cpu: user + system, pages: undefined };
    },
    async stop() {
      for (const each of handles) each.close();
      folder.remove();
    },
  };
}
