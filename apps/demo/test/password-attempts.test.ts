import { manualClock } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  MOST_PER_ACCOUNT,
  MOST_PER_ADDRESS,
  passwordAttempts,
  TooManyPasswords,
} from '../src/password-attempts.ts';
import { PASSWORD } from './support/client.ts';
import { type Demo, startDemo } from './support/demo.ts';

describe('wrong passwords', () => {
  const clock = manualClock();
  let attempts = passwordAttempts(clock);
  beforeEach(() => {
    attempts = passwordAttempts(clock);
  });

  /** Whether the password was looked at. */
  async function guess(username: string, address: string, isRight = false): Promise<boolean> {
    const check = vi.fn<() => Promise<boolean>>().mockResolvedValue(isRight);
    const guessed = attempts.attempt({ username, address }, check, (outcome) => !outcome);
    await guessed.catch((error: unknown) => expect(error).toBeInstanceOf(TooManyPasswords));
    return check.mock.calls.length === 1;
  }

  async function guesses(count: number, username: string, address: string): Promise<number> {
    const looked = await Promise.all(Array.from({ length: count }, () => guess(username, address)));
    return looked.filter(Boolean).length;
  }

  it('stop at ten for an account from one address, also when they are sent at once', async () => {
    expect(await guesses(30, 'Grace', '192.0.2.1')).toBe(MOST_PER_ACCOUNT);
    expect(await guess('Grace', '192.0.2.1', true)).toBe(false);
  });

  it('lock nobody out at another address, and no other account at this one', async () => {
    await guesses(30, 'Grace', '192.0.2.1');
    expect(await guess('Grace', '192.0.2.2')).toBe(true);
    expect(await guess('Linus', '192.0.2.1')).toBe(true);
  });

  it('count for one account however its name is written', async () => {
    for (const name of ['grace', 'GRACE', ' Grace', 'ｇｒａｃｅ', 'Grace'])
      await guesses(2, name, '192.0.2.1');
    expect(await guess('Grace', '192.0.2.1')).toBe(false);
  });

  it('stop at a hundred from one address, whatever the accounts', async () => {
    for (let i = 0; i < MOST_PER_ADDRESS; i++) expect(await guess(`user${i}`, '192.0.2.1')).toBe(true);
    expect(await guess('another', '192.0.2.1')).toBe(false);
    expect(await guess('another', '192.0.2.2')).toBe(true);
  });

  it('are forgotten a quarter of an hour after the first, and asking in the meantime makes it no longer', async () => {
    await guesses(10, 'Grace', '192.0.2.1');
    clock.advance('14m');
    expect(await guess('Grace', '192.0.2.1')).toBe(false);
    clock.advance('1m');
    expect(await guess('Grace', '192.0.2.1')).toBe(true);
  });

  it('are not those that were right, nor those that could not be looked at', async () => {
    for (let i = 0; i < 20; i++) expect(await guess('Grace', '192.0.2.1', true)).toBe(true);
    const fault = async (): Promise<boolean> => Promise.reject(new Error('disk full'));
    for (let i = 0; i < 20; i++) {
      const failed = attempts.attempt(
        { username: 'Grace', address: '192.0.2.1' },
        fault,
        (outcome) => !outcome,
      );
      await expect(failed).rejects.toThrow('disk full');
    }
    expect(await guesses(30, 'Grace', '192.0.2.1')).toBe(MOST_PER_ACCOUNT);
  });
});

describe('the application', () => {
  let demo: Demo;
  beforeEach(async () => {
    demo = await startDemo();
  });
  afterEach(() => demo.close());

  it.each([
    'Grace',
    'Nobody',
  ])('refuses further passwords for %s with 429, and says until when', async (name) => {
    await demo.client().signUp('Grace');
    const client = demo.client();
    for (let i = 0; i < MOST_PER_ACCOUNT; i++)
      expect((await client.signIn(name, `guess ${i}`)).status).toBe(401);
    demo.clock.advance('5m');
    const refused = await client.signIn(name);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '600']);
    expect(refused.body).toContain('Too many wrong passwords');
    expect(refused.body).toContain('Try again in 10 minutes.');
    expect(refused.setCookies).toEqual([]);
    demo.clock.advance('10m');
    expect((await client.signIn('Grace')).status).toBe(303);
  });

  it.each([
    ['/confirm', { password: 'a guess' }, { password: PASSWORD }],
    [
      '/account/password',
      { current: 'a guess', next: 'quite another one' },
      { current: PASSWORD, next: 'x' },
    ],
  ])('counts them at %s too, and leaves whoever is signed in signed in', async (path, wrong, right) => {
    const client = demo.client();
    await client.signUp('Grace');
    for (let i = 0; i < MOST_PER_ACCOUNT; i++)
      expect((await client.post(path, { form: wrong })).status).toBe(401);
    expect((await client.post(path, { form: right })).status).toBe(429);
    expect((await demo.client().signIn('Grace')).status).toBe(429);
    expect((await client.state()).signedIn).toBe(true);
  });
});
