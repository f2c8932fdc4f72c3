import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { migrate, postgresStore } from '../../../packages/holdfast/src/stores/postgres/index.ts';
import { statementsOn } from '../../../packages/holdfast/src/stores/postgres/statements.ts';
import { COLUMNS } from '../../../packages/holdfast/src/stores/sql/row.ts';
import { quietPool } from '../../../packages/holdfast/test/support/postgres/clients.ts';
import { startPostgres } from '../../../packages/holdfast/test/support/postgres/server.ts';
import { cpuOf, EXPIRES_AT, type Place, recordAt, SEEN_AT, SESSIONS_EACH, type Sizes } from './place.ts';

/** The table, and the statements, of connect-pg-simple 10, by its source: its `touch` writes a column that an index has. */
export interface Peer {
  fill(to: number): Promise<void>;
  touchAll(pass: number): Promise<void>;
  sizes(): Promise<Sizes>;
  hot(): Promise<number>;
}

export interface PostgresPlace extends Place {
  readonly peer: Peer;
  /** The share of updates that touched no index, in percent. */
  hot(): Promise<number>;
}

const ID = "left(translate(encode(decode(md5(n::text), 'hex'), 'base64'), '+/', '-_'), 22)";
const INDEX = `'user:user-' || n / ${SESSIONS_EACH}`;
const OVER: Readonly<Record<string, string>> = {
  id: ID,
  user_id: `'user-' || n / ${SESSIONS_EACH}`,
  indexes: `jsonb_build_array(${INDEX})`,
  absolute_expires_at: `${EXPIRES_AT} + n`,
  forget_at: `${EXPIRES_AT} + n`,
};
const PEER_TABLES = `
CREATE TABLE session (sid varchar NOT NULL COLLATE "default" PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL);
CREATE INDEX idx_session_expire ON session (expire)`;
const PEER_TOUCH = 'UPDATE session SET expire = to_timestamp($1) WHERE sid = $2 RETURNING sid';

