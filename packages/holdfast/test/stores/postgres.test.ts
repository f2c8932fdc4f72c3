import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { firstOf, nothing } from '../../src/stores/sql/link.ts';
import { linkTo } from '../../src/stores/postgres/client.ts';
import { MIGRATIONS } from '../../src/stores/postgres/schema.ts';
import { migrate, type PostgresClient, postgresStore } from '../../src/stores/postgres/index.ts';
import {
  end,
  idOf,
  sampleRecord,
  setting,
  START,
  update,
  userRecord,
} from '../../src/testing/contract/samples.ts';
import { type Connected, connections } from '../support/postgres/clients.ts';
import { schemaName, sharedPostgres } from '../support/postgres/shared.ts';

const MINUTE = 60_000;
const NEWEST = MIGRATIONS.length;
let url: string;
let admin: pg.Pool;
let schema: string;
beforeAll(async () => {
  url = await sharedPostgres();
  admin = new pg.Pool({ connectionString: url, max: 2 });
}, 60_000);
beforeEach(() => {
  schema = schemaName();
});
afterEach(async () => void (await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)));
afterAll(() => admin?.end());

async function rowsOf(sql: string): Promise<unknown[]> {
  return (await admin.query(sql)).rows;
}

describe.each(connections)('on $name', ({ connect }) => {
  let open: Connected[];
  beforeEach(() => {
    open = [];
  });
  afterEach(() => Promise.all(open.map(({ close }) => close())));
  function client(size?: number): PostgresClient {
    const connected = connect(url, size);
    open.push(connected);
    return connected.client;
  }

  test('ten servers that migrate at once make the tables once, and all go on', async () => {
    const clients = Array.from({ length: 10 }, () => client(1));
    await Promise.all(clients.map((each) => migrate(each, { schema })));
    expect(await rowsOf(`SELECT * FROM ${schema}.holdfast_schema`)).toEqual([{ version: NEWEST, serves: 1 }]);
    const stores = clients.map((each) => postgresStore(each, { schema }));
    await Promise.all(stores.map((store, i) => store.insert(sampleRecord(i))));
    expect((await stores[9]?.read(idOf(0)))?.id).toBe(idOf(0));
  });

  test('tables that are there are left as they are, with what is in them', async () => {
    const mine = client();
    await migrate(mine, { schema });
    await postgresStore(mine, { schema }).insert(sampleRecord());
    await migrate(mine, { schema });
    expect(await postgresStore(mine, { schema }).read(idOf('one'))).toEqual(sampleRecord());
  });

  test('a migration that fails leaves nothing behind, and the next one does it', async () => {
    const mine = client();
    await admin.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.holdfast_index_members (mine text)`);
    await expect(migrate(mine, { schema })).rejects.toThrow(/already exists/);
    const names = `SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`;
    expect(await rowsOf(names)).toEqual([{ tablename: 'holdfast_index_members' }]);
    await admin.query(`DROP TABLE ${schema}.holdfast_index_members`);
    await migrate(mine, { schema });
  });

  test('without tables a store says what to call, and works as soon as they are there', async () => {
    const mine = client();
    const store = postgresStore(mine, { schema });
    await expect(store.read(idOf('one'))).rejects.toThrow(/no tables in the schema .* call migrate\(\)/);
    await migrate(mine, { schema });
    expect(await store.read(idOf('one'))).toBeUndefined();
  });

  test('tables of an older release are refused until they are migrated', async () => {
    const mine = client();
    await migrate(mine, { schema });
    await admin.query(`UPDATE ${schema}.holdfast_schema SET version = ${NEWEST - 1}`);
    await expect(postgresStore(mine, { schema }).read(idOf('one'))).rejects.toThrow(
      /of version 0.*call migrate\(\)/,
    );
  });

  test('tables of a newer release are used where they still serve this one, and refused and not touched where not', async () => {
    const mine = client();
    await migrate(mine, { schema });
    await admin.query(`UPDATE ${schema}.holdfast_schema SET version = 99`);
    await migrate(mine, { schema });
    expect(await postgresStore(mine, { schema }).read(idOf('one'))).toBeUndefined();
    await admin.query(`UPDATE ${schema}.holdfast_schema SET serves = 98`);
    await expect(migrate(mine, { schema })).rejects.toThrow(/version 99, and this release knows up to/);
    await expect(postgresStore(mine, { schema }).read(idOf('one'))).rejects.toThrow(/upgrade holdfast/);
    expect(await rowsOf(`SELECT * FROM ${schema}.holdfast_schema`)).toEqual([{ version: 99, serves: 98 }]);
  });

  test('every touch is a heap-only update: no index is written to', async () => {
    // A database of its own: where another test has a transaction open, the room of earlier versions is not free yet.
    await admin.query(`CREATE DATABASE ${schema}`);
    const own = new URL(url);
    own.pathname = `/${schema}`;
    const { client: mine, close } = connect(own.href, 1);
    try {
      await migrate(mine);
      const store = postgresStore(mine);
      for (let i = 0; i < 40; i++) await store.insert(userRecord(i, 'alice'));
      for (let n = 1; n <= 5; n++) {
        for (let i = 0; i < 40; i++) {
          const { status } = await store.apply(idOf(i), update({ touch: START + n * 1000 }));
          expect(status).toBe('applied');
        }
      }
      const send = linkTo(mine);
      await send({ text: 'SELECT pg_stat_force_next_flush()' }, [], nothing);
      const text = `SELECT json_build_array(n_tup_upd, n_tup_hot_upd)::text AS answer FROM pg_stat_user_tables WHERE relname = 'holdfast_sessions'`;
      expect(await send({ text }, [], firstOf)).toBe('[200, 200]');
    } finally {
      await close();
      await admin.query(`DROP DATABASE ${schema}`);
    }
  });

  test('to prune a hundred sessions, or to end one, no table is read through', async () => {
    const mine = client(1);
    await migrate(mine, { schema });
    const store = postgresStore(mine, { schema });
    for (let i = 0; i < 110; i++) await store.insert(userRecord(i, `user-${i}`));
    await admin.query(`INSERT INTO ${schema}.holdfast_index_members (name, session_id, admitted_at)
      SELECT 'user:user-' || n, CASE WHEN n < 110 THEN (SELECT id FROM ${schema}.holdfast_sessions WHERE user_id = 'user-' || n) ELSE md5(n::text) END, 0
      FROM generate_series(0, 20000) AS n; ANALYZE ${schema}.holdfast_index_members, ${schema}.holdfast_sessions`);
    const send = linkTo(mine);
    const text = `SELECT json_build_array(seq_tup_read, heap_blks_hit + idx_blks_hit)::text AS answer
      FROM pg_stat_user_tables JOIN pg_statio_user_tables USING (relid)
      WHERE pg_stat_user_tables.schemaname = '${schema}' AND pg_stat_user_tables.relname = 'holdfast_index_members'`;
    const looked = async (): Promise<number[]> => {
      await send({ text: 'SELECT pg_stat_force_next_flush()' }, [], nothing);
      return JSON.parse((await send({ text }, [], firstOf)) as string) as number[];
    };
    const [read = 0, pages = 0] = await looked();
    expect((await store.apply(idOf(109), { end: end() })).status).toBe('applied');
    expect(await store.prune(START * 2, 100)).toBe(100);
    const [readAfter = 0, pagesAfter = 0] = await looked();
    expect(readAfter - read).toBe(0);
    // Three pages of the index and one of the table for each, and what else a deletion takes.
    expect(pagesAfter - pages).toBeLessThan(101 * 10);
  });

  test('only one server prunes at a time, and what somebody is at work on is left for later', async () => {
    const mine = client();
    await migrate(mine, { schema });
    const store = postgresStore(mine, { schema });
    for (let i = 0; i < 3; i++) await store.insert(userRecord(i, 'alice'));
    const other = await admin.connect();
    try {
      await other.query(`BEGIN; SELECT FROM ${schema}.holdfast_sessions WHERE id = '${idOf(1)}' FOR UPDATE`);
      expect(await store.prune(START + 9 * 60 * MINUTE, 10)).toBe(2);
      await other.query(`ROLLBACK; BEGIN; SELECT ${schema}.holdfast_prune(0, 10)`);
      expect(await store.prune(START + 9 * 60 * MINUTE, 10)).toBe(0);
      await other.query('COMMIT');
      expect(await store.prune(START + 9 * 60 * MINUTE, 10)).toBe(1);
    } finally {
      other.release();
    }
  });

  test('a statement that the server has discarded is sent all the same', async () => {
    const mine = client(1);
    await migrate(mine, { schema });
    const store = postgresStore(mine, { schema });
    await store.insert(sampleRecord());
    await store.read(idOf('one'));
    await linkTo(mine)({ text: 'DISCARD ALL' }, [], nothing);
    expect(await store.read(idOf('one'))).toEqual(sampleRecord());
    expect((await store.apply(idOf('one'), setting({ a: '1' }))).status).toBe('applied');
  });

  test('a damaged row is a fault of that session alone, and not a missing one', async () => {
    const mine = client();
    await migrate(mine, { schema });
    const store = postgresStore(mine, { schema });
    await store.insert(sampleRecord());
    await admin.query(`UPDATE ${schema}.holdfast_sessions SET data = '{"a":"b"}', user_id = E'\\x01{'`);
    await expect(store.read(idOf('one'))).rejects.toBeInstanceOf(SyntaxError);
  });

  test('connections at another isolation level are refused', async () => {
    await migrate(client(), { schema });
    const strict = connect(`${url}?options=-c%20default_transaction_isolation%3Dserializable`);
    open.push(strict);
    // postgres.js takes no `options` from a URL.
    if (!('totalCount' in strict.client)) return;
    await expect(postgresStore(strict.client, { schema }).read(idOf('one'))).rejects.toThrow(
      /isolation level serializable/,
    );
  });

  test('every session of an index ends in one transaction: half of them never', async () => {
    const mine = client();
    await migrate(mine, { schema });
    const store = postgresStore(mine, { schema });
    for (const i of [1, 2, 3]) {
      await store.admit('user:alice', idOf(i), START);
      await store.insert(userRecord(i, 'alice'));
    }
    await admin.query(`
      CREATE FUNCTION ${schema}.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;
      CREATE TRIGGER broken BEFORE UPDATE ON ${schema}.holdfast_sessions FOR EACH ROW
        WHEN (OLD.id = '${idOf(2)}') EXECUTE FUNCTION ${schema}.broken()`);
    await expect(store.endBy('user:alice', end('revoked'))).rejects.toThrow('disk full');
    expect((await store.listBy('user:alice')).length).toBe(3);
    // A sign-in that is under way finds that somebody wanted them ended.
    expect(await store.epochOf('user:alice')).toBe(1);
    await admin.query(`DROP TRIGGER broken ON ${schema}.holdfast_sessions`);
    expect(await store.endBy('user:alice', end('revoked'))).toBe(3);
  });
});

test('the package brings each migration as a file', async () => {
  for (const [i, sql] of MIGRATIONS.entries()) {
    const name = `${String(i + 1).padStart(3, '0')}.sql`;
    await expect(sql).toMatchFileSnapshot(`../../sql/postgres/${name}`);
  }
  const file = await readFile(new URL('../../sql/postgres/001.sql', import.meta.url), 'utf8');
  await admin.query(`BEGIN; CREATE SCHEMA ${schema}; ${file.replaceAll('public.', `${schema}.`)} COMMIT`);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const store = postgresStore(pool, { schema });
  await store.insert(sampleRecord());
  expect((await store.apply(idOf('one'), setting({ a: '1' }))).status).toBe('applied');
  await pool.end();
});

describe('misuse', () => {
  test.each([
    undefined,
    null,
    'postgres://localhost',
    {},
    () => undefined,
    new pg.Client(),
  ])('%o is no client', (client) => {
    expect(() => postgresStore(client as unknown as PostgresClient)).toThrow(/^postgresStore: pass a client/);
    expect(() => postgresStore(client as unknown as PostgresClient)).toThrow(TypeError);
  });

  test.each([
    '',
    'a b',
    'a"; DROP TABLE users; --',
    'ä',
    'a'.repeat(41),
    5,
  ])('%j is no schema', async (name) => {
    const pool = new pg.Pool();
    const options = { schema: name as string };
    expect(() => postgresStore(pool, options)).toThrow(TypeError);
    expect(() => postgresStore(pool, options)).toThrow(/^postgresStore: schema/);
    await expect(migrate(pool, options)).rejects.toThrow(TypeError);
  });
});
