import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteAccounts } from '../src/account-table.ts';
import { type Client, PASSWORD } from './support/client.ts';
import { type Demo, startDemo, STORES } from './support/demo.ts';

const NEW = 'quite another password';

function changePassword(client: Client, form: Record<string, string> = {}) {
  return client.post('/account/password', { form: { current: PASSWORD, next: NEW, ...form } });
}

function changeEmail(client: Client, email: string) {
  return client.post('/account/email', { form: { email } });
}

function confirm(client: Client, to: string, password = PASSWORD) {
  return client.post('/confirm', { form: { to, password } });
}

describe.each(STORES)('the account on %s', (kind) => {
  let demo: Demo;
  let client: Client;
  beforeEach(async () => {
    demo = await startDemo({ kind });
    client = demo.client();
    await client.signUp('Grace');
  });
  afterEach(() => demo.close());

  const email = () => demo.users.byName('Grace')?.email;

  it('has the address that its owner gives within five minutes of the password', async () => {
    expect((await client.get('/account')).body).toContain('You have given none yet.');
    demo.clock.advance('5m');
    const answer = await changeEmail(client, ' grace@example.com ');
    expect([answer.status, answer.location]).toEqual([303, '/account?done=email-changed']);
    expect(email()).toBe('grace@example.com');
    const { body } = await client.get('/account?done=email-changed');
    expect(body).toContain('Your e-mail address is changed.');
    expect(body).toContain('<strong>grace@example.com</strong>');
  });

  it('asks for the password after five minutes, keeps what was typed, and comes back (ASVS-7.5.1)', async () => {
    demo.clock.advance('5m');
    demo.clock.advance('1s');
    const asked = await changeEmail(client, 'grace@example.com');
    expect([asked.status, asked.location]).toEqual([303, '/confirm?to=%2Faccount']);
    expect(email()).toBeUndefined();

    const page = await client.get(asked.location ?? '');
    expect(page.body).toContain('Is it still you?');
    expect(page.body).toContain('name="to" value="/account"');
    const wrong = await confirm(client, '/account', 'not the password');
    expect([wrong.status, wrong.body.includes('That is not your password.')]).toEqual([401, true]);
    expect(wrong.body).not.toContain('not the password');
    expect((await changeEmail(client, 'grace@example.com')).location).toBe('/confirm?to=%2Faccount');

    const before = client.copy();
    const right = await confirm(client, '/account');
    expect([right.status, right.location]).toEqual([303, '/account?done=confirmed']);
    expect((await before.state()).signedIn).toBe(false);
    expect(email()).toBeUndefined();
    expect((await client.get('/account')).body).toContain('value="grace@example.com"');

    expect((await changeEmail(client, 'grace@example.com')).location).toBe('/account?done=email-changed');
    expect(email()).toBe('grace@example.com');
    expect((await client.state()).data).toEqual({});
  });

  it.each([
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    '/.//evil.example',
    '',
  ])('never leads away from here: %s (CWE-601)', async (to) => {
    const page = await client.get(`/confirm?to=${encodeURIComponent(to)}`);
    expect(page.body).not.toContain('evil.example');
    expect((await confirm(client, to)).location).toBe('/?done=confirmed');
  });

  it.each([
    '',
    'grace',
    'grace@',
    '@example.com',
    'grace@localhost',
    'a b@example.com',
    'grace@example..com',
    'grace@example.com,eve@example.com',
    `${'x'.repeat(65)}@example.com`,
    `grace@${'x.'.repeat(130)}com`,
    'grace@example.com\u0000',
    '"><img src=x>@example.com',
  ])('refuses %j as an address, and keeps it in the field', async (text) => {
    const answer = await changeEmail(client, text);
    expect(answer.status).toBe(422);
    expect(answer.body).toContain('That is no e-mail address');
    expect(answer.body).toContain('aria-invalid="true"');
    expect(answer.body).not.toContain('<img');
    expect(email()).toBeUndefined();
  });

  it('ends all other sessions with the old password, and gives this one a new token (ASVS-7.4.3)', async () => {
    const other = demo.client();
    await other.signIn('Grace');
    const thief = client.copy();
    const answer = await changePassword(client);
    expect([answer.status, answer.location]).toEqual([303, '/account?done=password-changed']);
    const states = await Promise.all([client, thief, other].map((holder) => holder.state()));
    expect(states.map(({ signedIn }) => signedIn)).toEqual([true, false, false]);
    expect((await demo.client().signIn('Grace')).status).toBe(401);
    expect((await demo.client().signIn('Grace', NEW)).status).toBe(303);
  });

  it('keeps no session at all where its owner wishes so', async () => {
    const other = demo.client();
    await other.signIn('Grace');
    const thief = client.copy();
    const answer = await changePassword(client, { everywhere: 'yes' });
    expect(answer.location).toBe('/?done=signed-out-everywhere');
    expect(client.cookie).toBeUndefined();
    const states = await Promise.all([thief, other].map((holder) => holder.state()));
    expect(states.map(({ signedIn }) => signedIn)).toEqual([false, false]);
  });

  it.each([
    ['a wrong current password', { current: 'not the password' }, 401, 'not your current password'],
    ['no current password', { current: '' }, 401, 'not your current password'],
    ['an endless current password', { current: 'x'.repeat(129) }, 401, 'not your current password'],
    ['a new one that is too short', { next: 'seven c' }, 422, 'too short'],
    ['a new one that is too long', { next: 'x'.repeat(129) }, 422, 'too long'],
    ['the one it was', { next: PASSWORD }, 422, 'the password you have'],
  ])('refuses %s, shows none of them, and ends nothing', async (_, form, status, message) => {
    const other = demo.client();
    await other.signIn('Grace');
    const answer = await changePassword(client, form);
    expect([answer.status, answer.body.includes(message)]).toEqual([status, true]);
    expect(answer.body).not.toMatch(/type="password"[^>]* value=/);
    expect((await other.state()).signedIn).toBe(true);
    expect((await demo.client().signIn('Grace')).status).toBe(303);
  });

  it('of two changes from one password makes one', async () => {
    const other = demo.client();
    await other.signIn('Grace');
    const answers = await Promise.all([
      changePassword(client, { next: 'the first new password' }),
      changePassword(other, { next: 'the second new password' }),
    ]);
    const made = answers.filter(({ location }) => location === '/account?done=password-changed');
    expect(made).toHaveLength(1);
    const signIns = await Promise.all(
      ['the first new password', 'the second new password'].map((password) =>
        demo.client().signIn('Grace', password),
      ),
    );
    expect(signIns.map(({ status }) => status).toSorted()).toEqual([303, 401]);
  });

  it('is asked for the password before other sessions are ended, and comes back to them (ASVS-7.5.2)', async () => {
    const other = demo.client();
    await other.signIn('Grace');
    const [mine, theirs] = [client, other].map(({ cookie }) => cookie?.split('.')[0]);
    demo.clock.advance('6m');
    for (const path of ['/sessions/end-others', `/sessions/${theirs}/end`]) {
      expect((await client.post(path)).location).toBe('/confirm?to=%2Fsessions');
    }
    expect((await other.state()).signedIn).toBe(true);
    expect((await confirm(client, '/sessions')).location).toBe('/sessions?done=confirmed');
    expect((await client.post(`/sessions/${theirs}/end`)).location).toBe('/sessions?done=ended');
    expect((await other.state()).signedIn).toBe(false);
    demo.clock.advance('6m');
    // Leaving oneself needs no proof.
    expect((await client.post(`/sessions/${mine}/end`)).location).toBe('/?done=signed-out');
  });

  it('is nobody else’s: whoever is not signed in is sent to sign in', async () => {
    const stranger = demo.client();
    for (const path of ['/account', '/confirm?to=/account']) {
      expect((await stranger.get(path)).location).toBe('/sign-in');
    }
    for (const path of ['/account/email', '/account/password', '/confirm']) {
      expect((await stranger.post(path, { form: { email: 'eve@example.com' } })).location).toBe('/sign-in');
    }
    expect(email()).toBeUndefined();
  });
});

it('a file of the first version, without addresses, is read and goes on', () => {
  const database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE TABLE demo_accounts (
      id TEXT PRIMARY KEY, username TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO demo_accounts VALUES ('1', 'Grace', 'grace', 'a hash');
  `);
  for (let start = 0; start < 2; start++) {
    const accounts = sqliteAccounts(database);
    expect(accounts.byName('grace')).toMatchObject({ id: '1', email: start === 0 ? null : 'g@example.com' });
    expect(accounts.setEmail('1', 'g@example.com')).toBe(true);
    expect(accounts.setEmail('2', 'g@example.com')).toBe(false);
  }
  database.close();
});
