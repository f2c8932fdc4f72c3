import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAlive } from '../processes.ts';
import { until } from '../until.ts';
import { type RedisCluster, startCluster } from './cluster.ts';
import type { RedisServer } from './server.ts';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startCluster();
}, 30_000);
afterAll(() => cluster?.stop());

/** A primary that has not the slot of the key. */
function anotherThan(owner: RedisServer): RedisServer {
  const another = cluster.nodes.slice(0, 3).find((node) => node !== owner);
  if (!another) throw new Error('there is only one primary');
  return another;
}

test('every node of six answers for the whole cluster, and sends clients on to the owner of a key', async () => {
  expect(cluster.nodes).toHaveLength(6);
  for (const node of cluster.nodes) expect(await node.call('CLUSTER', 'INFO')).toContain('cluster_state:ok');
  const owner = await cluster.ownerOf('key');
  expect(await owner.call('SET', 'key', 'value')).toBe('OK');
  const other = anotherThan(owner);
  await expect(other.call('GET', 'key')).rejects.toThrow(`MOVED 12539 127.0.0.1:${owner.port}`);
  expect(await cluster.replicasOf(owner)).toHaveLength(1);
  expect(cluster.url).toBe(
    `redis+cluster://${cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
  );
});

test('a slot can be moved, and be found half moved', async () => {
  const from = await cluster.ownerOf('{slot}');
  const to = anotherThan(from);
  await from.call('SET', '{slot}a', 1);
  await from.call('SET', '{slot}b', 2);
  const move = await cluster.beginMove('{slot}', to);
  await move.moveKeys('{slot}a');
  await expect(from.call('GET', '{slot}a')).rejects.toThrow(`ASK ${move.slot} 127.0.0.1:${to.port}`);
  expect(await from.call('GET', '{slot}b')).toBe('2');
  await move.moveKeys();
  await move.finish();
  await expect(from.call('GET', '{slot}b')).rejects.toThrow(`MOVED ${move.slot} 127.0.0.1:${to.port}`);
  expect(await to.call('GET', '{slot}a')).toBe('1');
});

test('the replica of a node that is killed takes its place, and the node comes back as a replica', async () => {
  const owner = await cluster.ownerOf('key');
  const [replica] = await cluster.replicasOf(owner);
  if (!replica) throw new Error('the owner has no replica');
  await owner.kill();
  await until('the replica owns the slot', async () => (await cluster.ownerOf('key')) === replica);
  await until('it takes writes', async () => {
    return (await replica.call('SET', 'key', 'next').catch(() => undefined)) === 'OK';
  });
  await owner.restart();
  await until('the old owner follows', async () =>
    String(await owner.call('INFO', 'replication')).includes('master_link_status:up'),
  );
}, 60_000);

test('a cluster that is stopped leaves neither a process nor a folder', async () => {
  await cluster.stop();
  for (const { pid, folder } of cluster.nodes) {
    expect(await isAlive(pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  }
});
