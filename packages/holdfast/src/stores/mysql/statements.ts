/** The statements that a store on tables of one prefix sends. Each is a transaction of its own. */
import type { Statement } from '../sql/link.ts';
import { COLUMNS, ENDED, READ } from '../sql/row.ts';

/** A replica lags behind: it would answer with sessions that have ended. So each reading says who answers. */
const WHO = '@@global.read_only';
/** In place of what was asked for. */
export const REPLICA = 'replica';
/** No session, in place of one: an answer that is longer than the server may send comes as NULL. */
export const NONE = '';

const NUMBERS: ReadonlySet<string> = new Set([
  'renewed_at',
  'renewals',
  'incidents',
  'epoch',
  'created_at',
  'last_seen_at',
  'idle_timeout',
  'absolute_expires_at',
  'persistent',
  'data_version',
  'ended_at',
  'forget_at',
]);
const NUMBERS_OR_NULL: ReadonlySet<string> = new Set(['confirmed_at', 'last_incident_at']);
const JSON_COLUMNS: ReadonlySet<string> = new Set(['authentications', 'indexes', 'data', 'system_data']);

function jsonOf(column: string): string {
  const value = `s.${column}`;
  if (NUMBERS.has(column) || JSON_COLUMNS.has(column)) return value;
  return `IFNULL(${NUMBERS_OR_NULL.has(column) ? value : `JSON_QUOTE(${value})`}, 'null')`;
}

/** Of JSON that is kept as text, `JSON_ARRAY` would make text in JSON, to be parsed twice. */
function listOf(values: readonly string[]): string {
  return `CONCAT('[', CONCAT_WS(',', ${values.join(', ')}), ']')`;
}

export interface Statements {
  readonly check: Statement;
  readonly insert: Statement;
  readonly read: Statement;
  readonly touch: Statement;
  readonly write: Statement;
  readonly enter: Statement;
  readonly leave: Statement;
  readonly admissions: Statement;
  readonly epochOf: Statement;
  readonly raiseEpoch: Statement;
  readonly listBy: Statement;
  /** Takes an instant, and that many ids at most. */
  due(limit: number): Statement;
  remove(count: number): Statement;
  leaveAll(count: number): Statement;
}

export function statementsOn(prefix: string): Statements {
  const [schema, sessions, indexes, members] = ['schema', 'sessions', 'indexes', 'index_members'].map(
    (name) => `\`${prefix}${name}\``,
  );
  const on = (name: string, text: string): Statement => ({ name, text });
  const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
  // One column, as in PostgreSQL. Behind the record, its revision.
  const ended = `IF(s.ended_at IS NULL, 'null', ${listOf(ENDED.map(jsonOf))})`;
  const record = listOf([...READ.map(jsonOf), ended, 's.revision']);
  const read = `SELECT CASE WHEN ${WHO} <> 0 THEN '${REPLICA}' WHEN s.id IS NULL THEN '${NONE}' ELSE ${record} END`;
  const rest = COLUMNS.slice(1);
  return {
    check: on(
      'check',
      `SELECT ${WHO}, version, serves, @@sql_mode, @@autocommit, @@character_set_connection FROM ${schema}`,
    ),
    insert: on('insert', `INSERT INTO ${sessions} (${COLUMNS.join(', ')}) VALUES (${marks(COLUMNS.length)})`),
    // The table of one row is there to give one where there is no session.
    read: on(
      'read',
      `${read} FROM ${schema} AS one LEFT JOIN ${sessions} AS s ON s.id = ? WHERE one.one = 1`,
    ),
    touch: on(
      'touch',
      `UPDATE ${sessions} SET revision = revision + 1, last_seen_at = ? WHERE id = ? AND revision = ?`,
    ),
    write: on(
      'write',
      `UPDATE ${sessions} SET revision = revision + 1, ${rest.map((name) => `${name} = ?`).join(', ')} WHERE id = ? AND revision = ?`,
    ),
    enter: on(
      'enter',
      `INSERT INTO ${members} (name, session_id, admitted_at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE admitted_at = admitted_at`,
    ),
    leave: on('leave', `DELETE FROM ${members} WHERE name = ? AND session_id = ?`),
    admissions: on(
      'admissions',
      `SELECT m.session_id, m.admitted_at, s.id IS NOT NULL, s.ended_at, s.forget_at, s.indexes FROM ${members} AS m LEFT JOIN ${sessions} AS s ON s.id = m.session_id WHERE m.name = ?`,
    ),
    epochOf: on(
      'epochOf',
      `SELECT ${WHO}, i.epoch FROM ${schema} AS one LEFT JOIN ${indexes} AS i ON i.name = ? WHERE one.one = 1`,
    ),
    raiseEpoch: on(
      'raiseEpoch',
      `INSERT INTO ${indexes} (name, epoch) VALUES (?, 1) ON DUPLICATE KEY UPDATE epoch = epoch + 1`,
    ),
    listBy: on(
      'listBy',
      `${read} FROM ${schema} AS one LEFT JOIN (${members} AS m JOIN ${sessions} AS s ON s.id = m.session_id) ON m.name = ? AND s.ended_at IS NULL WHERE one.one = 1`,
    ),
    due: (limit) =>
      on('due', `SELECT id FROM ${sessions} WHERE forget_at <= ? ORDER BY forget_at LIMIT ${limit}`),
    remove: (count) =>
      on('remove', `DELETE FROM ${sessions} WHERE id IN (${marks(count)}) AND forget_at <= ?`),
    // What has been given more time since it was found due stays, and stays listed.
    leaveAll: (count) =>
      on(
        'leaveAll',
        `DELETE FROM ${members} WHERE session_id IN (${marks(count)}) AND NOT EXISTS (SELECT 1 FROM ${sessions} AS s WHERE s.id = session_id)`,
      ),
  };
}
