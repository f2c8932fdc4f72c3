/** The statements that a store on one schema sends. Each is a transaction of its own, and none changes more than it says. */
import type { Statement } from '../sql/link.ts';
import { COLUMNS, ENDED, READ } from '../sql/row.ts';

/** A standby lags behind: it would answer with sessions that have ended. So each reading says who answers. */
const WHO = 'pg_is_in_recovery()';
/** In place of what was asked for. */
export const STANDBY = 'standby';

export interface Statements {
  readonly check: Statement;
  readonly insert: Statement;
  readonly read: Statement;
  readonly touch: Statement;
  readonly change: Statement;
  readonly admit: Statement;
  readonly epochOf: Statement;
  readonly raiseEpoch: Statement;
  readonly endBy: Statement;
  readonly listBy: Statement;
  readonly prune: Statement;
  readonly beat: Statement;
  readonly awaitChanges: Statement;
}

export function statementsOn(schema: string): Statements {
  const on = (name: string): string => `"${schema}".holdfast_${name}`;
  const list = (...values: readonly string[]): string => `json_build_array(${values.join(', ')})`;
  const columns = (names: readonly string[]): string => names.map((name) => `s.${name}`).join(', ');
  // As text: what becomes of JSON is else for the application to choose.
  const record = `${list(columns(READ), `CASE WHEN s.ended_at IS NOT NULL THEN ${list(columns(ENDED))} END`)}::text`;
  const read = (answer: string): string =>
    `SELECT CASE WHEN ${WHO} THEN '${STANDBY}' ELSE ${answer} END AS answer`;
  const applied = (values: string): string => `${list(values)}::text AS answer`;
  const values = COLUMNS.map((name, i) => (JSONB.has(name) ? `$${i + 1}::text::jsonb` : `$${i + 1}`)).join(
    ', ',
  );
  const texts: Record<keyof Statements, string> = {
    check: `SELECT ${list(WHO, 'version', 'serves', "current_setting('transaction_isolation')", "current_setting('server_encoding')")}::text AS answer FROM ${on('schema')}`,
    insert: `INSERT INTO ${on('sessions')} (${COLUMNS.join(', ')}) VALUES (${values}) ON CONFLICT DO NOTHING`,
    read: read(`(SELECT ${record} FROM ${on('sessions')} AS s WHERE s.id = $1)`),
    touch: `UPDATE ${on('sessions')} SET last_seen_at = $4 WHERE id = $1 AND epoch = $2 AND absolute_expires_at > $3 AND last_seen_at < $4 AND ended_at IS NULL RETURNING ${applied("'applied', false, NULL, secret_hash, renewal_salt, data_version")}`,
    change: `SELECT ${applied('status, renewed, ended, secret, salt, version')} FROM ${on('change')}($1, $2::text::jsonb)`,
    admit: `SELECT ${list('index_epoch', 'displaced::json')}::text AS answer FROM ${on('admit')}($1, $2, $3, $4, $5)`,
    epochOf: read(`(SELECT i.epoch::text FROM ${on('indexes')} AS i WHERE i.name = $1)`),
    raiseEpoch: `INSERT INTO ${on('indexes')} AS i (name, epoch) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET epoch = i.epoch + 1`,
    endBy: `SELECT ${on('end_by')}($1, $2::text::jsonb, $3)::text AS answer`,
    listBy: `${read(`CASE WHEN s.id IS NOT NULL THEN ${record} END`)} FROM (VALUES (1)) AS one LEFT JOIN (${on('index_members')} AS m JOIN ${on('sessions')} AS s ON s.id = m.session_id) ON m.name = $1 AND s.ended_at IS NULL AND s.indexes ? $1`,
    prune: `SELECT ${on('prune')}($1, $2)::text AS answer`,
    beat: `SELECT ${on('beat')}()`,
    awaitChanges: `SELECT ${on('await_changes')}()`,
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, { name: `holdfast.${schema}.${name}`, text }]),
  ) as unknown as Statements;
}

const JSONB: ReadonlySet<string> = new Set(['authentications', 'indexes', 'data', 'system_data']);
