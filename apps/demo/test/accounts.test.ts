import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COOKIE, PASSWORD } from './support/client.ts';
import { type Demo, startDemo, STORES } from './support/demo.ts';

describe.each(STORES)('accounts on %s', (kind) => {
  let demo: Demo;
  beforeEach(async () => {
    demo = await startDemo({ kind });
  });
  afterEach(() => demo.close());

  it('signs up, and is signed in with a cookie that only this host and no script can use (ASVS-3.3.1, ASVS-3.3.3)', async () => {
    const client = demo.client();
    const answer = await client.signUp('Grace');
    expect(answer.status).toBe(303);
    expect(answer.location).toBe('/');
    expect(answer.setCookies).toHaveLength(1);
    expect(answer.setCookies[0]).toMatch(
      new RegExp(`^${COOKIE}=[\\w.-]+; Path=/; HttpOnly; Secure; SameSite=Lax$`),
    );
    expect(await client.state()).toEqual({ signedIn: true, user: 'Grace', data: {}, renewals: 0 });
    expect((await client.get('/')).body).toContain('Hello, Grace');
  });

  it('signs in again, whatever the case of the name', async () => {
    await demo.client().signUp('Grace');
    const client = demo.client();
    const answer = await client.signIn(' gRACE ');
    expect([answer.status, answer.location]).toEqual([303, '/']);
    expect((await client.state()).user).toBe('Grace');
  });

  it('says the same for a wrong password and for a name that nobody has', async () => {
    await demo.client().signUp('Grace');
    const wrong = await demo.client().signIn('Grace', 'not the password');
    const nobody = await demo.client().signIn('Linus', 'not the password');
    expect([wrong.status, nobody.status]).toEqual([401, 401]);
    expect(wrong.body).toContain('The username or the password is wrong.');
    expect(nobody.body).toBe(wrong.body.replaceAll('Grace', 'Linus'));
    expect(wrong.setCookies).toEqual([]);
  });

  it('keeps the name in a form that was refused, and never the password', async () => {
    const { body } = await demo.client().signIn('Grace', 'not the password');
    expect(body).toContain('value="Grace"');
    expect(body).not.toContain('not the password');
  });

  it('gives a name to one account only', async () => {
    await demo.client().signUp('Grace');
    const second = demo.client();
    const answer = await second.signUp('GRACE', 'another password');
    expect(answer.status).toBe(409);
    expect(answer.body).toContain('That username is taken.');
    expect((await second.state()).signedIn).toBe(false);
  });

  it('gives a name to one of many who ask for it at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) => demo.client().signUp('Grace', `password ${i}`)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409, 409, 409, 409]);
  });

  it.each([
    ['a password that is too short', 'Grace', 'seven c', 'too short'],
    ['a password that is too long', 'Grace', 'x'.repeat(129), 'too long'],
    ['a name that is too short', 'G', PASSWORD, 'A username is'],
    ['a name with other characters', 'Grace Hopper', PASSWORD, 'A username is'],
    ['no name', '', PASSWORD, 'A username is'],
  ])('refuses %s, says the rule, and makes nothing', async (_, username, password, message) => {
    const answer = await demo.client().signUp(username, password);
    expect(answer.status).toBe(422);
    expect(answer.body).toContain(message);
    expect(answer.setCookies).toEqual([]);
    expect(demo.users.byName(username)).toBeUndefined();
  });

  it('treats a form without its fields, or with a field twice, as a refused one', async () => {
    const client = demo.client();
    expect((await client.post('/sign-in')).status).toBe(401);
    expect((await client.post('/sign-up', { form: {} })).status).toBe(422);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const twice = await client.post('/sign-in', { body: 'username=a&username=b&password=c', headers });
    expect(twice.status).toBe(401);
  });

  it('gives a new token at every sign-in, and the one before it is dead (ASVS-7.2.4)', async () => {
    const client = demo.client();
    await client.post('/lab/set?key=basket&value=kelp');
    const planted = client.copy();
    await client.signUp('Grace');
    expect(client.cookie).not.toBe(planted.cookie);
    expect(await planted.state()).toMatchObject({ signedIn: false, data: {} });
    expect((await client.state()).data).toEqual({ basket: 'kelp' });

    const before = client.copy();
    await client.signIn('Grace');
    expect(client.cookie).not.toBe(before.cookie);
    expect((await before.state()).signedIn).toBe(false);
    expect((await client.state()).signedIn).toBe(true);
  });

  it('never takes over a token that it did not mint (SM-10)', async () => {
    const client = demo.client();
    const forged = `${'A'.repeat(22)}.${'A'.repeat(16)}.${'A'.repeat(43)}`;
    client.cookie = forged;
    await client.signUp('Grace');
    expect(client.cookie).not.toContain('A'.repeat(16));
    const attacker = demo.client();
    attacker.cookie = forged;
    expect((await attacker.state()).signedIn).toBe(false);
  });

  it('kills the token when its owner signs out (ASVS-7.4.1)', async () => {
    const client = demo.client();
    await client.signUp('Grace');
    const thief = client.copy();
    const answer = await client.post('/sign-out');
    expect(answer.status).toBe(303);
    expect(answer.setCookies[0]).toContain('Max-Age=0');
    expect(await thief.state()).toMatchObject({ signedIn: false, user: null });
    expect((await thief.get('/')).body).not.toContain('Grace');
  });

  it('signs out whoever is not signed in without a fuss', async () => {
    const answer = await demo.client().post('/sign-out');
    expect([answer.status, answer.setCookies]).toEqual([303, []]);
  });

  it('ends the session when somebody else signs in on the same browser, and hands on nothing of it', async () => {
    await demo.client().signUp('Linus');
    const client = demo.client();
    await client.signUp('Grace');
    await client.post('/lab/set?key=basket&value=kelp');
    const before = client.copy();
    await client.signIn('Linus');
    expect(await client.state()).toMatchObject({ user: 'Linus', data: {} });
    expect((await before.state()).signedIn).toBe(false);
  });

  it('sends whoever is signed in away from the forms', async () => {
    const client = demo.client();
    await client.signUp('Grace');
    for (const path of ['/sign-in', '/sign-up']) {
      const answer = await client.get(path);
      expect([path, answer.status, answer.location]).toEqual([path, 303, '/']);
    }
  });
});

describe('a sign-in that races a revocation', () => {
  it('loses, so that an old password can not outlive its change', async () => {
    const demo = await startDemo();
    const client = demo.client();
    await client.signUp('Grace');
    const other = demo.client();
    // Between the epoch and the end of the sign-in, somebody ends all other sessions.
    const verify = demo.users.verify.bind(demo.users);
    demo.users.verify = async (user, password) => {
      await client.post('/sessions/end-others');
      return verify(user, password);
    };
    const answer = await other.signIn('Grace');
    expect(answer.status).toBe(409);
    expect(answer.setCookies).toEqual([]);
    expect((await other.state()).signedIn).toBe(false);
    expect((await client.state()).signedIn).toBe(true);
    await demo.close();
  });
});
