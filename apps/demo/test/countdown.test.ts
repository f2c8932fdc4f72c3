import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countdownOf } from '../src/countdown.ts';
import { type Client, PASSWORD } from './support/client.ts';
import { type Demo, startDemo, STORES } from './support/demo.ts';

const MINUTE = 60_000;
const INFO = {
  id: 'A',
  createdAt: 0,
  lastSeenAt: 0,
  idleExpiresAt: 30 * MINUTE,
  absoluteExpiresAt: 480 * MINUTE,
  authentications: [],
  client: {},
  persistent: false,
  renewals: 0,
};

it.each([
  ['a minute before the idle deadline', {}, 30, 29, true],
  [
    'a minute before the absolute one, which staying does not move',
    { absoluteExpiresAt: 20 * MINUTE },
    20,
    19,
    false,
  ],
  ['for half of a session that is short', { idleExpiresAt: MINUTE }, 1, 0.5, true],
])('warns %s', (_, info, endsAt, warnAt, canStay) => {
  expect(countdownOf({ ...INFO, ...info }, 5)).toEqual({
    signedIn: true,
    id: 'A',
    now: 5,
    endsAt: endsAt * MINUTE,
    warnAt: warnAt * MINUTE,
    canStay,
  });
});

describe.each(STORES)('the countdown on %s', (kind) => {
  let demo: Demo;
  let client: Client;
  beforeEach(async () => {
    demo = await startDemo({ kind });
    client = demo.client();
    await client.signUp('Grace');
  });
  afterEach(() => demo.close());

  async function state(of = client): Promise<Record<string, unknown>> {
    const answer = await of.get('/session/state');
    expect([answer.status, answer.headers['cache-control'], answer.setCookies]).toEqual([
      200,
      'no-store',
      [],
    ]);
    return JSON.parse(answer.body) as Record<string, unknown>;
  }

  it('is no activity, however often it is asked for (ASVS-7.3.1)', async () => {
    const first = await state();
    for (let minute = 1; minute < 30; minute++) {
      demo.clock.advance('1m');
      expect((await state())['endsAt']).toBe(first['endsAt']);
    }
    demo.clock.advance('1m');
    expect(await state()).toEqual({ signedIn: false });
  });

  it('goes back when the user stays', async () => {
    const { endsAt } = await state();
    demo.clock.advance('29m');
    const answer = await client.post('/session/stay', { form: { to: '/sessions?a=b' } });
    expect([answer.status, answer.location]).toEqual([303, '/sessions?a=b']);
    expect((await state())['endsAt']).toBe(Number(endsAt) + 29 * MINUTE);
  });

  it('never leads away from here (CWE-601)', async () => {
    const answer = await client.post('/session/stay', { form: { to: '//evil.example' } });
    expect(answer.location).toBe('/');
  });

  it('tells a stranger nothing, and whoever has been signed out elsewhere at once', async () => {
    expect(await state(demo.client())).toEqual({ signedIn: false });
    const copy = client.copy();
    await client.post('/sign-out');
    expect(await state(copy)).toEqual({ signedIn: false });
    expect((await copy.post('/session/stay')).location).toBe('/sign-in');
  });

  it('goes on past the longest time with the password only (NIST-5.2)', async () => {
    for (let i = 0; i < 23; i++) {
      demo.clock.advance('20m');
      await client.get('/');
    }
    const before = await state();
    expect(before['canStay']).toBe(false);
    await client.post('/session/stay');
    expect((await state())['endsAt']).toBe(before['endsAt']);
    await client.post('/confirm', { form: { to: '/', password: PASSWORD } });
    expect(await state()).toMatchObject({ canStay: true });
  });
});

describe('keep me signed in', () => {
  it('gives a cookie that outlives the browser, and not the session (NIST-5.1)', async () => {
    const demo = await startDemo();
    await demo.client().signUp('Grace');
    const client = demo.client();
    const form = { username: 'Grace', password: PASSWORD, persistent: 'yes' };
    const { setCookies } = await client.post('/sign-in', { form });
    expect(setCookies[0]).toMatch(/; Max-Age=\d+; /);
    expect((await client.get('/')).body).toContain('It outlives this browser');
    expect((await demo.client().signIn('Grace')).setCookies[0]).not.toContain('Max-Age');
    demo.clock.advance('31m');
    expect((await client.state()).signedIn).toBe(false);
    await demo.close();
  });

  it('stays ticked in a form that was refused', async () => {
    const demo = await startDemo();
    const client = demo.client();
    const refused = await client.post('/sign-in', { form: { username: 'Grace', persistent: 'yes' } });
    expect(refused.body).toMatch(/name="persistent"[^>]* checked/);
    expect((await client.get('/sign-in')).body).not.toMatch(/ checked/);
    await demo.close();
  });
});
