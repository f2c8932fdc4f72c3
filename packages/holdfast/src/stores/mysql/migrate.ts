/** Making the tables, and bringing them up to date. */
import { firstOf, nothing } from '../sql/link.ts';
import { noTables, refuseVersions, type TableVersions } from '../sql/versions.ts';
import { isMissing, linkTo, type MysqlClient, poolOf } from './client.ts';
import { MIGRATIONS } from './schema.ts';
import { statementsOn } from './statements.ts';

export interface MysqlMigrateOptions {
  /** What the names of Holdfast's tables begin with. Default `holdfast_`. */
  readonly prefix?: string;
}

/** How long a server waits for another one that migrates, in seconds. */
const PATIENCE = 60;

/**
 * Makes the tables that `mysqlStore` needs in the database of the connections, or brings those of an older release up to
 * date. Where they are, it changes nothing.
 *
 * Many servers may call it at once, at their start: one does it, and the others wait. Its user needs the right to create
 * tables; the store's own user needs only `SELECT`, `INSERT`, `UPDATE` and `DELETE` on them.
 *
 * @throws Error when a newer release has made tables that this one can not use.
 */
export async function migrate(client: MysqlClient, options: MysqlMigrateOptions = {}): Promise<void> {
  const prefix = prefixOf(options.prefix);
  const connection = await poolOf(client).getConnection();
  const send = linkTo(connection);
  const { check } = statementsOn(prefix);
  const lock = `SHA1(CONCAT(DATABASE(), '/${prefix}migrate'))`;
  try {
    const row = await send({ text: `SELECT GET_LOCK(${lock}, ${PATIENCE})` }, [], firstOf);
    if (Number(row?.[0]) !== 1) {
      throw new Error(`another server has been migrating the tables ${prefix}… for ${PATIENCE} seconds`);
    }
    try {
      for (const migration of MIGRATIONS.slice(await versionOf())) {
        for (const sql of migration) {
          await send({ text: sql.replaceAll('holdfast_', prefix) }, [], nothing);
        }
      }
    } finally {
      await send({ text: `SELECT RELEASE_LOCK(${lock})` }, [], nothing);
    }
    refuseOther((await send(check, [], firstOf)) ?? [], prefix);
  } finally {
    connection.release();
  }

  async function versionOf(): Promise<number> {
    try {
      return Number((await send(check, [], firstOf))?.[1] ?? 0);
    } catch (error) {
      if (isMissing(error)) return 0;
      throw error;
    }
  }
}

export function tablesOf(prefix: string): TableVersions {
  return { where: `${prefix}…`, subpath: 'holdfast/stores/mysql', needed: MIGRATIONS.length };
}

/** What the check found: throws where this release can not work on it. */
export function refuseOther(row: readonly unknown[], prefix: string): void {
  if (row.length === 0) throw noTables(tablesOf(prefix));
  const [isReplica, version, serves, mode, autocommit, charset] = row;
  if (Number(isReplica) !== 0) throw replica();
  refuseVersions(version, serves, tablesOf(prefix));
  if (!/STRICT_(TRANS|ALL)_TABLES/.test(String(mode))) {
    throw new Error(
      'the connections of this client cut off what is too long without a word; add STRICT_TRANS_TABLES to their sql_mode',
    );
  }
  if (Number(autocommit) !== 1) {
    throw new Error('the connections of this client commit nothing by themselves; leave autocommit on');
  }
  if (charset !== 'utf8mb4') {
    throw new Error(
      `the connections of this client send text as ${String(charset)}, which can not hold all of it; leave their charset at utf8mb4`,
    );
  }
}

export function replica(): Error {
  return new Error(
    'this server is read_only, a replica: it answers with sessions that have ended already; connect to the primary',
  );
}

/** @throws TypeError when it is no text that the name of a table can begin with */
export function prefixOf(prefix: string = 'holdfast_'): string {
  if (typeof prefix === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,39}$/.test(prefix)) return prefix;
  throw new TypeError(
    `mysqlStore: prefix is up to 40 letters, digits and underscores, not ${JSON.stringify(prefix)}`,
  );
}
