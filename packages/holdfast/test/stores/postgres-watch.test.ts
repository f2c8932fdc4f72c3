import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { migrate, postgresStore } from '../../src/stores/postgres/index.ts';
import { idOf, sampleRecord, setting } from '../../src/testing/contract/samples.ts';
import { connections } from '../support/postgres/clients.ts';
import { schemaName, sharedPostgres } from '../support/postgres/shared.ts';
import { until } from '../support/until.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { type Scene, testWatching, watcher } from '../support/watching.ts';

interface OnPostgres {
  readonly schema: string;
  readonly admin: pg.Pool;
}

function sceneOn({ connect }: (typeof connections)[number]): Scene<OnPostgres> {
  return (act) => async () => {
    const url = new URL(await sharedPostgres());
    const proxy = await startProxy(Number(url.port));
    const changing = connect(url.href);
    url.port = String(proxy.port);
    const watching = connect(url.href);
    const schema = schemaName();
    await migrate(changing.client, { schema });
    const admin = new pg.Pool({ connectionString: await sharedPostgres(), max: 1 });
    const here = watcher(postgresStore(watching.client, { schema }));
    const there = postgresStore(changing.client, { schema });
    try {
      await act({ ...here, proxies: [proxy], schema, admin, there });
    } finally {
      await here.stop();
      await Promise.all([watching.close(), changing.close()]);
      await proxy.close();
      await admin.query(`DROP SCHEMA ${schema} CASCADE`);
      await admin.end();
    }
  };
}

describe.concurrent.each(connections)('watching: postgres, $name', (connection) => {
  const scene = sceneOn(connection);
  testWatching(scene);

  test(
    'a change that began before anyone listened holds `up` back, until its outcome can be read',
    scene(async ({ schema, admin, there, kinds, watch }) => {
      await there.insert(sampleRecord('one'));
      const slow = await admin.connect();
      await slow.query(
        `BEGIN; SELECT ${schema}.holdfast_change('${idOf('one')}', '{"epoch":0,"at":1,"set":{"a":["1",1]}}')`,
      );
      const watching = watch();
      // It waits no longer than half a second for the change, and asks again.
      const attempts = new Set<string>();
      await until('it was asked twice in vain', async () => {
        // Within a transaction, the activity is that of its first look.
        await slow.query('SELECT pg_stat_clear_snapshot()');
        const { rows } = await slow.query(
          `SELECT pid, query_start::text FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"${schema}".holdfast_await_changes%'`,
        );
        for (const { pid, query_start: begun } of rows) attempts.add(`${pid} ${begun}`);
        return attempts.size > 1;
      });
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
    scene(async ({ schema, admin, there, watch }) => {
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
});
