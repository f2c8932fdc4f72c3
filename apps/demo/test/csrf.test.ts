import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPERIMENTS } from '../src/lab/experiments/index.ts';
import type { Client } from './support/client.ts';
import { type Demo, startDemo } from './support/demo.ts';
import { routesOf } from './support/routes.ts';

const POSTS = await routesOf('post');

/** What a browser says of a request, and what must become of it. */
const REFUSED: readonly (readonly [string, Record<string, string>])[] = [
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['another site without an Origin', { 'sec-fetch-site': 'cross-site' }],
  ['a sibling', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:1' }],
  ['another origin, by a browser without Fetch Metadata (CSRF-4)', { origin: 'https://evil.example' }],
  ['a sandboxed frame (CSRF-11)', { origin: 'null' }],
];

describe('requests from elsewhere (CSRF-5, ASVS-3.5.1)', () => {
  let demo: Demo;
  let client: Client;
  beforeAll(async () => {
    demo = await startDemo();
    client = demo.client();
    await client.signUp('Grace');
    await client.post('/lab/set?key=basket&value=kelp');
  });
  afterAll(() => demo.close());

  it('knows every route that changes something', () => {
    const runs = new Set(EXPERIMENTS.map(({ id }) => `/lab/${id}`));
    expect(POSTS.filter((path) => !runs.has(path)).toSorted()).toEqual([
      '/account/email',
      '/account/password',
      '/confirm',
      '/lab/cross-site/prize',
      '/lab/increment',
      '/lab/privilege',
      '/lab/set',
      '/session/stay',
      '/sessions/:id/end',
      '/sessions/end-others',
      '/sign-in',
      '/sign-out',
      '/sign-up',
    ]);
  });

  it.each(
    POSTS.flatMap((path) => REFUSED.map(([from, headers]) => ({ path, from, headers }))),
  )('POST $path from $from is refused and changes nothing', async ({ path, headers }) => {
    const before = client.cookie;
    const answer = await client.post(path, {
      form: { username: 'Grace', password: 'a password of the tests' },
      headers,
    });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('This request came from another site');
    expect(answer.setCookies).toEqual([]);
    expect(client.cookie).toBe(before);
    expect(await client.state()).toEqual({
      signedIn: true,
      user: 'Grace',
      data: { basket: 'kelp' },
      renewals: 0,
    });
  });

  it('a sign-in from another site signs nobody in as its author (CSRF-20)', async () => {
    const victim = demo.client();
    const answer = await victim.post('/sign-in', {
      form: { username: 'Grace', password: 'a password of the tests' },
      headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    });
    expect([answer.status, answer.setCookies]).toEqual([403, []]);
  });

  it('its own forms pass, from every kind of browser', async () => {
    const passing: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin', origin: demo.origin },
      { 'sec-fetch-site': 'none' },
      { origin: demo.origin },
      {},
    ];
    for (const headers of passing) {
      expect((await client.post('/lab/set?key=basket&value=kelp', { headers })).status).toBe(200);
    }
  });
});

describe('GET', () => {
  it('changes nothing anywhere (CSRF-19)', async () => {
    const demo = await startDemo();
    const client = demo.client();
    await client.signUp('Grace');
    const other = demo.client();
    await other.signIn('Grace');
    const before = [client.cookie, await client.state()];
    for (const path of [...(await routesOf('get')), ...POSTS]) {
      const { setCookies } = await client.get(`${path}?key=basket&value=kelp&username=Eve&password=12345678`);
      expect([path, setCookies]).toEqual([path, []]);
    }
    expect([client.cookie, await client.state()]).toEqual(before);
    expect((await other.state()).signedIn).toBe(true);
    expect(demo.users.byName('Eve')).toBeUndefined();
    await demo.close();
  });

  it('by somebody without a session makes none (SM-22)', async () => {
    const demo = await startDemo();
    for (const path of await routesOf('get')) {
      const client = demo.client();
      const { setCookies } = await client.get(path);
      expect([path, setCookies, client.cookie]).toEqual([path, [], undefined]);
      client.close();
    }
    expect(demo.events).toEqual([]);
    await demo.close();
  });
});
