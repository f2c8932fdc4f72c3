import mysql from 'mysql2/promise';
import { migrate, mysqlStore } from '../../../packages/holdfast/src/stores/mysql/index.ts';
import { statementsOn } from '../../../packages/holdfast/src/stores/mysql/statements.ts';
import { COLUMNS } from '../../../packages/holdfast/src/stores/sql/row.ts';
import { startMariadb } from '../../../packages/holdfast/test/support/mysql/server.ts';
import { cpuOf, EXPIRES_AT, type Place, recordAt, SEEN_AT, SESSIONS_EACH } from './place.ts';

const ID = "LEFT(REPLACE(REPLACE(TO_BASE64(UNHEX(MD5(n.seq))), '+', '-'), '/', '_'), 22)";
const USER = `CONCAT('user-', n.seq DIV ${SESSIONS_EACH})`;
const OVER: Readonly<Record<string, string>> = {
  id: ID,
  user_id: USER,
  indexes: `CONCAT('["user:', ${USER}, '"]')`,
  absolute_expires_at: `${EXPIRES_AT} + n.seq`,
  forget_at: `${EXPIRES_AT} + n.seq`,
};

export async function startMariadbPlace(): Promise<Place> {
  const server = await startMariadb({
    settings: { 'innodb-buffer-pool-size': '2G', 'innodb-log-file-size': '1G' },
  });
  const pools: mysql.Pool[] = [];
  const connect = (): mysql.Pool => {
    const pool = mysql.createPool({ uri: server.url, connectionLimit: 1 });
    pools.push(pool);
    return pool;
  };
  const pool = connect();
  await migrate(pool);
  const store = mysqlStore(pool);
  const { touch } = statementsOn('holdfast_');
  const values = ['first', 'one', 'was'];
  let i = 0;
  // Outside a transaction, each statement of a procedure is one.
  await pool.query(`CREATE PROCEDURE touch_sessions(first BIGINT) BEGIN
    DECLARE one VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
    DECLARE was BIGINT;
    FOR row IN (SELECT id, revision FROM holdfast_sessions ORDER BY RAND()) DO
      SET one = row.id, was = row.revision;
      ${touch.text.replaceAll('?', () => values[i++] ?? '')};
    END FOR;
  END`);
  const [[{ version } = { version: '' }]] = (await pool.query('SELECT VERSION() AS version')) as unknown as [
    { version: string }[],
  ];

  return {
    name: 'MariaDB',
    version: version.replace(/-.*/, ''),
    store,
    another: () => mysqlStore(connect()),
    async fill(from, to) {
      await store.insert({ ...recordAt(0), id: 'template' });
      const columns = COLUMNS.map((name) => OVER[name] ?? `t.${name}`).join(', ');
      const numbers = `seq_${from}_to_${to - 1} AS n`;
      await pool.query(
        `INSERT INTO holdfast_sessions (${COLUMNS.join(', ')}) SELECT ${columns} FROM holdfast_sessions AS t JOIN ${numbers} WHERE t.id = 'template'`,
      );
      await pool.query(
        `INSERT INTO holdfast_index_members (name, session_id, admitted_at) SELECT CONCAT('user:', ${USER}), ${ID}, ${SEEN_AT} FROM ${numbers}`,
      );
      await pool.query(`DELETE FROM holdfast_sessions WHERE id = 'template'`);
    },
    touchAll: async (at) => void (await pool.query(`CALL touch_sessions(${at})`)),
    settle: async () => void (await pool.query('ANALYZE TABLE holdfast_sessions, holdfast_index_members')),
    async sizes() {
      await pool.query('ANALYZE TABLE holdfast_sessions, holdfast_index_members');
      const rows = (await server.query(
        `SELECT table_name AS name, index_name = 'PRIMARY' AS is_table, stat_value * @@innodb_page_size AS bytes
         FROM mysql.innodb_index_stats WHERE database_name = DATABASE() AND stat_name = 'size'`,
      )) as readonly { name: string; is_table: number; bytes: string }[];
      const sum = (isOne: (row: (typeof rows)[0]) => boolean): number =>
        rows.filter(isOne).reduce((all, { bytes }) => all + Number(bytes), 0);
      return {
        sessions: sum(({ name, is_table: isTable }) => name === 'holdfast_sessions' && isTable === 1),
        indexes: sum(({ name, is_table: isTable }) => name === 'holdfast_sessions' && isTable !== 1),
        members: sum(({ name }) => name === 'holdfast_index_members'),
      };
    },
    async work() {
      const [row] = await server.query("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_read_requests'");
      return { cpu: await cpuOf([server.pid]), pages: Number(row?.['Value']) };
    },
    async stop() {
      await Promise.all(pools.map((each) => each.end()));
      await server.stop();
    },
  };
}
