/** Several instances of the program on one PostgreSQL or MariaDB, each a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startMariadb } from '../../../packages/holdfast/test/support/mysql/server.ts';
import { startPostgres } from '../../../packages/holdfast/test/support/postgres/server.ts';
import { until } from '../../../packages/holdfast/test/support/until.ts';
import { PROCESS, programs, type Programs } from './support/program.ts';
import { refused } from './support/refused.ts';

const databases = [
  {
    name: 'PostgreSQL',
    // What is shown outlives a crash.
    start: () => startPostgres({ settings: { fsync: 'on', full_page_writes: 'on' } }),
  },
  {
    name: 'MariaDB',
    start: () => startMariadb({ settings: { 'innodb-flush-log-at-trx-commit': '1' } }),
  },
] as const;

describe.each(databases)('two instances on one $name', ({ start }) => {
  let server: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    server = await start();
  }, 60_000);
  afterAll(() => server?.stop());

  let folder: string;
  let all: Programs;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-sql-demo-'));
    all = programs(folder);
  });
  afterEach(async () => {
    await all.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'serve one session; while the database is away or hangs, pages say so and keep the cookie',
    async () => {
      // They start at the same time, and both make the tables.
      const each = {
        HOLDFAST_STORE: server.url,
        HOLDFAST_USERS: `sqlite:${join(folder, 'accounts.sqlite')}`,
      };
      const [first, second] = await Promise.all([all.start(each), all.start(each)]);
      const here = first.client;
      expect((await here.signUp('Grace')).status).toBe(303);
      await here.post('/lab/set?key=basket&value=kelp');
      const there = second.another(here.userAgent);
      there.cookie = here.cookie;
      expect(await there.state()).toMatchObject({ signedIn: true, user: 'Grace', data: { basket: 'kelp' } });

      await server.kill();
      const { status, setCookies, body } = await there.get('/');
      expect([status, setCookies]).toEqual([503, []]);
      expect(body).toContain('You have not been signed out.');
      await server.restart();
      await until('it answers again', async () => (await there.get('/')).status === 200);
      expect(await there.state()).toMatchObject({ signedIn: true, user: 'Grace' });

      await server.pause();
      expect((await there.get('/')).status).toBe(503);
      await server.resume();
      await until('it answers again', async () => (await there.get('/')).status === 200);

      await there.post('/sign-out');
      await until('it answers again', async () => (await here.get('/')).status === 200);
      expect((await here.state()).signedIn).toBe(false);
      for (const { child } of [first, second]) child.kill('SIGTERM');
      expect((await Promise.all([first.ended, second.ended])).map(({ code }) => code)).toEqual([0, 0]);
    },
    2 * PROCESS,
  );
});

describe('an address that does not work is told in one line, with what to do and without the password', () => {
  it(
    'of a PostgreSQL',
    async () => {
      const server = await startPostgres();
      try {
        const at = `127.0.0.1:${server.port}`;
        await server.query('CREATE ROLE eve LOGIN');
        const cases: readonly (readonly [url: string, line: string])[] = [
          [
            'postgres://ada:a-secret@',
            '"postgres://…@" is no address of a PostgreSQL; write postgres://host:port/database',
          ],
          [
            'postgres://ada:a-secret@127.0.0.1:1/shop',
            'the PostgreSQL database shop at 127.0.0.1:1 can not be used (connect ECON',
          ],
          [`postgres://nobody:a-secret@${at}/postgres`, 'refuses this user; write another one'],
          [`postgresql://${at}/not_there`, 'the PostgreSQL database not_there at'],
          [`postgres://eve@${at}/postgres`, 'grant CREATE on the database'],
        ];
        for (const [url, line] of cases) expect(await refused(url)).toContain(line);
      } finally {
        await server.stop();
      }
    },
    PROCESS,
  );

  it(
    'of a MariaDB',
    async () => {
      const server = await startMariadb();
      try {
        const at = `127.0.0.1:${server.port}`;
        await server.query("CREATE USER ada@'%' IDENTIFIED BY 'a-secret'");
        await server.query("CREATE USER eve@'%' IDENTIFIED BY 'a-secret'");
        await server.query("GRANT SELECT ON holdfast.* TO eve@'%'");
        const cases: readonly (readonly [url: string, line: string])[] = [
          [
            'mysql://ada:a-secret@',
            '"mysql://…@" is no address of a MySQL or MariaDB; write mysql://host:port/database',
          ],
          [
            'mysql://ada:a-secret@127.0.0.1:1/shop',
            'the MySQL database shop at 127.0.0.1:1 can not be used (connect ECON',
          ],
          [
            `mysql://ada:not-a-secret@${at}/holdfast`,
            `at ${at} refuses this user and password; write user:password@`,
          ],
          [`mariadb://ada:a-secret@${at}/holdfast`, 'is not for this user; grant it'],
          [`mysql://eve:a-secret@${at}/holdfast`, 'refuses this user the tables; grant CREATE'],
          [`mysql://root@${at}/not_there`, 'the MySQL database not_there at'],
        ];
        for (const [url, line] of cases) expect(await refused(url)).toContain(line);
        await server.query('SET GLOBAL read_only = 1');
        expect(await refused(server.url)).toContain(
          'is read_only, as replicas are; write the address of the primary',
        );
      } finally {
        await server.stop();
      }
    },
    PROCESS,
  );
});
