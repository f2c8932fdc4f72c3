import { describe, expect, it } from 'vitest';
import { memoryAccounts } from '../src/account-table.ts';
import { DEMO_PASSWORD, DEMO_USERNAME, seedDemoAccount } from '../src/demo-account.ts';
import { createUsers } from '../src/users.ts';

describe('passwords', () => {
  it('are kept as Argon2id with 19 MiB, two passes and a salt of their own', async () => {
    const accounts = memoryAccounts();
    const users = await createUsers(accounts);
    await users.create('ada', 'the same password');
    await users.create('grace', 'the same password');
    const [one, two] = ['ada', 'grace'].map((name) => accounts.byName(name)?.passwordHash);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it('are the same however a keyboard composes them', async () => {
    const users = await createUsers(memoryAccounts());
    const { user } = await users.create('ada', 'caf\u00e9 caf\u00e9');
    expect(await users.verify(user, 'cafe\u0301 cafe\u0301')).toBe(true);
    expect(await users.verify(user, 'cafe cafe')).toBe(false);
  });

  it('are counted in characters, and allowed up to 128 of them', async () => {
    const users = await createUsers(memoryAccounts());
    expect(await users.create('ada', '😀'.repeat(7))).toEqual({ problem: 'password_short' });
    expect((await users.create('ada', '😀'.repeat(128))).user).toBeDefined();
  });

  it('of nobody are checked against a real hash, and are wrong', async () => {
    const users = await createUsers(memoryAccounts());
    const { user } = await users.create('ada', 'the right password');
    const timed = async (who: typeof user): Promise<number> => {
      const start = performance.now();
      expect(await users.verify(who, 'the wrong password')).toBe(false);
      return performance.now() - start;
    };
    // The least of several: what the machine did besides is left out. Without the hash it would be a thousandth.
    const least = async (who: typeof user): Promise<number> =>
      Math.min(await timed(who), await timed(who), await timed(who), await timed(who));
    const [known, unknown] = [await least(user), await least(undefined)];
    expect(unknown).toBeGreaterThan(known / 10);
  });
});

describe('usernames', () => {
  it.each([
    'ada',
    'Ada.Lovelace',
    'ada@example.com',
    'ada+1',
    'Жанна',
    '愛子',
    'a1',
    '1a',
  ])('%s is one', async (username) => {
    const users = await createUsers(memoryAccounts());
    expect((await users.create(username, 'a password')).user?.username).toBe(username);
  });

  it.each([
    'a',
    '.ada',
    'ada lovelace',
    '<ada>',
    "ada'",
    'ada\u202e',
    'x'.repeat(65),
  ])('%j is none', async (username) => {
    const users = await createUsers(memoryAccounts());
    expect(await users.create(username, 'a password')).toEqual({ problem: 'username' });
  });

  it('are one whatever their case and their composition', async () => {
    const users = await createUsers(memoryAccounts());
    await users.create('Zoe\u0301', 'a password');
    expect(await users.create('ZO\u00c9', 'a password')).toEqual({ problem: 'taken' });
    expect(users.byName('zo\u00e9')?.username).toBe('Zo\u00e9');
  });
});

describe('the demo account', () => {
  it('is made once, and left as it is', async () => {
    const users = await createUsers(memoryAccounts());
    expect(await seedDemoAccount(users)).toBe(true);
    expect(await seedDemoAccount(users)).toBe(true);
    expect(await users.verify(users.byName(DEMO_USERNAME), DEMO_PASSWORD)).toBe(true);
  });

  it('is not overwritten when somebody has given it another password', async () => {
    const users = await createUsers(memoryAccounts());
    await users.create(DEMO_USERNAME, 'a password of my own');
    expect(await seedDemoAccount(users)).toBe(false);
    expect(await users.verify(users.byName(DEMO_USERNAME), 'a password of my own')).toBe(true);
  });
});
