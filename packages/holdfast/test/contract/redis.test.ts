import { afterAll, beforeAll, describe, test } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import { storeContract } from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { type Connected, connections, sharedAddresses } from '../support/redis/clients.ts';
import { dumpOf } from '../support/redis/dump.ts';
import { keyPrefix } from '../support/redis/shared.ts';

describe.each(connections)('the store contract: $name', ({ topology, connect }) => {
  const histories = LONG ? 500 : 10;
  /** Two clients for all cases: each case has keys of its own. */
  let clients: readonly [Connected, Connected];
  beforeAll(async () => {
    const addresses = await sharedAddresses(topology);
    clients = [await connect(addresses), await connect(addresses)];
  }, 60_000);
  afterAll(() => {
    for (const { close } of clients ?? []) close();
  });

  const open = async () => {
    const prefix = keyPrefix();
    const [mine, theirs] = clients;
    const on = ({ client }: Connected) => redisStore(client, { prefix, onWarning: () => undefined });
    return {
      store: on(mine),
      another: async () => on(theirs),
      raw: () => dumpOf(theirs.client, prefix),
      close: async () => undefined,
    };
  };
  for (const { name, run } of storeContract({ open, histories, forgetsByItself: true })) test(name, run);
});
