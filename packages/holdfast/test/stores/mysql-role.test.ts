/** The users that docs/howto/run-on-mysql.md makes: each may do what is its own, and nothing else. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/stores/mysql/schema.ts';
import { migrate, mysqlStore } from '../../src/stores/mysql/index.ts';
import { storeContract } from '../../src/testing/index.ts';
import { type MariadbServer, startMariadb } from '../support/mysql/server.ts';

const HOW_TO = resolve(import.meta.dirname, '../../../../docs/howto/run-on-mysql.md');
const TABLES = ['schema', 'sessions', 'indexes', 'index_members'] as const;

/** As the how-to has them. */
function statementsOf(heading: string): readonly string[] {
  const [, after = ''] = readFileSync(HOW_TO, 'utf8').split(`\n## ${heading}\n`);
  const [, sql = ''] = /^```sql\n(.*?)^```$/ms.exec(after) ?? [];
  return sql
    .replaceAll(/^--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter(Boolean);
}

/** A server of its own: users are of the whole server. */
let server: MariadbServer;
let admin: mysql.Pool;
let pools: readonly [mysql.Pool, mysql.Pool];
let owner: mysql.Pool;
beforeAll(async () => {
  server = await startMariadb();
  admin = mysql.createPool({ uri: server.url, connectionLimit: 1 });
  const as = (user: string, password: string): mysql.Pool =>
    mysql.createPool({ uri: server.url, user, password, database: 'shop', connectionLimit: 4 });
  // With the tables in place, as grants of single tables want them on MySQL.
  for (const sql of statementsOf('A user of few rights')) {
    if (sql.includes('ON shop.holdfast_schema'))
      await migrate((owner = as('shop_owner', 'another-long-password')));
    await admin.query(sql);
  }
  pools = [as('shop', 'a-long-password'), as('shop', 'a-long-password')];
}, 60_000);
afterAll(async () => {
  await Promise.all([admin, owner, ...(pools ?? [])].map((pool) => pool?.end()));
  await server?.stop();
});

async function empty(): Promise<void> {
  for (const name of TABLES.slice(1)) await admin.query(`DELETE FROM shop.holdfast_${name}`);
}

const open = async () => {
  const [mine, theirs] = pools;
  return { store: mysqlStore(mine), another: async () => mysqlStore(theirs), close: empty };
};

test('the user of the application is refused nothing that the store asks', async () => {
  for (const each of storeContract({ open, histories: 2 })) await each.run();
}, 60_000);

test('the other one can migrate tables that are there', async () => {
  await migrate(owner);
  const [rows] = await owner.query('SELECT version FROM holdfast_schema');
  expect(rows).toEqual([{ version: MIGRATIONS.length }]);
});

test.each([
  ['to make tables', () => migrate(pools[0], { prefix: 'mine_' })],
  ['to drop them', () => pools[0].query('DROP TABLE holdfast_sessions')],
  ['to change them', () => pools[0].query('ALTER TABLE holdfast_sessions DROP COLUMN ip')],
  ['to empty them at once', () => pools[0].query('TRUNCATE holdfast_sessions')],
  ['another version', () => pools[0].query('UPDATE holdfast_schema SET version = 2')],
  ['to forget that all were ended', () => pools[0].query('DELETE FROM holdfast_indexes')],
  ['other tables', () => pools[0].query('SELECT * FROM mysql.user')],
  ['the settings', () => pools[0].query('SET GLOBAL read_only = 1')],
  ['files', () => pools[0].query("SELECT id FROM holdfast_sessions INTO OUTFILE '/tmp/holdfast-ids'")],
])('the user of the application is refused %s', async (_, act) => {
  await expect(act()).rejects.toThrow(/denied/);
});
