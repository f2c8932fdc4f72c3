/** The program as `npm start` runs it: a process of its own, which has to be built. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Client } from './support/client.ts';
import { PROCESS, programs, type Programs } from './support/program.ts';

let folder: string;
let run: Programs['run'];
let start: Programs['start'];
let stop: Programs['stop'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-main-'));
  ({ run, start, stop } = programs(folder));
});

afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('starting', { timeout: PROCESS }, () => {
  it('prints where it listens, an account to try, and where it keeps things', async () => {
    const file = join(folder, 'new', 'demo.sqlite');
    const { client, printed } = await start({ HOLDFAST_STORE: `sqlite:${file}` });
    const output = await printed('Data');
    expect(output).toMatch(/http:\/\/localhost:\d+/);
    expect(output).toContain('ada / correct horse battery staple');
    expect(output).toContain(join('new', 'demo.sqlite'));
    expect((await client.signIn('ada', 'correct horse battery staple')).status).toBe(303);
    expect((await client.state()).user).toBe('ada');
  });

  it('shows the help, and starts nothing', async () => {
    const { code, output } = await run({}, ['--help']).ended;
    expect(code).toBe(0);
    for (const name of [
      'PORT',
      'HOLDFAST_STORE',
      'HOLDFAST_USERS',
      'HOLDFAST_IDLE',
      'HOLDFAST_ABSOLUTE',
      'HOLDFAST_RENEW',
      'HOLDFAST_GRACE',
    ]) {
      expect(output).toContain(name);
    }
  });

  it('says in the help, the log and every page which defences are off', async () => {
    expect((await run({}, ['--help']).ended).output).toContain('--without <name>');
    const { printed, client } = await start({}, ['--without', 'logout,csrf']);
    expect(await printed('csrf: ')).toContain('NOT SAFE, ON PURPOSE');
    expect((await client.get('/')).body).toContain('class="flaws"');
  });

  it('shortens the times as it is told', async () => {
    const { client } = await start({
      HOLDFAST_IDLE: '2s',
      HOLDFAST_ABSOLUTE: '5s',
      HOLDFAST_RENEW: '0',
      HOLDFAST_GRACE: '1s',
    });
    await client.signUp('Grace');
    expect((await client.get('/')).body).toMatch(/>in [12] seconds?<\/time>/);
    expect((await client.state()).renewals).toBeGreaterThan(0);
  });

  it('takes a longest time that is shorter than the usual idle one', async () => {
    const { client } = await start({ HOLDFAST_ABSOLUTE: '1m' });
    expect((await client.signUp('Grace')).status).toBe(303);
  });

  it('keeps accounts and sessions over a restart', async () => {
    const env = { HOLDFAST_STORE: `sqlite:${join(folder, 'demo.sqlite')}` };
    const first = await start(env);
    await first.client.signUp('Grace');
    await first.client.post('/lab/set?key=basket&value=kelp');
    first.child.kill('SIGTERM');
    await first.ended;
    const second = await start(env);
    second.client.cookie = first.client.cookie;
    expect(await second.client.state()).toMatchObject({
      signedIn: true,
      user: 'Grace',
      data: { basket: 'kelp' },
    });
  });
});

describe('what is wrong', { timeout: PROCESS }, () => {
  async function refused(env: Record<string, string>, args?: string[]): Promise<string> {
    const { code, output } = await run(env, args).ended;
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    return output;
  }

  it.each([
    [{ HOLDFAST_IDLE: 'soon' }, 'HOLDFAST_IDLE: "soon" is not a duration'],
    [{ HOLDFAST_IDLE: '0' }, 'HOLDFAST_IDLE: a session that lives for no time'],
    [{ HOLDFAST_IDLE: '9h' }, 'HOLDFAST_IDLE: longer than HOLDFAST_ABSOLUTE'],
    [{ HOLDFAST_STORE: 'mongodb://localhost' }, 'HOLDFAST_STORE: "mongodb://localhost" is not a store'],
    [
      { HOLDFAST_STORE: 'postgres://localhost' },
      'HOLDFAST_STORE: "postgres://localhost" is no address of a PostgreSQL; write postgres://host:port/database',
    ],
    [
      { HOLDFAST_STORE: 'redis://:secret@127.0.0.1:1', HOLDFAST_USERS: 'sqlite:accounts.sqlite' },
      'HOLDFAST_STORE: the Redis at 127.0.0.1:1 can not be reached',
    ],
    [
      { HOLDFAST_STORE: 'sqlite:/dev/null/x/demo.sqlite' },
      'HOLDFAST_STORE: /dev/null/x/demo.sqlite can not be used',
    ],
    // Where the kernel makes no directories, and says that there is none.
    [
      { HOLDFAST_STORE: 'sqlite:/proc/x/y/demo.sqlite' },
      'HOLDFAST_STORE: /proc/x/y/demo.sqlite can not be used',
    ],
  ])('%o is told in one line', async (env, line) => {
    expect(await refused(env)).toContain(line);
  });

  it('a file that is no database is told in one line', async () => {
    const file = join(folder, 'letter.txt');
    writeFileSync(file, 'Dear Ada, this is a letter and no database at all.'.repeat(100));
    expect(await refused({ HOLDFAST_STORE: `sqlite:${file}` })).toContain('file is not a database');
    mkdirSync(join(folder, 'directory'));
    expect(await refused({ HOLDFAST_STORE: `sqlite:${join(folder, 'directory')}` })).toContain(
      'can not be used',
    );
  });

  it('a port that is taken is told in one line', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    expect(await refused({ PORT: port })).toContain(`PORT: ${port} is taken by another program`);
    other.close();
  });

  it('an argument it does not know is told in one line', async () => {
    expect(await refused({}, ['--port=1'])).toContain('--port=1: unknown argument');
  });

  it('a defence that is switched off in production is told in one line', async () => {
    expect(await refused({ NODE_ENV: 'production' }, ['--without', 'logout'])).toContain(
      '--without: refused',
    );
  });
});

describe('stopping', { timeout: PROCESS }, () => {
  /** A request that takes a while, and when it has reached the server. */
  function held(client: Client, method: string, path: string) {
    let slow: Promise<Answer> | undefined;
    const arrived = new Promise<void>((onArrival) => {
      slow = client.send(method, path, { onArrival });
    });
    return { slow, arrived };
  }

  it.each([
    'SIGTERM',
    'SIGINT',
  ] as const)('on %s finishes the request that is being answered', async (signal) => {
    const { child, client, ended, printed } = await start();
    await client.signUp('Grace');
    const { slow, arrived } = held(client, 'POST', '/lab/set?key=a&value=1&ms=1500');
    await arrived;
    child.kill(signal);
    await printed('Stopping');
    await expect(client.copy().get('/')).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
    const answer = await slow;
    expect([answer?.status, answer?.body]).toEqual([200, '{"key":"a","value":"1"}']);
    expect((await ended).code).toBe(0);
  });

  it('does not wait for a connection on which nothing was asked', async () => {
    const { child, ended, printed } = await start();
    const port = Number(/localhost:(\d+)/.exec(await printed('localhost'))?.[1]);
    // As browsers open one in advance.
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    const before = performance.now();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it('takes a signal that comes twice for one', async () => {
    const { child, client, ended } = await start();
    const { slow, arrived } = held(client, 'GET', '/lab/read?ms=500');
    await arrived;
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect((await slow)?.status).toBe(200);
    expect((await ended).code).toBe(0);
  });
});
