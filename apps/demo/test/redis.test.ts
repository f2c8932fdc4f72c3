/** Several instances of the program on one Redis, each a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../packages/holdfast/test/support/redis/server.ts';
import {
  sharedCluster,
  sharedRedis,
  sharedSentinel,
} from '../../../packages/holdfast/test/support/redis/shared.ts';
import { until } from '../../../packages/holdfast/test/support/until.ts';
import type { Client } from './support/client.ts';
import { PROCESS, programs, type Programs, type Started } from './support/program.ts';
import { refused } from './support/refused.ts';

let folder: string;
let all: Programs;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-redis-demo-'));
  all = programs(folder);
});

afterEach(async () => {
  await all.stop();
  rmSync(folder, { recursive: true, force: true });
});

function environment(url: string): Record<string, string> {
  return { HOLDFAST_STORE: url, HOLDFAST_USERS: `sqlite:${join(folder, 'accounts.sqlite')}` };
}

/** Two that start at the same time. */
function startTwo(url: string, more: Record<string, string> = {}): Promise<[Started, Started]> {
  const each = { ...environment(url), ...more };
  return Promise.all([all.start(each), all.start(each)]);
}

/** The same browser, at another instance: a cookie goes to every port of a host. */
function takeTo(instance: Started, client: Client): Client {
  const other = instance.another(client.userAgent);
  other.cookie = client.cookie;
  return other;
}

/** The ids that the page offers to end, the current one first. */
function idsIn(body: string): string[] {
  return [...body.matchAll(/action="\/sessions\/([\w-]{22})\/end"/g)].map(([, id]) => id ?? '');
}

describe.each([
  ['alone', sharedRedis],
  ['behind Sentinel', async () => (await sharedSentinel()).url],
  ['in a Cluster', async () => (await sharedCluster()).url],
] as const)('two instances on a Redis %s', { timeout: 3 * PROCESS }, (_, urlOf) => {
  it('serve one session, and each says that it was its answer', async () => {
    const [first, second] = await startTwo(await urlOf());
    const here = first.client;
    expect((await here.signUp('Grace')).status).toBe(303);
    await here.post('/lab/set?key=basket&value=kelp');
    const there = takeTo(second, here);
    expect(await there.state()).toMatchObject({ signedIn: true, user: 'Grace', data: { basket: 'kelp' } });
    const names = [await here.get('/'), await there.get('/')].map(({ headers }) => headers['demo-instance']);
    expect(new Set(names).size).toBe(2);
    await there.post('/sign-out');
    expect((await here.state()).signedIn).toBe(false);
  });

  it('list the sessions of both, and end at once what the other has begun (ASVS-7.4.1, ASVS-7.5.2)', async () => {
    const [first, second] = await startTwo(await urlOf());
    const here = first.client;
    await here.signUp('Grace');
    const there = second.client;
    expect((await there.signIn('Grace')).status).toBe(303);
    const [, other] = idsIn((await here.get('/sessions')).body);
    expect(idsIn((await there.get('/sessions')).body)).toContain(other);
    await here.post(`/sessions/${other}/end`);
    expect((await there.state()).signedIn).toBe(false);
    expect((await there.get('/')).body).toContain('This session was ended from another device.');
    expect((await here.state()).signedIn).toBe(true);
  });
});

describe.each([
  ['alone', sharedRedis],
  ['behind Sentinel', async () => (await sharedSentinel()).url],
  ['in a Cluster', async () => (await sharedCluster()).url],
] as const)('two instances with a cache each, on a Redis %s', { timeout: 3 * PROCESS }, (_, urlOf) => {
  it('go on with what the other has written, and end what it has ended, when they are told', async () => {
    // Longer than the test: what is seen here was told, or nothing was remembered.
    const [first, second] = await startTwo(await urlOf(), { HOLDFAST_CACHE: '10m' });
    const here = first.client;
    await here.signUp('Grace');
    const there = takeTo(second, here);
    expect(await there.state()).toMatchObject({ signedIn: true, user: 'Grace' });
    await here.post('/lab/set?key=basket&value=kelp');
    await until('it is told', async () => {
      const { data } = (await there.state()) as { readonly data?: { readonly basket?: string } };
      return data?.basket === 'kelp';
    });
    await there.post('/sign-out');
    await until('it is told', async () => !(await here.state()).signedIn);
    for (const { child } of [first, second]) child.kill('SIGTERM');
    expect((await Promise.all([first.ended, second.ended])).map(({ code }) => code)).toEqual([0, 0]);
  });
});

