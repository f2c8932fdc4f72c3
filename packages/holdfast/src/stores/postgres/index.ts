/**
 * Records in PostgreSQL, shared by many servers.
 *
 * One statement reads a session, and one changes it: a touch is an update of one row, any other change a function that runs
 * where the row is. So a row is locked for as long as the server computes, and never while it waits for a client. What was
 * decided, and what it costs, is in docs/adr/0014-changes-inside-postgresql.md.
 */
import type { Applied, Change } from '../../change.ts';
import type { SessionRecord } from '../../record.ts';
import type { SessionStore } from '../../store.ts';
import { UNFINISHED_FOR } from '../record-json.ts';
import type { SqlRow, SqlValue } from '../sql/link.ts';
import { plain } from '../sql/plain.ts';
import { packRow, unpackRow } from '../sql/row.ts';
import { isTouch } from '../sql/touch.ts';
import { noTables } from '../sql/versions.ts';
import { packChange, packEnd, unpackApplied } from './change.ts';
import { linkTo, type PostgresClient } from './client.ts';
import {
  isMissing,
  type PostgresMigrateOptions,
  refuseOther,
  schemaOf,
  standby,
  tablesIn,
} from './migrate.ts';
import { type Statements, statementsOn } from './statements.ts';
import { watchOn } from './watch.ts';

export type {
  PgPool,
  PostgresClient,
  PostgresJsClient,
  PostgresJsConnection,
  PostgresJsRows,
} from './client.ts';
export { migrate, type PostgresMigrateOptions } from './migrate.ts';

export interface PostgresStoreOptions extends PostgresMigrateOptions {}

/**
 * A store on a pool of `pg`, or on a client of `postgres` (postgres.js). It may be shared with other code. The tables have to
 * be there: see `migrate`.
 *
 * @throws TypeError when it is no client, or `schema` no name; the message says what to write.
 */
export function postgresStore(client: PostgresClient, options: PostgresStoreOptions = {}): SessionStore {
  const sendTo = linkTo(client);
  const schema = schemaOf(options.schema);
  const statements = statementsOn(schema);
  let isChecked = false;

  async function check(): Promise<void> {
    const { rows } = await sendTo(statements.check, []).catch((cause: unknown) => {
      if (!isMissing(cause)) throw cause;
      throw noTables(tablesIn(schema), cause);
    });
    refuseOther(rows[0] ?? [], schema);
    isChecked = true;
  }

  async function send(name: keyof Statements, ...values: readonly SqlValue[]) {
    if (!isChecked) await check();
    return sendTo(statements[name], values);
  }

  /** The one row of a statement that always gives one. */
  async function ask(name: keyof Statements, ...values: readonly SqlValue[]): Promise<SqlRow> {
    const { rows } = await send(name, ...values);
    return rows[0] as SqlRow;
  }

  async function find(name: 'read' | 'listBy', by: string): Promise<SessionRecord[]> {
    const { rows } = await send(name, by);
    const records: SessionRecord[] = [];
    for (const [isStandby, record] of rows) {
      if (isStandby === true) throw standby();
      if (record !== null) records.push(unpackRow(JSON.parse(record as string) as SqlRow));
    }
    return records;
  }

  async function apply(id: string, change: Change): Promise<Applied> {
    if (isTouch(change)) {
      const { rows } = await send('touch', id, change.epoch, change.at, change.touch);
      if (rows[0]) return unpackApplied(rows[0]);
      // Rare, and then the row is locked before it is told why: seen later already, gone, or stale.
    }
    return unpackApplied(await ask('change', id, packChange(change)));
  }

  return {
    async insert(record) {
      const { changed } = await send('insert', ...packRow(record));
      if (changed === 0) throw new Error('a session of that id exists');
    },
    read: async (id) => (await find('read', id))[0],
    apply,
    async admit(index, id, at, limit) {
      const [epoch, displaced] = await ask('admit', plain(index), id, at, UNFINISHED_FOR, limit ?? null);
      return { epoch: Number(epoch), displaced: JSON.parse(displaced as string) as string[] };
    },
    async epochOf(index) {
      const [isStandby, epoch] = await ask('epochOf', plain(index));
      if (isStandby === true) throw standby();
      return Number(epoch ?? 0);
    },
    listBy: (index) => find('listBy', plain(index)),
    async endBy(index, end, except) {
      await send('raiseEpoch', plain(index));
      const [count] = await ask('endBy', plain(index), JSON.stringify(packEnd(end)), except ?? null);
      return Number(count);
    },
    async prune(now, limit) {
      const [count] = await ask('prune', now, limit);
      return Number(count);
    },
    watch(listener) {
      const heart = { beat: () => send('beat'), awaitChanges: () => send('awaitChanges') };
      return watchOn(client, `${schema}.watch`, heart, listener);
    },
  };
}
