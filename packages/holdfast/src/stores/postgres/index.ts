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
import { changedIn, firstOf, nothing, type SqlRow, type SqlValue, type Take } from '../sql/link.ts';
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
import { STANDBY, type Statements, statementsOn } from './statements.ts';
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
    const answer = await sendTo(statements.check, [], firstOf).catch((cause: unknown) => {
      if (!isMissing(cause)) throw cause;
      throw noTables(tablesIn(schema), cause);
    });
    refuseOther(answer, schema);
    isChecked = true;
  }

  function send<T>(name: keyof Statements, values: SqlValue[], take: Take<unknown, T>): Promise<T> {
    if (isChecked) return sendTo(statements[name], values, take);
    return check().then(() => sendTo(statements[name], values, take));
  }

  async function apply(id: string, change: Change): Promise<Applied> {
    if (isTouch(change)) {
      const touched = await send('touch', [id, change.epoch, change.at, change.touch], firstOf);
      if (touched !== undefined) return unpackApplied(touched);
      // Rare, and then the row is locked before it is told why: seen later already, gone, or stale.
    }
    return unpackApplied(await send('change', [id, packChange(change)], firstOf));
  }

  return {
    async insert(record) {
      const inserted = await send('insert', packRow(record), changedIn);
      if (inserted === 0) throw new Error('a session of that id exists');
    },
    read: (id) => send('read', [id], recordIn),
    apply,
    async admit(index, id, at, limit) {
      const answer = await send('admit', [plain(index), id, at, UNFINISHED_FOR, limit ?? null], firstOf);
      const [epoch, displaced] = parsed(answer);
      return { epoch: epoch as number, displaced: displaced as string[] };
    },
    async epochOf(index) {
      const epoch = await send('epochOf', [plain(index)], firstOf);
      if (epoch === STANDBY) throw standby();
      return Number(epoch ?? 0);
    },
    listBy: (index) => send('listBy', [plain(index)], recordsIn),
    async endBy(index, end, except) {
      await send('raiseEpoch', [plain(index)], nothing);
      return Number(
        await send('endBy', [plain(index), JSON.stringify(packEnd(end)), except ?? null], firstOf),
      );
    },
    prune: async (now, limit) => Number(await send('prune', [now, limit], firstOf)),
    watch(listener) {
      const heart = {
        beat: () => send('beat', [], nothing),
        awaitChanges: () => send('awaitChanges', [], nothing),
      };
      return watchOn(client, `${schema}.watch`, heart, listener);
    },
  };
}

function parsed(answer: unknown): SqlRow {
  return JSON.parse(answer as string) as SqlRow;
}

function recordOf(answer: unknown): SessionRecord | undefined {
  if (answer === null) return undefined;
  if (answer === STANDBY) throw standby();
  return unpackRow(parsed(answer));
}

function recordIn(answers: readonly unknown[]): SessionRecord | undefined {
  return recordOf(answers[0]);
}

function recordsIn(answers: readonly unknown[]): SessionRecord[] {
  return answers.map(recordOf).filter((record) => record !== undefined);
}
