/** Several instances of the program on one PostgreSQL, each a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  type PostgresServer,
  startPostgres,
} from '../../../packages/holdfast/test/support/postgres/server.ts';
import { until } from '../../../packages/holdfast/test/support/until.ts';
import { readConfig, StartError } from '../src/config.ts';
import { openStorage } from '../src/storage.ts';
import { PROCESS, programs, type Programs, type Started } from './support/program.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ settings: { fsync: 'on', full_page_writes: 'on' } });
}, 60_000);
afterAll(() => server?.stop());

let folder: string;
let all: Programs;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-postgres-demo-'));
  all = programs(folder);
});
afterEach(async () => {
  await all.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Two that start at the same time, and both make the tables. */
function startTwo(): Promise<[Started, Started]> {
  const each = { HOLDFAST_STORE: server.url, HOLDFAST_USERS: `sqlite:${join(folder, 'accounts.sqlite')}` };
  return Promise.all([all.start(each), all.start(each)]);
}

it(
  'two instances serve one session; while PostgreSQL is away or hangs, pages say so and keep the cookie',
  async () => {
    const [first, second] = await startTwo();
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

async function refused(url: string): Promise<string> {
  try {
    const { close } = await openStorage({
      store: readConfig({ HOLDFAST_STORE: url }).store,
      users: { kind: 'memory' },
    });
    await close();
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    const { message } = error as StartError;
    expect(message).toMatch(/^HOLDFAST_STORE: [^\n]+$/);
    expect(message).not.toContain('secret');
    return message;
  }
  throw new Error(`${url} was taken`);
}

it(
  'an address that does not work is told in one line, with what to do and without the password',
  async () => {
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
    ];
    for (const [url, line] of cases) expect(await refused(url)).toContain(line);
    await server.query('DROP SCHEMA IF EXISTS holdfast_demo CASCADE');
    expect(await refused(`postgres://eve@${at}/postgres`)).toContain('grant CREATE on the database');
  },
  PROCESS,
);
