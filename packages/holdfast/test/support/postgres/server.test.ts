import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectGoneWithItsStarter } from '../outliving.ts';
import { isAlive, isPaused } from '../processes.ts';
import { until } from '../until.ts';
import { type PostgresServer, startPostgres } from './server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ settings: { fsync: 'on', full_page_writes: 'on', work_mem: '2MB' } });
}, 60_000);
afterAll(() => server?.stop());

test('a server starts, answers on loopback only, and has the settings it was given', async () => {
  expect(await server.query('SELECT $1::text AS text', ['välue'])).toEqual([{ text: 'välue' }]);
  expect(await server.query('SHOW work_mem')).toEqual([{ work_mem: '2MB' }]);
  expect(await server.query('SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  expect(server.url).toBe(`postgres://postgres@127.0.0.1:${server.port}/postgres`);
});

test('a setting that the server refuses is reported in its own words', async () => {
  await expect(startPostgres({ settings: { no_such_setting: 'yes' } })).rejects.toThrow(/no_such_setting/);
}, 60_000);

test('a server that was killed comes back on the same port, with what it has committed', async () => {
  const { pid, port } = server;
  await server.query('CREATE TABLE kept AS SELECT 1 AS n');
  await server.kill();
  await expect(server.query('SELECT 1')).rejects.toThrow('ECONNREFUSED');
  await server.restart();
  expect(server.port).toBe(port);
  expect(server.pid).not.toBe(pid);
  expect(await server.query('SELECT * FROM kept')).toEqual([{ n: 1 }]);
}, 60_000);

test('a server that is paused answers when it is resumed', async () => {
  await server.pause();
  let isAnswered = false;
  const answer = server.query('SELECT 1 AS n').then((rows) => {
    isAnswered = true;
    return rows;
  });
  await until('it is paused', () => isPaused(server.pid));
  expect(isAnswered).toBe(false);
  await server.resume();
  expect(await answer).toEqual([{ n: 1 }]);
});

test(
  'a server does not outlive the process that started it, even one that was killed',
  () => expectGoneWithItsStarter(new URL('server.ts', import.meta.url), 'startPostgres'),
  60_000,
);

test('a server that is stopped, even while it is paused, leaves neither a process nor a folder', async () => {
  await server.pause();
  await server.stop();
  expect(server.isRunning).toBe(false);
  expect(await isAlive(server.pid)).toBe(false);
  expect(existsSync(server.folder)).toBe(false);
}, 60_000);
