import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import type { SessionStore } from '../../src/store.ts';
import {
  end,
  idOf,
  privilege,
  sampleRecord,
  setting,
  START,
  update,
} from '../../src/testing/contract/samples.ts';
import { type RedisCluster, startCluster } from '../support/redis/cluster.ts';
import {
  type Connected,
  connections,
  type RedisAddresses,
  sharedAddresses,
} from '../support/redis/clients.ts';
import { keyPrefix } from '../support/redis/shared.ts';
import { until } from '../support/until.ts';

const index = 'user:ada';

/** Two clients, as the how-to says: one of them for what waits. */
async function open(
  { connect }: (typeof connections)[number],
  addresses: RedisAddresses,
  replicas: number,
  timeout = 2000,
): Promise<{ readonly store: SessionStore; readonly prefix: string; close(): void }> {
  const clients: Connected[] = [await connect(addresses), await connect(addresses)];
  const [client, own] = clients.map((one) => one.client);
  if (!client || !own) throw new Error('two clients');
  const prefix = keyPrefix();
  const acknowledged = { client: own, replicas, timeout };
  return {
    store: redisStore(client, { prefix, acknowledged, onWarning: () => undefined }),
    prefix,
    close: () => clients.forEach(({ close }) => close()),
  };
}

const replicated = connections.filter(({ topology }) => topology !== 'standalone');

describe.each(replicated)('acknowledged: $name', (connection) => {
  test('sign-ins, privilege changes and ends are answered when a replica has them', async () => {
    const { store, close } = await open(connection, await sharedAddresses(connection.topology), 1);
    try {
      const id = idOf(1);
      await store.admit(index, id, START);
      await store.insert(sampleRecord(id, { indexes: [index] }));
      expect(await store.apply(id, update({ privilege: privilege('next') }))).toMatchObject({
        status: 'applied',
      });
      expect(await store.endBy(index, end('revoked'))).toBe(1);
      expect((await store.read(id))?.ended?.reason).toBe('revoked');
    } finally {
      close();
    }
  });

  test('where too few have them, the call rejects, and other changes do not wait', async () => {
    const { store, close } = await open(connection, await sharedAddresses(connection.topology), 5, 100);
    try {
      const id = idOf(1);
      await store.insert(sampleRecord(id));
      expect(await store.apply(id, setting({ theme: 'dark' }))).toMatchObject({ status: 'applied' });
      await expect(store.apply(id, { end: end() })).rejects.toThrow(/1 of 5 replicas/);
    } finally {
      close();
    }
  });
});

describe('acknowledged, where a slot has moved', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  test.each(connections.filter(({ topology }) => topology === 'cluster'))('$name', async (connection) => {
    const nowhere = { host: '127.0.0.1', port: 1 };
    const addresses = {
      standalone: nowhere,
      sentinel: { name: '', sentinels: [] },
      cluster: cluster.seeds,
    };
    const { store, prefix, close } = await open(connection, addresses, 1);
    try {
      const id = idOf(1);
      await store.insert(sampleRecord(id));
      const key = `${prefix}s:${id}`;
      const from = await cluster.ownerOf(key);
      const to = cluster.nodes.slice(0, 3).find((node) => node !== from);
      if (!to) throw new Error('another primary');
      const move = await cluster.beginMove(key, to);
      await move.moveKeys();
      await move.finish();
      await until('the slot has moved', async () => (await cluster.ownerOf(key)) === to);
      expect(await store.apply(id, { end: end() })).toMatchObject({ status: 'applied' });
    } finally {
      close();
    }
  });
});
