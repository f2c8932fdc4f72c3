import { existsSync } from 'node:fs';
import { chown, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectGoneWithItsStarter } from '../outliving.ts';
import { isAlive, isPaused } from '../processes.ts';
import { until } from '../until.ts';
import { type MariadbServer, startMariadb } from './server.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb({
    settings: { 'innodb-flush-log-at-trx-commit': '1', 'sort-buffer-size': '1048576' },
  });
}, 60_000);
afterAll(() => server?.stop());

test('a server starts, answers on loopback only, and has the settings it was given', async () => {
  expect(await server.query("SELECT 'välue' AS text")).toEqual([{ text: 'välue' }]);
  expect(await server.query('SELECT @@sort_buffer_size AS size, @@bind_address AS address')).toEqual([
    { size: 1_048_576, address: '127.0.0.1' },
  ]);
  expect(server.url).toBe(`mysql://root@127.0.0.1:${server.port}/holdfast`);
});

test('a server that starts leaves the temporary tables of others alone', async () => {
  const other = join(tmpdir(), `#sql-temptable-${process.pid}-1-1.MAI`);
  await writeFile(other, '');
  // Where others may not delete it, a test could not fail.
  const { uid, gid } = await stat(server.folder);
  await chown(other, uid, gid);
  try {
    await server.restart();
    await startMariadb().then((second) => second.stop());
    expect(existsSync(other)).toBe(true);
  } finally {
    await rm(other, { force: true });
  }
}, 60_000);

test('a setting that the server refuses is reported in its own words', async () => {
  await expect(startMariadb({ settings: { 'no-such-setting': 'yes' } })).rejects.toThrow(/no-such-setting/);
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
  server.pause();
  let isAnswered = false;
  const answer = server.query('SELECT 1 AS n').then((rows) => {
    isAnswered = true;
    return rows;
  });
  await until('it is paused', () => isPaused(server.pid));
  expect(isAnswered).toBe(false);
  server.resume();
  expect(await answer).toEqual([{ n: 1 }]);
});

test(
  'a server does not outlive the process that started it, even one that was killed',
  () => expectGoneWithItsStarter(new URL('server.ts', import.meta.url), 'startMariadb'),
  60_000,
);

test('a server that is stopped, even while it is paused, leaves neither a process nor a folder', async () => {
  server.pause();
  await server.stop();
  expect(server.isRunning).toBe(false);
  expect(await isAlive(server.pid)).toBe(false);
  expect(existsSync(server.folder)).toBe(false);
}, 60_000);
