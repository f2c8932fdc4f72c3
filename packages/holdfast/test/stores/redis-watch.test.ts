import { describe, expect, test } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import { connections, sharedAddresses } from '../support/redis/clients.ts';
import { proxied } from '../support/redis/proxied.ts';
import { call } from '../support/redis/resp.ts';
import { keyPrefix } from '../support/redis/shared.ts';
import { until } from '../support/until.ts';
import { type Scene, testWatching, watcher } from '../support/watching.ts';

interface OnRedis {
  /** How many channels of this scene somebody listens to, on all servers. */
  channels(): Promise<number>;
}

const silent = { onWarning: () => undefined };

function sceneOn({ topology, connect }: (typeof connections)[number]): Scene<OnRedis> {
  return (act) => async () => {
    const net = await proxied(topology);
    const watching = await connect(net.addresses);
    const changing = await connect(await sharedAddresses(topology));
    const prefix = keyPrefix();
    const here = watcher(redisStore(watching.client, { prefix, ...silent }));
    const there = redisStore(changing.client, { prefix, ...silent });
    try {
      await act({
        ...here,
        proxies: net.proxies,
        there,
        async channels() {
          const kinds = topology === 'cluster' ? 'SHARDCHANNELS' : 'CHANNELS';
          const ports = net.proxies.map(({ targetPort }) => targetPort);
          const lists = await Promise.all(ports.map((port) => call(port, 'PUBSUB', kinds, `${prefix}*`)));
          return lists.flat().length;
        },
      });
    } finally {
      await here.stop();
      watching.close();
      changing.close();
      await net.close();
    }
  };
}

describe.concurrent.each(connections)('watching: $name', (connection) => {
  const scene = sceneOn(connection);
  testWatching(scene);

  test(
    'after the stop nobody is subscribed',
    scene(async ({ channels, watch }) => {
      const stop = await watch();
      expect(await channels()).toBe(connection.topology === 'cluster' ? 16 : 1);
      await stop();
      await until('nobody is subscribed', async () => (await channels()) === 0);
    }),
    60_000,
  );
});
