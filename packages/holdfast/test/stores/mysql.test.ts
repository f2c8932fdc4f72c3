import callbacks from 'mysql2';
import mysql from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MysqlClient, migrate, mysqlStore } from '../../src/stores/mysql/index.ts';
import { MIGRATIONS } from '../../src/stores/mysql/schema.ts';
import {
  end,
  idOf,
  sampleRecord,
  setting,
  START,
  update,
  userRecord,
} from '../../src/testing/contract/samples.ts';
import { atCommands } from '../interleavings/gate.ts';
import { dropTables } from '../support/mysql/tables.ts';
import { sharedMysql, tablePrefix } from '../support/mysql/shared.ts';

const NEWEST = MIGRATIONS.length;
let url: string;
let admin: mysql.Pool;
let prefix: string;
let pools: mysql.Pool[];
beforeAll(async () => {
  url = await sharedMysql();
  admin = mysql.createPool({ uri: url, connectionLimit: 2 });
}, 60_000);
beforeEach(() => {
  prefix = tablePrefix();
  pools = [];
});
afterEach(async () => {
  await Promise.all(pools.map((each) => each.end()));
  await dropTables(admin, prefix);
});
afterAll(() => admin?.end());

function pool(options: mysql.PoolOptions = {}): mysql.Pool {
  const opened = mysql.createPool({ uri: url, connectionLimit: 2, ...options });
  pools.push(opened);
  return opened;
}

async function rowsOf(sql: string): Promise<unknown> {
  return (await admin.query(sql))[0];
}

describe('the tables', () => {
  test('ten servers that migrate at once make the tables once, and all go on', async () => {
    const all = Array.from({ length: 10 }, () => pool());
    await Promise.all(all.map((each) => migrate(each, { prefix })));
    expect(await rowsOf(`SELECT * FROM ${prefix}schema`)).toEqual([{ one: 1, version: NEWEST, serves: 1 }]);
    const stores = all.map((each) => mysqlStore(each, { prefix }));
    await Promise.all(stores.map((store, i) => store.insert(sampleRecord(i))));
    expect((await stores[9]?.read(idOf(0)))?.id).toBe(idOf(0));
  });

  test('that are there are left as they are, with what is in them', async () => {
    await migrate(admin, { prefix });
    await mysqlStore(admin, { prefix }).insert(sampleRecord());
    await migrate(admin, { prefix });
    expect(await mysqlStore(admin, { prefix }).read(idOf('one'))).toEqual(sampleRecord());
  });

  test('whose making was cut short are not used, and are made at the next try', async () => {
    await admin.query(`CREATE TABLE ${prefix}indexes (mine INT)`);
    const broken = (MIGRATIONS[0] ?? []).slice(0, 2).map((sql) => sql.replaceAll('holdfast_', prefix));
    for (const sql of broken) await admin.query(sql);
    await expect(mysqlStore(admin, { prefix }).read(idOf('one'))).rejects.toThrow(/call migrate\(\)/);
    await admin.query(`DROP TABLE ${prefix}indexes`);
    await migrate(admin, { prefix });
    expect(await mysqlStore(admin, { prefix }).read(idOf('one'))).toBeUndefined();
  });

  test('are missed by a store, which says what to call and works as soon as they are there', async () => {
    const store = mysqlStore(admin, { prefix });
    await expect(store.read(idOf('one'))).rejects.toThrow(/there are no tables .* call migrate\(\)/);
    await migrate(admin, { prefix });
    expect(await store.read(idOf('one'))).toBeUndefined();
  });

  test('of an older release are refused until they are migrated', async () => {
    await migrate(admin, { prefix });
    await admin.query(`UPDATE ${prefix}schema SET version = ${NEWEST - 1}`);
    await expect(mysqlStore(admin, { prefix }).read(idOf('one'))).rejects.toThrow(
      /of version 0.*call migrate\(\)/,
    );
  });

  test('of a newer release are used where they still serve this one, and refused and not touched where not', async () => {
    await migrate(admin, { prefix });
    await admin.query(`UPDATE ${prefix}schema SET version = 99`);
    await migrate(admin, { prefix });
    expect(await mysqlStore(admin, { prefix }).read(idOf('one'))).toBeUndefined();
    await admin.query(`UPDATE ${prefix}schema SET serves = 98`);
    await expect(migrate(admin, { prefix })).rejects.toThrow(/version 99, and this release knows up to/);
    await expect(mysqlStore(admin, { prefix }).read(idOf('one'))).rejects.toThrow(/upgrade holdfast/);
    expect(await rowsOf(`SELECT * FROM ${prefix}schema`)).toEqual([{ one: 1, version: 99, serves: 98 }]);
  });

  test('are in the package as files', async () => {
    for (const [i, statements] of MIGRATIONS.entries()) {
      const name = `${String(i + 1).padStart(3, '0')}.sql`;
      await expect(`${statements.join(';\n\n')};\n`).toMatchFileSnapshot(`../../sql/mysql/${name}`);
    }
  });
});

describe('text is compared byte by byte', () => {
  test('ids that differ in case, or by a space at the end, are different sessions', async () => {
    await migrate(admin, { prefix });
    const store = mysqlStore(admin, { prefix });
    const [lower, upper] = [idOf('one'), idOf('ONE')];
    await store.insert(sampleRecord('one'));
    expect(await store.read(upper)).toBeUndefined();
    expect(await store.read(`${lower} `)).toBeUndefined();
    expect((await store.apply(`${lower} `, { end: end() })).status).toBe('gone');
    await store.insert(sampleRecord('ONE'));
    expect((await store.read(upper))?.id).toBe(upper);
  });

  test('a name that is too long is refused, not cut off', async () => {
    await migrate(admin, { prefix });
    const store = mysqlStore(admin, { prefix });
    const name = `user:${'a'.repeat(3000)}`;
    await expect(store.admit(name, idOf('one'), START)).rejects.toThrow(/too long/i);
    await expect(store.endBy(name, end())).rejects.toThrow(/too long/i);
  });
});

