/** The users that docs/howto/run-on-postgresql.md makes: each may do what is its own, and nothing else. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, postgresStore } from '../../src/stores/postgres/index.ts';
import { storeContract } from '../../src/testing/index.ts';
import { quietPool } from '../support/postgres/clients.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';

const HOW_TO = resolve(import.meta.dirname, '../../../../docs/howto/run-on-postgresql.md');
const schema = 'sessions';

/** As the how-to has them: before the tables are made, and after. */
function statements(): readonly string[] {
  const [, after = ''] = readFileSync(HOW_TO, 'utf8').split('\n## A user of few rights\n');
  const [, sql = ''] = /^```sql\n(.*?)^```$/ms.exec(after) ?? [];
  return sql.split(/^-- .*$/m);
}

/** A server of its own: users are of the whole server. */
let server: PostgresServer;
let owner: pg.Pool;
let pools: readonly [pg.Pool, pg.Pool];
beforeAll(async () => {
  server = await startPostgres();
  const as = (user: string): pg.Pool =>
    quietPool({ host: '127.0.0.1', port: server.port, user, database: 'postgres', max: 4 });
  const [before = '', after = ''] = statements();
  await server.query(before);
  owner = as('shop_owner');
  await migrate(owner, { schema });
  await server.query(after);
  pools = [as('shop'), as('shop')];
}, 60_000);
afterAll(async () => {
  await Promise.all([owner, ...(pools ?? [])].map((pool) => pool?.end()));
  await server?.stop();
});

const open = async () => {
  const [mine, theirs] = pools;
  return {
    store: postgresStore(mine, { schema }),
    another: async () => postgresStore(theirs, { schema }),
    async close() {
      for (const name of ['sessions', 'indexes', 'index_members'])
        await owner.query(`TRUNCATE ${schema}.holdfast_${name}`);
    },
  };
};

test('the user of the application is refused nothing that the store asks', async () => {
  for (const each of storeContract({ open, histories: 2 })) await each.run();
}, 60_000);

test('the other one can migrate tables that are there', () => migrate(owner, { schema }));

test.each([
  ['to make tables', () => migrate(pools[0], { schema: 'mine' })],
  ['to drop them', () => pools[0].query(`DROP TABLE ${schema}.holdfast_sessions`)],
  ['to change them', () => pools[0].query(`ALTER TABLE ${schema}.holdfast_sessions DROP COLUMN ip`)],
  ['to empty them at once', () => pools[0].query(`TRUNCATE ${schema}.holdfast_sessions`)],
  ['another version', () => pools[0].query(`UPDATE ${schema}.holdfast_schema SET version = 2`)],
  ['to forget that all were ended', () => pools[0].query(`DELETE FROM ${schema}.holdfast_indexes`)],
  ['passwords', () => pools[0].query('SELECT * FROM pg_authid')],
])('the user of the application is refused %s', async (_, act) => {
  await expect(act()).rejects.toThrow(/permission denied|must be owner/);
});
