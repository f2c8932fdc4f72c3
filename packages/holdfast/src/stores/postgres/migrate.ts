/** Making the tables, and bringing them up to date. */
import { firstOf, nothing, type SqlRow } from '../sql/link.ts';
import { refuseVersions, type TableVersions } from '../sql/versions.ts';
import { codeOf, linkTo, type PostgresClient } from './client.ts';
import { MIGRATIONS } from './schema.ts';
import { statementsOn } from './statements.ts';

export interface PostgresMigrateOptions {
  /** The schema that holds Holdfast's tables and functions. It is made where there is none. Default `public`. */
  readonly schema?: string;
}

const MISSING_TABLE = '42P01';
const MISSING_SCHEMA = '3F000';

/**
 * Makes the tables and functions that `postgresStore` needs, or brings those of an older release up to date. Where they are,
 * it changes nothing.
 *
 * Many servers may call it at once, at their start: one does it, in one transaction, and the others wait. Its user needs the
 * right to create what it makes; the store's own user needs only `SELECT`, `INSERT`, `UPDATE` and `DELETE` on the tables, and
 * `EXECUTE` on the functions.
 *
 * @throws Error when a newer release has made tables that this one can not use.
 */
export async function migrate(client: PostgresClient, options: PostgresMigrateOptions = {}): Promise<void> {
  const schema = schemaOf(options.schema);
  const send = linkTo(client);
  const steps = migrationsOf(schema).map(
    (sql, i) => `IF done < ${i + 1} THEN EXECUTE $sql$${sql}$sql$; END IF;`,
  );
  const text = `DO $migrate$
DECLARE
  done integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(1751083108, hashtext('${schema}.migrate'));
  IF to_regnamespace('"${schema}"') IS NULL THEN
    CREATE SCHEMA "${schema}";
  END IF;
  IF to_regclass('"${schema}".holdfast_schema') IS NOT NULL THEN
    SELECT version INTO done FROM "${schema}".holdfast_schema;
  END IF;
  ${steps.join('\n')}
END $migrate$`;
  await send({ name: `holdfast.${schema}.migrate`, text }, [], nothing);
  refuseOther(await send(statementsOn(schema).check, [], firstOf), schema);
}

function migrationsOf(schema: string): readonly string[] {
  // Names of tables and functions, and then those of locks and of the channel, which are text.
  return MIGRATIONS.map((sql) =>
    sql.replaceAll('public.holdfast_', `"${schema}".holdfast_`).replaceAll('public.', `${schema}.`),
  );
}

export function tablesIn(schema: string): TableVersions {
  return {
    where: `in the schema "${schema}"`,
    subpath: 'holdfast/stores/postgres',
    needed: MIGRATIONS.length,
  };
}

/** What the check found: throws where this release can not work on it. */
export function refuseOther(answer: unknown, schema: string): void {
  const row = answer === undefined ? [] : (JSON.parse(answer as string) as SqlRow);
  const [isStandby, version, serves, isolation, encoding] = row;
  if (isStandby === true) throw standby();
  refuseVersions(version, serves, tablesIn(schema));
  if (isolation !== 'read committed') {
    throw new Error(
      `the connections of this client begin at isolation level ${String(isolation)}, at which changes of one session fail each other; give it connections with default_transaction_isolation = 'read committed'`,
    );
  }
  if (encoding !== 'UTF8') {
    throw new Error(
      `this database is encoded in ${String(encoding)}, which can not hold all text; use one in UTF8`,
    );
  }
}

export function standby(): Error {
  return new Error(
    'this PostgreSQL is a standby, which answers with sessions that have ended already; connect to the primary',
  );
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === MISSING_TABLE || codeOf(error) === MISSING_SCHEMA;
}

/** @throws TypeError when it is no name that can stand in each statement, and in the name of a channel */
export function schemaOf(name: string = 'public'): string {
  if (typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,39}$/.test(name)) return name;
  throw new TypeError(
    `postgresStore: schema is a name of up to 40 letters, digits and underscores, not ${JSON.stringify(name)}`,
  );
}
