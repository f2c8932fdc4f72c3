import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAlive } from '../processes.ts';
import { until } from '../until.ts';
import { type RedisSentinelGroup, startSentinel } from './sentinel.ts';

let group: RedisSentinelGroup;
beforeAll(async () => {
  group = await startSentinel();
}, 30_000);
afterAll(() => group?.stop());

test('three sentinels, of which two must agree, name the primary', async () => {
  expect(group.sentinelServers).toHaveLength(3);
  for (const sentinel of group.sentinelServers) {
    expect(await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', group.name)).toEqual([
      '127.0.0.1',
      String(group.primary.port),
    ]);
    expect(await sentinel.call('SENTINEL', 'CKQUORUM', group.name)).toMatch(/^OK 3 usable Sentinels/);
  }
  expect(await group.leader()).toBe(group.primary);
  expect(group.url).toMatch(/^redis\+sentinel:\/\/(127\.0\.0\.1:\d+,){2}127\.0\.0\.1:\d+\/holdfast$/);
});

test('the replica has what the primary was told, and takes the lead when the primary is killed', async () => {
  await group.primary.call('SET', 'key', 'value');
  await until('the replica has it', async () => (await group.replica.call('GET', 'key')) === 'value');

  await group.primary.kill();
  await until('the replica leads', async () => (await group.leader()) === group.replica);
  expect(await group.replica.call('SET', 'key', 'next')).toBe('OK');
}, 60_000);

test('a group that is stopped leaves neither a process nor a folder', async () => {
  const servers = [group.primary, group.replica, ...group.sentinelServers];
  await group.stop();
  for (const { pid, folder } of servers) {
    expect(await isAlive(pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  }
});