export async function startPostgresPlace(): Promise<PostgresPlace> {
  const server = await startPostgres({ settings: { shared_buffers: '2GB', max_wal_size: '8GB' } });
  const pools: pg.Pool[] = [];
  const connect = (): pg.Pool => {
    const pool = quietPool({ connectionString: server.url, max: 1 });
    pools.push(pool);
    return pool;
  };
  const pool = connect();
  await migrate(pool);
  await pool.query(PEER_TABLES);
  // It would come when it likes: until `unattended`, it is called instead.
  const autovacuum = async (is: 'on' | 'off'): Promise<void> => {
    for (const table of ['holdfast_sessions', 'holdfast_index_members', 'session']) {
      await pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = ${is})`);
    }
  };
  await autovacuum('off');
  const store = postgresStore(pool);

  /**
   * A procedure that touches each session once, two hundred by one statement: that of one session, for many of them. It commits
   * after each, so that what a session was before the last pass may be cleared away.
   */
  async function makeTouching(name: string, by: string, table: string, touch: string): Promise<void> {
    await pool.query(`CREATE PROCEDURE ${name}(value bigint) LANGUAGE plpgsql AS $body$
      DECLARE these text[];
      BEGIN
        FOR these IN
          SELECT array_agg(key) FROM (SELECT ${by} AS key, row_number() OVER (ORDER BY random()) AS n FROM ${table}) AS shuffled
          GROUP BY n / 200 ORDER BY n / 200
        LOOP
          ${touch};
          COMMIT;
        END LOOP;
      END $body$`);
  }
  function forMany(touch: string, one: string, value: (i: number) => string): string {
    if (!touch.includes(one)) throw new Error(`another touch: ${touch}`);
    return touch
      .replace(one, one.replace(/\$\d/, 'ANY (these)'))
      .replace(/ RETURNING .*/, '')
      .replaceAll(/\$(\d)/g, (_, i: string) => value(Number(i)));
  }
  const { touch } = statementsOn('public');
  await makeTouching(
    'touch_sessions',
    'id',
    'holdfast_sessions',
    forMany(touch.text, 'id = $1', (i) => (i === 2 ? '1' : 'value')),
  );
  // Those of one minute have each second of it.
  const moment = 'value + (random() * 59)::integer';
  await makeTouching(
    'touch_theirs',
    'sid',
    'session',
    forMany(PEER_TOUCH, 'sid = $2', () => moment),
  );

  async function bytes(what: string): Promise<number> {
    const { rows } = await pool.query<{ bytes: string }>(`SELECT ${what} AS bytes`);
    return Number(rows[0]?.bytes);
  }
  async function hotOf(table: string): Promise<number> {
    await pool.query('SELECT pg_stat_force_next_flush()');
    const [row] = await server.query(
      `SELECT 100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0) AS share FROM pg_stat_user_tables WHERE relname = '${table}'`,
    );
    return Number(row?.['share']);
  }
  const [{ server_version: version } = { server_version: '' }] = (
    await pool.query<{ server_version: string }>('SHOW server_version')
  ).rows;

  return {
    name: 'PostgreSQL',
    version,
    store,
    another: () => postgresStore(connect()),
    async fill(from, to) {
      await store.insert({ ...recordAt(0), id: 'template' });
      const columns = COLUMNS.map((name) => OVER[name] ?? `t.${name}`).join(', ');
      await pool.query(
        `INSERT INTO holdfast_sessions (${COLUMNS.join(', ')}) SELECT ${columns} FROM holdfast_sessions AS t, generate_series(${from}, ${to - 1}) AS n WHERE t.id = 'template'`,
      );
      await pool.query(
        `INSERT INTO holdfast_index_members (name, session_id, admitted_at) SELECT ${INDEX}, ${ID}, ${SEEN_AT} FROM generate_series(${from}, ${to - 1}) AS n`,
      );
      await pool.query(`DELETE FROM holdfast_sessions WHERE id = 'template'`);
    },
    touchAll: async (at) => void (await pool.query(`CALL touch_sessions(${at})`)),
    unattended: () => autovacuum('on'),
    settle: async () =>
      void (await pool.query('VACUUM ANALYZE holdfast_sessions, holdfast_index_members, session')),
    sizes: async () => ({
      sessions: await bytes(`pg_table_size('holdfast_sessions')`),
      indexes: await bytes(`pg_indexes_size('holdfast_sessions')`),
      members: await bytes(`pg_total_relation_size('holdfast_index_members')`),
    }),
    hot: () => hotOf('holdfast_sessions'),
    async work() {
      await pool.query('SELECT pg_stat_force_next_flush()');
      const [row] = await server.query(
        'SELECT sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit) AS pages FROM pg_statio_user_tables',
      );
      const children = await readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').catch(
        () => '',
      );
      const pids = [server.pid, ...children.split(' ').filter(Boolean).map(Number)];
      return { cpu: await cpuOf(pids), pages: Number(row?.['pages']) };
    },
    async stop() {
      await Promise.all(pools.map((each) => each.end()));
      await server.stop();
    },
    peer: {
      async fill(to) {
        const { userId, client, data } = recordAt(0);
        const cookie = {
          originalMaxAge: 28_800_000,
          expires: '2026-11-22T00:00:00.000Z',
          secure: true,
          httpOnly: true,
          path: '/',
          sameSite: 'lax',
        };
        const keys = Object.fromEntries([...data].map(([key, { value }]) => [key, JSON.parse(value)]));
        const sess = JSON.stringify({ cookie, userId, ...client, ...keys });
        await pool.query({
          text: `INSERT INTO session (sess, expire, sid) SELECT replace($1, '"user-0"', '"user-' || n / ${SESSIONS_EACH} || '"')::json, to_timestamp($2 + n / ${to}.0 * 28800), md5(n::text) FROM generate_series(0, ${to - 1}) AS n`,
          values: [sess, Math.floor(EXPIRES_AT / 1_000)],
        });
      },
      touchAll: async (pass) =>
        void (await pool.query(`CALL touch_theirs(${Math.floor(EXPIRES_AT / 1_000) + 28_800 + 60 * pass})`)),
      sizes: async () => ({
        sessions: await bytes(`pg_table_size('session')`),
        indexes: await bytes(`pg_indexes_size('session')`),
        members: 0,
      }),
      hot: () => hotOf('session'),
    },
  };
}
