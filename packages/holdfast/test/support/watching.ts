/** What every store promises to whoever watches it. */
import { expect, test } from 'vitest';
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
import type { TcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

export interface Watched {
  /** Between the one who watches and the servers. */
  readonly proxies: readonly TcpProxy[];
  /** The store, from another server. */
  readonly there: SessionStore;
  readonly notices: readonly Notice[];
  kinds(): string[];
  watch(): Promise<() => Promise<void>>;
}

/** Sets a scene, lets a test act in it, and clears it away. Each has its own: they run at the same time, since most of theirs is waiting. */
export type Scene<Extra = unknown> = (
  act: (watched: Watched & Extra) => Promise<void>,
) => () => Promise<void>;

export interface Watcher extends Pick<Watched, 'notices' | 'kinds' | 'watch'> {
  stop(): Promise<void>;
}

export function watcher(here: SessionStore): Watcher {
  const notices: Notice[] = [];
  const stops: (() => Promise<void>)[] = [];
  return {
    notices,
    kinds: () => notices.map(({ kind }) => kind),
    async watch() {
      const stop = await here.watch?.((notice) => void notices.push(notice));
      if (!stop) throw new Error('the store can not watch');
      stops.push(stop);
      return stop;
    },
    async stop() {
      for (const stop of stops) await stop();
    },
  };
}

const BUSY = 60_000;

export function testWatching(scene: Scene): void {
  test(
    'ends and changes that another server makes are told, in order, after `up`, and touches are not',
    scene(async ({ there, notices, watch }) => {
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
    BUSY,
  );

  test(
    '`down` is told when the connection breaks, and `up` when notices arrive again',
    scene(async ({ proxies, there, notices, kinds, watch }) => {
      await watch();
      await there.insert(sampleRecord('one'));
      await Promise.all(proxies.map((proxy) => proxy.cut()));
      await until('it is told', () => notices.at(-1)?.kind === 'down');
      await Promise.all(proxies.map((proxy) => proxy.mend()));
      await until('they arrive again', () => notices.at(-1)?.kind === 'up');
      await there.apply(idOf('one'), { end: end() });
      await until('the end is told', () => notices.at(-1)?.kind === 'ended');
      expect(kinds().slice(0, 2)).toEqual(['up', 'down']);
    }),
    BUSY,
  );

  test(
    'a connection that breaks for a moment only is told, too',
    scene(async ({ proxies, there, notices, kinds, watch }) => {
      await watch();
      await there.insert(sampleRecord('one'));
      for (const proxy of proxies) {
        await proxy.cut();
        await proxy.mend();
      }
      await until('both are told', () => kinds().includes('down') && kinds().at(-1) === 'up');
      await there.apply(idOf('one'), { end: end() });
      await until('the end is told', () => notices.at(-1)?.kind === 'ended');
    }),
    BUSY,
  );

  test(
    'a connection that has fallen silent is told',
    scene(async ({ proxies, notices, kinds, watch }) => {
      await watch();
      await Promise.all(proxies.map((proxy) => proxy.hang()));
      await until('it is told', () => notices.at(-1)?.kind === 'down');
      await Promise.all(proxies.map((proxy) => proxy.mend()));
      await until('they arrive again', () => notices.at(-1)?.kind === 'up');
      expect(kinds().slice(0, 2)).toEqual(['up', 'down']);
    }),
    BUSY,
  );

  test(
    'after the stop nothing is told, and one may watch again',
    scene(async ({ there, kinds, watch }) => {
      const stop = await watch();
      await stop();
      await there.insert(sampleRecord('one'));
      await there.apply(idOf('one'), { end: end() });
      expect(kinds()).toEqual(['up']);
      await watch();
      expect(kinds()).toEqual(['up', 'up']);
    }),
    BUSY,
  );
}