describe('connections', () => {
  test.each([
    [{ charset: 'latin1_swedish_ci' }, /send text as latin1/],
    [{ flags: [] }, undefined],
    [{ flags: ['-FOUND_ROWS'] }, undefined],
    [{ supportBigNumbers: true, bigNumberStrings: true }, undefined],
    [{ namedPlaceholders: true, dateStrings: true, decimalNumbers: true }, undefined],
  ])('with %j', async (options, problem) => {
    await migrate(admin, { prefix });
    const store = mysqlStore(pool(options), { prefix });
    if (problem) {
      await expect(store.read(idOf('one'))).rejects.toThrow(problem);
      return;
    }
    await store.insert(userRecord('one', 'alice'));
    expect(await store.read(idOf('one'))).toEqual(userRecord('one', 'alice'));
    expect((await store.apply(idOf('one'), update({ touch: START + 1 }))).status).toBe('applied');
    expect((await store.apply(idOf('one'), setting({ a: '1' }))).status).toBe('applied');
    expect((await store.read(idOf('one')))?.lastSeenAt).toBe(START + 1);
  });

  test.each([
    ["SET SESSION sql_mode = ''", /cut off what is too long/],
    ['SET SESSION autocommit = 0', /commit nothing by themselves/],
  ])('after %s are refused', async (sql, problem) => {
    await migrate(admin, { prefix });
    const mine = pool({ connectionLimit: 1 });
    await mine.query(sql);
    await expect(mysqlStore(mine, { prefix }).read(idOf('one'))).rejects.toThrow(problem);
  });

  test('of the package with callbacks are as good', async () => {
    await migrate(admin, { prefix });
    const mine = callbacks.createPool({ uri: url, connectionLimit: 1 });
    const store = mysqlStore(mine, { prefix });
    await store.insert(sampleRecord());
    expect(await store.read(idOf('one'))).toEqual(sampleRecord());
    await mine.promise().end();
  });
});

test('a damaged row is a fault of that session alone, and not a missing one', async () => {
  await migrate(admin, { prefix });
  const store = mysqlStore(admin, { prefix });
  await store.insert(sampleRecord());
  await admin.query(`UPDATE ${prefix}sessions SET data = '{'`);
  await expect(store.read(idOf('one'))).rejects.toBeInstanceOf(SyntaxError);
  await expect(store.apply(idOf('one'), setting({ a: '1' }))).rejects.toBeInstanceOf(SyntaxError);
});

test('tables that have lost the row of their version are a fault, and not without sessions', async () => {
  await migrate(admin, { prefix });
  const store = mysqlStore(admin, { prefix });
  await store.insert(sampleRecord());
  await admin.query(`DELETE FROM ${prefix}schema`);
  await expect(store.read(idOf('one'))).rejects.toThrow(/call migrate/);
  await expect(store.epochOf('user:alice')).rejects.toThrow(/call migrate/);
});

test('what is dropped leaves no entry in any index, not even one that it does not carry any more', async () => {
  await migrate(admin, { prefix });
  const store = mysqlStore(admin, { prefix });
  await store.admit('user:bob', idOf('one'), START);
  await store.admit('user:alice', idOf('one'), START);
  await store.insert(userRecord('one', 'alice'));
  expect(await store.prune(START * 2, 10)).toBe(1);
  expect(await rowsOf(`SELECT * FROM ${prefix}index_members`)).toEqual([]);
});

describe('misuse', () => {
  test.each([
    undefined,
    null,
    'mysql://localhost',
    {},
    { execute: () => undefined },
  ])('%j is no client', async (client) => {
    expect(() => mysqlStore(client as unknown as MysqlClient)).toThrow(/^mysqlStore: pass a pool/);
    expect(() => mysqlStore(client as unknown as MysqlClient)).toThrow(TypeError);
    await expect(migrate(client as unknown as MysqlClient)).rejects.toThrow(TypeError);
  });

  test.each([
    '',
    'a b',
    'a`; DROP TABLE users; --',
    'ä',
    'a'.repeat(41),
    5,
  ])('%j is no prefix', async (name) => {
    const options = { prefix: name as string };
    expect(() => mysqlStore(admin, options)).toThrow(TypeError);
    expect(() => mysqlStore(admin, options)).toThrow(/^mysqlStore: prefix/);
    await expect(migrate(admin, options)).rejects.toThrow(TypeError);
  });
});

test('of a hundred changes of one session at once, each loses to another of its process once at most', async () => {
  const own = pool({ connectionLimit: 10 });
  await migrate(own, { prefix });
  let statements = 0;
  const counted = atCommands(own, ['execute'], (_, run) => {
    statements++;
    return run();
  });
  const store = mysqlStore(counted, { prefix });
  await store.insert(sampleRecord('one'));
  statements = 0;
  const changes = Array.from({ length: 100 }, (_, i) =>
    store.apply(idOf('one'), setting({ [`k${i}`]: '1' })),
  );
  for (const { status } of await Promise.all(changes)) expect(status).toBe('applied');
  expect((await store.read(idOf('one')))?.data.size).toBe(100);
  // Two to try at once, two more in its turn, and the look at the end.
  expect(statements).toBeLessThanOrEqual(401);
}, 60_000);
