import { describe } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import { LONG } from '../support/long.ts';
import { type Connected, connections } from '../support/redis/clients.ts';
import { proxied } from '../support/redis/proxied.ts';
import { keyPrefix } from '../support/redis/shared.ts';
import { testWireFaults } from '../support/wire-faults.ts';

/** What is told of iovalkey is told of ioredis, from which it comes. */
const apart = connections.filter(({ name }) => LONG || !name.includes('iovalkey'));

/** On every server of a cluster. */
const everywhere = Array.from({ length: 20 }, (_, i) => `${i}`);

describe.concurrent.each(apart)('a fault on the wire: $name', ({ topology, connect }) => {
  testWireFaults(async () => {
    const net = await proxied(topology);
    const prefix = keyPrefix();
    const clients: Connected[] = [];
    return {
      proxies: net.proxies,
      async connect() {
        const connected = await connect(net.addresses);
        clients.push(connected);
        return redisStore(connected.client, { prefix, onWarning: () => undefined });
      },
      answer: (stores) =>
        Promise.all(stores.flatMap((store) => everywhere.map((id) => store.read(id)))).then(
          () => true,
          () => false,
        ),
      async close() {
        for (const { close } of clients) close();
        await net.close();
      },
    };
  }, 4);
});
