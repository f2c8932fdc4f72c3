import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { migrate, mysqlStore } from '../../src/stores/mysql/index.ts';
import { storeContract } from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { dropTables } from '../support/mysql/tables.ts';
import { sharedMysql, tablePrefix } from '../support/mysql/shared.ts';

describe('the store contract: mysql', () => {
  const histories = LONG ? 500 : 10;
  /** Two pools for all cases: each case has tables of its own. */
  let pools: readonly [mysql.Pool, mysql.Pool];
  beforeAll(async () => {
    const url = await sharedMysql();
    const open = () => mysql.createPool({ uri: url, connectionLimit: 4 });
    pools = [open(), open()];
  }, 60_000);
  afterAll(() => Promise.all((pools ?? []).map((pool) => pool.end())));

  const open = async () => {
    const prefix = tablePrefix();
    const [mine, theirs] = pools;
    await migrate(mine, { prefix });
    return {
      store: mysqlStore(mine, { prefix }),
      another: async () => mysqlStore(theirs, { prefix }),
      async raw() {
        const dumps = ['sessions', 'index_members'].map((name) =>
          theirs.query({ sql: `SELECT * FROM ${prefix}${name}`, rowsAsArray: true }),
        );
        return JSON.stringify((await Promise.all(dumps)).map(([rows]) => rows));
      },
      close: () => dropTables(theirs, prefix),
    };
  };
  for (const { name, run } of storeContract({ open, histories })) test(name, run);
});