describe('when Redis', { timeout: 3 * PROCESS }, () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  });
  afterEach(() => redis.stop());

  it('is away, pages say so and keep the cookie; when it is back, everybody is still signed in', async () => {
    const instances = await startTwo(redis.url);
    await instances[0].client.signUp('Grace');
    const { cookie } = instances[0].client;
    const clients = [instances[0].client, takeTo(instances[1], instances[0].client)];
    await redis.kill();
    for (const client of clients) {
      const { status, headers, setCookies, body } = await client.get('/');
      expect([status, headers['retry-after'], headers['cache-control'], setCookies]).toEqual([
        503,
        '5',
        'no-store',
        [],
      ]);
      expect(body).toContain('You have not been signed out.');
    }
    await redis.restart();
    for (const client of clients) {
      await until('it answers again', async () => (await client.get('/')).status === 200);
      expect(await client.state()).toMatchObject({ signedIn: true, user: 'Grace' });
      expect(client.cookie).toBe(cookie);
    }
  });

  it('hangs, pages say so after a second', async () => {
    const { client } = await all.start(environment(redis.url));
    await client.signUp('Grace');
    redis.pause();
    const before = performance.now();
    expect((await client.get('/')).status).toBe(503);
    expect(performance.now() - before).toBeLessThan(5_000);
    redis.resume();
    await until('it answers again', async () => (await client.get('/')).status === 200);
  });

  it.each([
    ['runs', ''],
    ['is away', ''],
    ['runs', '5s'],
    ['is away', '5s'],
  ])('%s, a signal ends the program, and its connections; HOLDFAST_CACHE=%s', async (state, cache) => {
    const { client, child, ended } = await all.start({ ...environment(redis.url), HOLDFAST_CACHE: cache });
    await client.signUp('Grace');
    if (state === 'is away') await redis.kill();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    if (state === 'is away') return;
    await until(
      'the program has left',
      async () => !String(await redis.call('CLIENT', 'LIST')).includes('node-redis'),
    );
  });
});

describe('an address that does not work', { timeout: 2 * PROCESS }, () => {
  let locked: RedisServer;
  beforeAll(async () => {
    locked = await startRedis();
    await locked.call('CONFIG', 'SET', 'requirepass', 'sesame-secret');
  });
  afterAll(() => locked.stop());

  it('is told in one line, with what to do and without the password', async () => {
    const at = `127.0.0.1:${locked.port}`;
    const [[, sentinels, name], { seeds }] = await Promise.all([
      sharedSentinel().then(({ url }) => /^(.*)\/(.*)$/.exec(url) ?? []),
      sharedCluster(),
    ]);
    const [node] = seeds;
    const cases: readonly (readonly [url: string, line: string])[] = [
      ['redis://ada:a-secret@', '"redis://…@" is no address of a Redis; write redis://host:port'],
      [
        'redis://ada:a-secret@127.0.0.1:1',
        'the Redis at 127.0.0.1:1 can not be reached (connect ECONNREFUSED',
      ],
      [`redis://${at}`, `the Redis at ${at} refuses this user and password (NOAUTH); write user:password@`],
      [`redis://:a-secret@${at}`, `the Redis at ${at} refuses this user and password (WRONGPASS)`],
      [`redis+cluster://:sesame-secret@${at}`, 'or redis://host:port if it is no Cluster'],
      [`${sentinels}/not-${name}`, `the Redis called not-${name} by the Sentinels at`],
      ['redis+sentinel://127.0.0.1:1/name', 'by the Sentinels at 127.0.0.1:1 can not be reached'],
      [`${sentinels}`.replace('+sentinel', '').replace(/,.*/, ''), 'is a Sentinel; write redis+sentinel://'],
      [`redis://${node?.host}:${node?.port}`, 'is part of a Cluster; write redis+cluster://'],
    ];
    const lines = await Promise.all(cases.map(([url]) => refused(url)));
    expect(lines).toEqual(cases.map(([, line]) => expect.stringContaining(line)));
  });

  it('is a replica', async () => {
    const primary = await startRedis();
    const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(primary.port)] });
    expect(await refused(replica.url)).toContain('is a replica, which takes no changes');
    await Promise.all([primary.stop(), replica.stop()]);
  });

  it('belongs to a server that quotes what it was sent, or says nothing', async () => {
    const parrot = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) =>
        socket.write(`-ERR no idea what ${JSON.stringify(bytes.toString())} is\r\n`),
      );
    });
    const silent = createServer((socket) => socket.on('error', () => undefined));
    async function said(server: Server): Promise<string> {
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      const { port } = server.address() as AddressInfo;
      const line = await refused(`redis://ada:a-secret@127.0.0.1:${port}`);
      server.close();
      return line;
    }
    expect(await Promise.all([parrot, silent].map(said))).toEqual([
      expect.stringContaining('ERR no idea what'),
      expect.stringContaining('no answer in 5 s'),
    ]);
  });
});
