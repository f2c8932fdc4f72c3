import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from './support/client.ts';
import { type Demo, startDemo, STORES } from './support/demo.ts';

describe.each(STORES)('the lab on %s', (kind) => {
  let demo: Demo;
  let client: Client;
  beforeEach(async () => {
    demo = await startDemo({ kind });
    client = demo.client();
    await client.signUp('Grace');
  });
  afterEach(() => demo.close());

  /** One request is held in the server while the others come and go; then it goes on. */
  async function whileHeld(path: string, meanwhile: () => Promise<unknown>): Promise<number> {
    const method = path.startsWith('/lab/read') ? 'GET' : 'POST';
    const slow = client.copy().send(method, `${path}${path.includes('?') ? '&' : '?'}ms=250`);
    await demo.gate.arrived();
    await meanwhile();
    demo.gate.open();
    return (await slow).status;
  }

  describe('two requests of one browser that overlap', () => {
    it.each([
      ['reads', '/lab/read', 200],
      ['writes', '/lab/set?key=a&value=1', 409],
      ['increments', '/lab/increment', 409],
    ])('signing out while another request %s: the session stays ended (ASVS-7.4.1)', async (_, path, status) => {
      const thief = client.copy();
      expect(await whileHeld(path, () => client.post('/sign-out'))).toBe(status);
      expect(await thief.state()).toEqual({ signedIn: false, user: null, data: {}, renewals: 0 });
    });

    it('both set a key: both are kept', async () => {
      await whileHeld('/lab/set?key=a&value=1', () => client.post('/lab/set?key=b&value=2'));
      expect((await client.state()).data).toEqual({ a: '1', b: '2' });
    });

    it('one reads while the other sets a key: the key is kept', async () => {
      await whileHeld('/lab/read', () => client.post('/lab/set?key=b&value=2'));
      expect((await client.state()).data).toEqual({ b: '2' });
    });

    it('a privilege change keeps the data', async () => {
      await client.post('/lab/set?key=a&value=1');
      await client.post('/lab/privilege');
      expect(await client.state()).toEqual({ signedIn: true, user: 'Grace', data: { a: '1' }, renewals: 1 });
    });

    it.each([
      ['reads', '/lab/read', 200],
      ['writes', '/lab/set?key=a&value=1', 409],
    ])('a privilege change while another request %s: the old token stays dead (ASVS-7.2.4)', async (_, path, status) => {
      const old = client.copy();
      expect(await whileHeld(path, () => client.post('/lab/privilege'))).toBe(status);
      expect((await old.state()).signedIn).toBe(false);
      expect(await client.state()).toMatchObject({ signedIn: true, data: {} });
    });
  });

  it('100 requests that set 100 keys at once keep them all', async () => {
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`);
    const sent = keys.map((key) => client.copy().post(`/lab/set?key=${key}&value=${key}&ms=1`));
    await demo.gate.arrived(100);
    demo.gate.open();
    expect(new Set((await Promise.all(sent)).map(({ status }) => status))).toEqual(new Set([200]));
    expect((await client.state()).data).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
  });

  it('100 increments at once make 100', async () => {
    const sent = Array.from({ length: 100 }, () => client.copy().post('/lab/increment?ms=1'));
    await demo.gate.arrived(100);
    demo.gate.open();
    const answers = await Promise.all(sent);
    const counts = answers.map(({ body }) => (JSON.parse(body) as { counter: number }).counter);
    expect(new Set(counts).size).toBe(100);
    expect((await client.state()).data).toEqual({ counter: 100 });
  });

  it('works for somebody who is not signed in, and makes a session only to write', async () => {
    const stranger = demo.client();
    expect((await stranger.get('/lab/read')).status).toBe(200);
    expect((await stranger.post('/lab/privilege')).status).toBe(200);
    expect(stranger.cookie).toBeUndefined();
    expect((await stranger.post('/lab/set?key=a&value=1')).setCookies).toHaveLength(1);
    await stranger.post('/lab/increment');
    expect(await stranger.state()).toEqual({
      signedIn: false,
      user: null,
      data: { a: '1', counter: 1 },
      renewals: 0,
    });
  });

  it('counts on from a number that was set, and from nothing else', async () => {
    await client.post('/lab/set?key=counter&value=41');
    await client.post('/lab/increment');
    expect((await client.state()).data).toEqual({ counter: 42 });
    await client.post('/lab/set?key=counter&value=many');
    await client.post('/lab/increment');
    expect((await client.state()).data).toEqual({ counter: 1 });
  });

  it('takes hostile keys and values for what they are: text', async () => {
    await client.post('/lab/set?key=__proto__&value=%3Cscript%3E');
    await client.post('/lab/set?key=constructor&value=x');
    const { body, headers } = await client.get('/lab/state');
    expect(body).toContain('"__proto__":"<script>"');
    expect(headers['content-type']).toMatch(/^application\/json/);
  });

  it.each([
    ['GET', '/lab/read?ms=-1', 'ms:'],
    ['GET', '/lab/read?ms=1.5', 'ms:'],
    ['GET', '/lab/read?ms=30001', 'ms:'],
    ['GET', '/lab/read?ms=1&ms=2', 'ms:'],
    ['POST', '/lab/increment?ms=soon', 'ms:'],
    ['POST', '/lab/set?key=a&value=1&ms=soon', 'ms:'],
    ['POST', '/lab/set?value=1', 'key:'],
    ['POST', '/lab/set?key=a%20b&value=1', 'key:'],
    ['POST', `/lab/set?key=${'k'.repeat(129)}&value=1`, 'key:'],
    ['POST', '/lab/set?key=a', 'value:'],
    ['POST', `/lab/set?key=a&value=${'v'.repeat(4097)}`, 'value:'],
  ])('%s %s is refused with a sentence', async (method, path, start) => {
    const answer = await client.send(method, path);
    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.body) as { error: string }).error).toMatch(new RegExp(`^${start} .+\\.$`));
    expect((await client.state()).data).toEqual({});
  });

  it('says so when the session is full', async () => {
    let last = 200;
    for (let i = 0; i <= 256 && last === 200; i++) {
      last = (await client.post(`/lab/set?key=k${i}&value=1`)).status;
    }
    expect(last).toBe(400);
    expect(Object.keys((await client.state()).data)).toHaveLength(256);
  });

  it('never says the token (ASVS-3.3.4)', async () => {
    const secrets = (client.cookie ?? '').split('.').slice(1);
    const bodies = [await client.get('/lab/state'), await client.get('/'), await client.get('/sessions')];
    for (const secret of secrets) for (const { body } of bodies) expect(body).not.toContain(secret);
  });
});
