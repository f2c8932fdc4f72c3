import { existsSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { expectGoneWithItsStarter } from '../outliving.ts';
import { isAlive, isPaused } from '../processes.ts';
import { until } from '../until.ts';
import { type RedisServer, startRedis } from './server.ts';

const servers: RedisServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});
async function started(...args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args });
  servers.push(server);
  return server;
}

test('a server starts, answers on loopback only, and leaves neither a process nor a folder', async () => {
  const server = await started();
  expect(await server.call('SET', 'key', 'välue')).toBe('OK');
  expect(await server.call('GET', 'key')).toBe('välue');
  expect(await server.call('CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1']);
  expect(await server.call('INFO', 'server')).toContain(`process_id:${server.pid}`);
  expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);

  await server.stop();
  expect(server.isRunning).toBe(false);
  expect(await isAlive(server.pid)).toBe(false);
  expect(existsSync(server.folder)).toBe(false);
  await expect(server.call('PING')).rejects.toThrow('ECONNREFUSED');
});

test('arguments override the defaults', async () => {
  const server = await started('--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru');
  expect(await server.call('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', String(64 * 1024 * 1024)]);
});

test('an argument that the server refuses is reported in its own words', async () => {
  await expect(startRedis({ args: ['--no-such-option', 'yes'] })).rejects.toThrow(/no-such-option/);
});

test('a server that was killed comes back on the same port, with what it wrote to its folder', async () => {
  const server = await started('--appendonly', 'yes', '--appendfsync', 'always');
  const { pid, port } = server;
  await server.call('SET', 'key', 'value');
  await server.kill();
  await expect(server.call('PING')).rejects.toThrow('ECONNREFUSED');
  await server.restart();
  expect(server.port).toBe(port);
  expect(server.pid).not.toBe(pid);
  expect(await server.call('GET', 'key')).toBe('value');
});

test('a server that is paused answers when it is resumed, and can be stopped while it is paused', async () => {
  const server = await started();
  server.pause();
  let isAnswered = false;
  const answer = server.call('PING').then((reply) => {
    isAnswered = true;
    return reply;
  });
  await until('it is paused', () => isPaused(server.pid));
  expect(isAnswered).toBe(false);
  server.resume();
  expect(await answer).toBe('PONG');

  server.pause();
  await server.stop();
  expect(await isAlive(server.pid)).toBe(false);
});

test('a server does not outlive the process that started it, even one that was killed', () =>
  expectGoneWithItsStarter(new URL('server.ts', import.meta.url), 'startRedis'));
