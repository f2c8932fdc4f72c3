import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { migrate, postgresStore } from '../../src/stores/postgres/index.ts';
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
import { connections } from '../support/postgres/clients.ts';
import { schemaName, sharedPostgres } from '../support/postgres/shared.ts';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

interface Scene {
  readonly proxy: TcpProxy;
  readonly schema: string;
  readonly admin: pg.Pool;
  /** The one that watches, behind a proxy. */
  readonly here: SessionStore;
  /** On another server. */
  readonly there: SessionStore;
  readonly notices: Notice[];
  kinds(): string[];
  watch(): Promise<() => Promise<void>>;
}

/** Each test has its own: they run at the same time, since most of theirs is waiting. */
function scene(
  { connect }: (typeof connections)[number],
  act: (scene: Scene) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const url = new URL(await sharedPostgres());
    const proxy = await startProxy(Number(url.port));
    const changing = connect(url.href);
    url.port = String(proxy.port);
    const watching = connect(url.href);
    const schema = schemaName();
    await migrate(changing.client, { schema });
    const admin = new pg.Pool({ connectionString: await sharedPostgres(), max: 1 });
    const here = postgresStore(watching.client, { schema });
    const there = postgresStore(changing.client, { schema });
    const notices: Notice[] = [];
    const stops: (() => Promise<void>)[] = [];
    try {
      await act({
        proxy,
        schema,
        admin,
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
      });
    } finally {
      for (const stop of stops) await stop();
      await Promise.all([watching.close(), changing.close()]);
      await proxy.close();
      await admin.query(`DROP SCHEMA ${schema} CASCADE`);
      await admin.end();
    }
  };
}

describe.concurrent.each(connections)('watching: postgres, $name', (connection) => {
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
    'a change that began before anyone listened holds `up` back, until its outcome can be read',
    scene(connection, async ({ schema, admin, there, kinds, watch }) => {
      await there.insert(sampleRecord('one'));
      const slow = await admin.connect();
      await slow.query(
        `BEGIN; SELECT ${schema}.holdfast_change('${idOf('one')}', '{"epoch":0,"at":1,"set":{"a":["1",1]}}')`,
      );
      const watching = watch();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(kinds()).toEqual([]);
      await slow.query('COMMIT');
      slow.release();
      await watching;
      expect(kinds()).toEqual(['up']);
    }),
    60_000,
  );

  test(
    'where nobody listens, nothing is sent; somebody who does is found out within a minute of their death',
    scene(connection, async ({ schema, admin, there, watch }) => {
      const watched = `SELECT watched_until > clock_timestamp() AS is, watched_until < clock_timestamp() + interval '61 s' AS soon
        FROM ${schema}.holdfast_watch`;
      await there.insert(sampleRecord('one'));
      await there.apply(idOf('one'), setting({ a: '1' }));
      expect((await admin.query(watched)).rows).toEqual([{ is: false, soon: true }]);
      await watch();
      expect((await admin.query(watched)).rows).toEqual([{ is: true, soon: true }]);
    }),
    60_000,
  );

  test(
    '`down` is told when the connection breaks, and `up` when notices arrive again',
    scene(connection, async ({ proxy, there, notices, kinds, watch }) => {
      await watch();
      await there.insert(sampleRecord('one'));
      await proxy.cut();
      await until('it is told', () => notices.at(-1)?.kind === 'down');
      await proxy.mend();
      await until('they arrive again', () => notices.at(-1)?.kind === 'up');
      await there.apply(idOf('one'), { end: end() });
      await until('the end is told', () => notices.at(-1)?.kind === 'ended');
      expect(kinds().slice(0, 2)).toEqual(['up', 'down']);
    }),
    60_000,
  );

  test(
    'a connection that breaks for a moment only is told, too',
    scene(connection, async ({ proxy, there, notices, kinds, watch }) => {
      await watch();
      await there.insert(sampleRecord('one'));
      await proxy.cut();
      await proxy.mend();
      await until('both are told', () => kinds().includes('down') && kinds().at(-1) === 'up');
      await there.apply(idOf('one'), { end: end() });
      await until('the end is told', () => notices.at(-1)?.kind === 'ended');
    }),
    60_000,
  );

  test(
    'a connection that has fallen silent is told',
    scene(connection, async ({ proxy, notices, kinds, watch }) => {
      await watch();
      await proxy.hang();
      await until('it is told', () => notices.at(-1)?.kind === 'down');
      await proxy.mend();
      await until('they arrive again', () => notices.at(-1)?.kind === 'up');
      expect(kinds().slice(0, 2)).toEqual(['up', 'down']);
    }),
    60_000,
  );

  test(
    'after the stop nothing is told, and one may watch again',
    scene(connection, async ({ there, kinds, watch }) => {
      const stop = await watch();
      await stop();
      await there.insert(sampleRecord('one'));
      await there.apply(idOf('one'), { end: end() });
      expect(kinds()).toEqual(['up']);
      await watch();
      expect(kinds()).toEqual(['up', 'up']);
    }),
    60_000,
  );
});
