import { describe, expect, test } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import type { Notice, SessionStore } from '../../src/store.ts';
import {
  end,
  idOf,
  renewal,
  sampleRecord,
  setting,
  START,
  update,
} from '../../src/testing/contract/samples.ts';
import { connections, sharedAddresses } from '../support/redis/clients.ts';
import { type Proxied, proxied } from '../support/redis/proxied.ts';
import { call } from '../support/redis/resp.ts';
import { keyPrefix } from '../support/redis/shared.ts';
import { until } from '../support/until.ts';

const silent = { onWarning: () => undefined };

interface Scene {
  readonly net: Proxied;
  readonly prefix: string;
  /** The one that watches, behind proxies. */
  readonly here: SessionStore;
  /** On another server. */
  readonly there: SessionStore;
  readonly notices: Notice[];
  kinds(): string[];
  watch(): Promise<() => Promise<void>>;
  /** How many channels of this scene somebody listens to, on all servers. */
  channels(): Promise<number>;
}

/** Each test has its own: they run at the same time, since most of theirs is waiting. */
function scene(
  { topology, connect }: (typeof connections)[number],
  act: (scene: Scene) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const net = await proxied(topology);
    const watching = await connect(net.addresses);
    const changing = await connect(await sharedAddresses(topology));
    const prefix = keyPrefix();
    const here = redisStore(watching.client, { prefix, ...silent });
    const there = redisStore(changing.client, { prefix, ...silent });
    const notices: Notice[] = [];
    const stops: (() => Promise<void>)[] = [];
    try {
      await act({
        net,
        prefix,
        here,
        there,
        notices,
        kinds: () => notices.map(({ kind }) => kind),
        async watch() {
          const stop = await here.watch?.((notice) => void notices.push(notice));
          if (!stop) throw new Error('the store can not watch');
          stops.push(stop);
          return stop;
        },
        async channels() {
          const kinds = topology === 'cluster' ? 'SHARDCHANNELS' : 'CHANNELS';
          const ports = net.proxies.map(({ targetPort }) => targetPort);
          const lists = await Promise.all(ports.map((port) => call(port, 'PUBSUB', kinds, `${prefix}*`)));
          return lists.flat().length;
        },
      });
    } finally {
      for (const stop of stops) await stop();
      watching.close();
      changing.close();
      await net.close();
    }
  };
}

describe.concurrent.each(connections)('watching: $name', (connection) => {
  test(
    'ends and changes that another server makes are told, in order, after `up`, and touches are not',
    scene(connection, async ({ there, notices, watch }) => {
      await watch();
      expect(notices).toEqual([{ kind: 'up' }]);
      const [id, other] = [idOf('one'), idOf('other')];
      await there.insert(sampleRecord('one'));
      await there.insert(sampleRecord('other', { indexes: ['user:ada'] }));
      await there.admit('user:ada', other, START);
      await there.apply(id, update({ touch: START + 61_000 }));
      await there.apply(id, setting({ a: '1' }));
      await there.apply(id, update({ touch: START + 122_000 }));
      await there.apply(id, update({ renew: renewal(sampleRecord('one').secretHash, 'x') }));
      await there.apply(id, setting({ a: '2' }));
      await there.apply(id, { end: end() });
      await there.endBy('user:ada', end('revoked'));
      await until('both ends are told', () => notices.filter(({ kind }) => kind === 'ended').length === 2);
      const told = (one: string): Notice[] => notices.filter((notice) => 'id' in notice && notice.id === one);
      const changed: Notice = { kind: 'changed', id };
      expect(told(id)).toEqual([changed, changed, changed, { kind: 'ended', id }]);
      expect(told(other)).toEqual([{ kind: 'ended', id: other }]);
    }),
    60_000,
  );

  test(
    '`down` is told when the connection breaks, and `up` when notices arrive again',
    scene(connection, async ({ net, there, notices, kinds, watch }) => {
      await watch();
      await there.insert(sampleRecord('one'));
      await Promise.all(net.proxies.map((proxy) => proxy.cut()));
      await until('it is told', () => notices.at(-1)?.kind === 'down');
      await Promise.all(net.proxies.map((proxy) => proxy.mend()));
      await until('they arrive again', () => notices.at(-1)?.kind === 'up');
      await there.apply(idOf('one'), { end: end() });
      await until('the end is told', () => notices.at(-1)?.kind === 'ended');
      expect(kinds().slice(0, 2)).toEqual(['up', 'down']);
    }),
    60_000,
  );

  test(
    'a connection that breaks for a moment only is told, too',
    scene(connection, async ({ net, there, notices, kinds, watch }) => {
      await watch();
      await there.insert(sampleRecord('one'));
      for (const proxy of net.proxies) {
        await proxy.cut();
        await proxy.mend();
      }
      await until('both are told', () => kinds().includes('down') && kinds().at(-1) === 'up');
      await there.apply(idOf('one'), { end: end() });
      await until('the end is told', () => notices.at(-1)?.kind === 'ended');
    }),
    60_000,
  );

  test(
    'a connection that has fallen silent is told',
    scene(connection, async ({ net, notices, kinds, watch }) => {
      await watch();
      await Promise.all(net.proxies.map((proxy) => proxy.hang()));
      await until('it is told', () => notices.at(-1)?.kind === 'down');
      await Promise.all(net.proxies.map((proxy) => proxy.mend()));
      await until('they arrive again', () => notices.at(-1)?.kind === 'up');
      expect(kinds().slice(0, 2)).toEqual(['up', 'down']);
    }),
    60_000,
  );

  test(
    'after the stop nothing is told and nobody is subscribed, and one may watch again',
    scene(connection, async ({ there, kinds, channels, watch }) => {
      const stop = await watch();
      expect(await channels()).toBe(connection.topology === 'cluster' ? 16 : 1);
      await stop();
      await until('nobody is subscribed', async () => (await channels()) === 0);
      await there.insert(sampleRecord('one'));
      await there.apply(idOf('one'), { end: end() });
      expect(kinds()).toEqual(['up']);
      await watch();
      expect(kinds()).toEqual(['up', 'up']);
    }),
    60_000,
  );
});
