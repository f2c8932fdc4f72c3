/** A record that is longer than an answer of the server may be: MariaDB says NULL in its place, and warns. */
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, mysqlStore } from '../../src/stores/mysql/index.ts';
import { end, idOf, setting, START, userRecord } from '../../src/testing/contract/samples.ts';
import { type MariadbServer, startMariadb } from '../support/mysql/server.ts';

/** A server of its own: the limit is of the whole server. */
let server: MariadbServer;
const pools: mysql.Pool[] = [];
beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await server?.stop();
});

/** Connections keep the limit that they began with. */
async function poolWithin(bytes: number): Promise<mysql.Pool> {
  const admin = mysql.createPool({ uri: server.url, connectionLimit: 1 });
  await admin.query(`SET GLOBAL max_allowed_packet = ${bytes}`);
  await admin.end();
  const pool = mysql.createPool({ uri: server.url, connectionLimit: 2 });
  pools.push(pool);
  return pool;
}

test('is a fault, and not a session that is not there', async () => {
  const roomy = await poolWithin(16 * 2 ** 20);
  await migrate(roomy);
  await mysqlStore(roomy).admit('user:ada', idOf('one'), START);
  await mysqlStore(roomy).insert(userRecord('one', 'ada'));
  const quotes = JSON.stringify('"'.repeat(20_000));
  await mysqlStore(roomy).apply(idOf('one'), setting({ a: quotes, b: quotes }));
  const store = mysqlStore(await poolWithin(64 * 2 ** 10));
  await expect(store.read(idOf('one'))).rejects.toThrow(/without its record|packet/);
  await expect(store.apply(idOf('one'), { end: end() })).rejects.toThrow(/without its record|packet/);
  await expect(store.endBy('user:ada', end('revoked'))).rejects.toThrow(/without its record|packet/);
  const again = mysqlStore(await poolWithin(16 * 2 ** 20));
  expect((await again.read(idOf('one')))?.data.size).toBe(2);
}, 60_000);
