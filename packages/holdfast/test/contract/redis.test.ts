import { afterAll, beforeAll, describe, test } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import { storeContract } from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { type Connected, connections, type RedisAddresses } from '../support/redis/clients.ts';
import { startSentinel } from '../support/redis/sentinel.ts';
import { startCluster } from '../support/redis/cluster.ts';
import { startRedis } from '../support/redis/server.ts';

let addresses: RedisAddresses;
let stops: { stop(): Promise<void> }[];
beforeAll(async () => {
  const [a, b, c] = await Promise.all([startRedis(), startSentinel(), startCluster()]);
  stops = [a, b, c];
  addresses = { standalone: { host: '127.0.0.1', port: a.port }, sentinel: b, cluster: c.seeds };
});
afterAll(async () => {
  await Promise.all(stops.map((s) => s.stop()));
});

describe.each(connections)('the store contract: $name', ({ connect }) => {
  const histories = LONG ? 500 : 10;
  /** Two clients for all cases: each case has keys of its own. */
  let clients: readonly [Connected, Connected];
  beforeAll(async () => {
    clients = [await connect(addresses), await connect(addresses)];
  });
  afterAll(() => {
    for (const { close } of clients) close();
  });
  let cases = 0;
  const open = async () => {
    const prefix = `${crypto.randomUUID()}:${cases++}:`;
    const [mine, theirs] = clients;
    const store = redisStore(mine.client, { prefix, onWarning: () => undefined });
    return {
      store,
      another: async () => redisStore(theirs.client, { prefix, onWarning: () => undefined }),
      close: async () => undefined,
    };
  };
  for (const { name, run } of storeContract({ open, histories, forgetsByItself: true })) test(name, run);
});
