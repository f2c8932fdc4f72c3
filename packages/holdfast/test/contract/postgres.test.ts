import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { migrate, postgresStore } from '../../src/stores/postgres/index.ts';
import { storeContract } from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { type Connected, connections } from '../support/postgres/clients.ts';
import { schemaName, sharedPostgres } from '../support/postgres/shared.ts';

describe.each(connections)('the store contract: postgres, $name', ({ connect }) => {
  const histories = LONG ? 500 : 10;
  let admin: pg.Pool;
  /** Two clients for all cases: each case has a schema of its own. */
  let clients: readonly [Connected, Connected];
  beforeAll(async () => {
    const url = await sharedPostgres();
    admin = new pg.Pool({ connectionString: url, max: 1 });
    clients = [connect(url), connect(url)];
  }, 60_000);
  afterAll(async () => {
    await Promise.all((clients ?? []).map(({ close }) => close()));
    await admin?.end();
  });

  const open = async () => {
    const schema = schemaName();
    const [mine, theirs] = clients;
    await migrate(mine.client, { schema });
    return {
      store: postgresStore(mine.client, { schema }),
      another: async () => postgresStore(theirs.client, { schema }),
      async raw() {
        const { rows } =
          await admin.query(`SELECT to_jsonb(s)::text AS row FROM ${schema}.holdfast_sessions AS s
          UNION ALL SELECT to_jsonb(m)::text FROM ${schema}.holdfast_index_members AS m`);
        return rows.map(({ row }: { row: string }) => row).join('\n');
      },
      close: async () => void (await admin.query(`DROP SCHEMA ${schema} CASCADE`)),
    };
  };
  for (const { name, run } of storeContract({ open, histories })) test(name, run);
});
