import { afterAll, beforeAll, describe, test } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import { storeHistories } from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { type Connected, connections, sharedAddresses } from '../support/redis/clients.ts';
import { keyPrefix } from '../support/redis/shared.ts';

/** Three connections, as three servers have. */
const HANDLES = 3;

describe.each(connections)('random histories: $name', ({ topology, connect }) => {
  let clients: readonly Connected[] = [];
  beforeAll(async () => {
    const addresses = await sharedAddresses(topology);
    clients = await Promise.all(Array.from({ length: HANDLES }, () => connect(addresses)));
  }, 60_000);
  afterAll(() => {
    for (const { close } of clients) close();
  });

  const open = async () => {
    const prefix = keyPrefix();
    const stores = clients.map(({ client }) => redisStore(client, { prefix, onWarning: () => undefined }));
    let next = 1;
    return {
      store: stores[0] as (typeof stores)[0],
      another: async () => stores[next++ % HANDLES] as (typeof stores)[0],
      close: async () => undefined,
    };
  };
  for (const { name, run } of storeHistories({ open, histories: LONG ? 1_000 : 40 }))
    test(name, run, 600_000);
});
