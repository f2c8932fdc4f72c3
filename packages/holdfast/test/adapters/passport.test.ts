/** The real Passport, with its local strategy, on Express 4 and 5. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express5, { type Express, type Request } from 'express';
import { Passport } from 'passport';
import { Strategy } from 'passport-local';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { expressSessions } from '../../src/adapters/express.ts';
import { type PassportOptions, type PassportSession, passportSession } from '../../src/adapters/passport.ts';
import { createSessions, type Sessions } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { type Answered, Client } from '../matrix/client.ts';

interface User {
  readonly id: string | number;
  readonly name: string;
}

const express4 = createRequire(import.meta.url)('express4') as typeof express5;
const sessionIn = (req: Request) => (req as unknown as { session: PassportSession }).session;

describe.each([
  ['4', express4],
  ['5', express5],
])('Passport on Express %s', (_version, express) => {
  let server: Server;
  let sessions: Sessions;
  let client: Client;
  let users: User[];

  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    users = [
      { id: 'u1', name: 'ada' },
      { id: 'u2', name: 'grace' },
    ];
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    vi.restoreAllMocks();
  });

  async function run(
    options: PassportOptions = {},
    serialize: (user: User) => unknown = ({ id }) => id,
  ): Promise<void> {
    const passport = new Passport();
    passport.use(
      new Strategy((name, password, done) => {
        const user = users.find((one) => one.name === name);
        done(null, user && password === 'right' ? user : false, { message: 'Wrong name or password' });
      }),
    );
    passport.serializeUser((user, done) => done(null, serialize(user as User)));
    passport.deserializeUser((id, done) => done(null, users.find((user) => user.id === id) ?? false));
    sessions = createSessions({ store: memoryStore(), onEvent: () => undefined });
    const { middleware, sessionOf, errorHandler } = expressSessions(sessions);
    const app: Express = express();
    app.use(middleware, passportSession(sessionOf, options), express.urlencoded({ extended: false }));
    app.use(passport.session());
    routes(app, passport, sessionOf);
    app.use(errorHandler);
    app.use(((error: Error, _req, res, _next) => {
      res.status(500).send(error.message);
    }) as express5.ErrorRequestHandler);
    server = createServer(app as RequestListener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = another();
  }

  function another(): Client {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new Client({ url, close: async () => undefined });
  }

  const login = (who: Client, username: string, path = '/login', password = 'right'): Promise<Answered> =>
    who.form(path, { username, password });
  const me = async (who: Client): Promise<string> => (await who.get('/me')).body;

  test('signs in, knows the user on later requests, and signs out', async () => {
    await run();
    expect(await me(client)).toBe('nobody');
    const answer = await login(client, 'ada');
    expect([answer.status, answer.headers.location]).toEqual([302, '/me']);
    expect(answer.setCookies).toHaveLength(1);
    expect(await me(client)).toBe('ada');
    expect(await sessions.list('u1')).toHaveLength(1);
    const out = await client.post('/logout');
    expect(out.status).toBe(302);
    expect(out.headers['clear-site-data']).toBe('"cache", "storage"');
    expect(await me(client)).toBe('nobody');
    expect(await sessions.list('u1')).toEqual([]);
  });

  test('does not sign in with a wrong password, and makes no session of it', async () => {
    await run();
    const answer = await login(client, 'ada', '/login', 'wrong');
    expect([answer.status, answer.headers.location]).toEqual([302, '/login']);
    expect(answer.setCookies).toEqual([]);
    expect(await me(client)).toBe('nobody');
  });

  test('leaves a stolen cookie dead after the logout (ASVS-7.4.1)', async () => {
    await run();
    await login(client, 'ada');
    const thief = another();
    for (const [name, value] of client.cookies) thief.cookies.set(name, value);
    expect(await me(thief)).toBe('ada');
    await client.post('/logout');
    expect(await me(thief)).toBe('nobody');
  });

  test('leaves a planted cookie dead after the login (ASVS-7.2.4) (SM-16)', async () => {
    await run();
    const attacker = another();
    await attacker.get('/put/planted/1');
    for (const [name, value] of attacker.cookies) client.cookies.set(name, value);
    await login(client, 'ada');
    expect(await me(client)).toBe('ada');
    expect(await me(attacker)).toBe('nobody');
    expect((await client.get('/data')).body).toBe('{}');
  });

  test('gives the same user a new secret at every login', async () => {
    await run();
    await login(client, 'ada');
    const before = another();
    for (const [name, value] of client.cookies) before.cookies.set(name, value);
    await login(client, 'ada');
    expect(await me(client)).toBe('ada');
    expect(await me(before)).toBe('nobody');
    expect(await sessions.list('u1')).toHaveLength(1);
  });

  test('drops what was in the session at login, and keeps it with keepSessionInfo', async () => {
    await run();
    await client.get('/put/cart/book');
    await login(client, 'ada');
    expect((await client.get('/data')).body).toBe('{}');
    const keeper = another();
    await keeper.get('/put/cart/book');
    await login(keeper, 'ada', '/login-keeping');
    expect(await me(keeper)).toBe('ada');
    expect((await keeper.get('/data')).body).toBe('{"cart":"book"}');
  });

  test('never carries data from one user to another, not even with keepSessionInfo', async () => {
    await run();
    await login(client, 'ada');
    await client.get('/put/secret/hers');
    await login(client, 'grace', '/login-keeping');
    expect(await me(client)).toBe('grace');
    expect((await client.get('/data')).body).toBe('{}');
    expect(await sessions.list('u1')).toEqual([]);
  });

  test('keeps data over a logout only with keepSessionInfo, in a session that is nobody’s', async () => {
    await run();
    await login(client, 'ada');
    await client.get('/put/theme/dark');
    const old = client.cookies.get('__Host-session');
    await client.post('/logout-keeping');
    expect(await me(client)).toBe('nobody');
    expect((await client.get('/data')).body).toBe('{"theme":"dark"}');
    expect(client.cookies.get('__Host-session')?.slice(0, 22)).not.toBe(old?.slice(0, 22));
    expect(await sessions.list('u1')).toEqual([]);
    const other = another();
    await login(other, 'ada');
    await other.get('/put/theme/dark');
    await other.post('/logout');
    expect((await other.get('/data')).body).toBe('{}');
  });

  test('signs out a user who is no longer found', async () => {
    await run();
    await login(client, 'ada');
    users = [];
    expect(await me(client)).toBe('nobody');
    expect(await sessions.list('u1')).toEqual([]);
  });

  test('gives numbers back as numbers, where that is declared', async () => {
    users = [{ id: 7, name: 'ada' }];
    await run({ numericIds: true });
    await login(client, 'ada');
    expect(await me(client)).toBe('ada');
    expect(await sessions.list('7')).toHaveLength(1);
  });

  test.each<[string, (user: User) => unknown, RegExp]>([
    ['a number that is not declared', () => 7, /numericIds: true/],
    ['the user itself', (user) => user, /must give the id of the user/],
    ['half a number', () => 0.5, /must give the id of the user/],
  ])('says what is wrong when serializeUser gives %s', async (_, serialize, message) => {
    await run({}, serialize);
    const answer = await login(client, 'ada');
    expect(answer.status).toBe(500);
    expect(answer.body).toMatch(message);
    expect(await me(client)).toBe('nobody');
  });

  test('tells the sign-in what the application knows of it', async () => {
    await run({ details: () => ({ methods: ['pwd', 'otp'], label: 'at work' }) });
    await login(client, 'ada');
    const [info] = await sessions.list('u1');
    expect(info?.authentications[0]?.methods).toEqual(['pwd', 'otp']);
    expect(info?.client.label).toBe('at work');
  });

  test('keeps what strategies put into req.session, also when they change it in place', async () => {
    await run();
    await client.get('/nested');
    await client.get('/nested');
    expect((await client.get('/data')).body).toBe('{"oauth":{"state":[1,1]}}');
    await client.get('/drop/oauth');
    expect((await client.get('/data')).body).toBe('{}');
  });

  test('stores nothing and sets no cookie where nothing has changed', async () => {
    await run();
    expect((await client.get('/me')).setCookies).toEqual([]);
    await login(client, 'ada');
    expect((await client.get('/me')).setCookies).toEqual([]);
  });

  test('drops what a handler that fails had put there', async () => {
    await run();
    await client.get('/put/a/1');
    expect((await client.get('/put-and-throw')).status).toBe(500);
    expect((await client.get('/data')).body).toBe('{"a":"1"}');
  });

  test.each([
    'user',
    'circle',
  ])('answers 500 to what can not be stored, once, and goes on: %s', async (what) => {
    await run();
    const answer = await client.get(`/unstorable/${what}`);
    expect(answer.status).toBe(500);
    expect(answer.setCookies).toEqual([]);
    expect(await me(client)).toBe('nobody');
  });

  test('ends the session with destroy, and starts a fresh one without data with regenerate', async () => {
    await run();
    await login(client, 'ada');
    await client.get('/destroy');
    expect(await me(client)).toBe('nobody');
    expect(await sessions.list('u1')).toEqual([]);
    await client.get('/put/a/1');
    const before = another();
    for (const [name, value] of client.cookies) before.cookies.set(name, value);
    await client.get('/regenerate');
    expect((await client.get('/data')).body).toBe('{}');
    await client.get('/put/b/2');
    expect((await before.get('/data')).body).toBe('{}');
  });

  function routes(
    app: Express,
    passport: InstanceType<typeof Passport>,
    sessionOf: (req: Request) => { all(): object },
  ): void {
    const redirects = { successRedirect: '/me', failureRedirect: '/login' };
    app.post('/login', passport.authenticate('local', redirects));
    app.post('/login-keeping', passport.authenticate('local', { ...redirects, keepSessionInfo: true }));
    app.post('/logout', (req, res, next) => {
      req.logout((error) => (error ? next(error) : res.redirect('/')));
    });
    app.post('/logout-keeping', (req, res, next) => {
      req.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : res.redirect('/')));
    });
    app.get('/me', (req, res) => void res.send((req.user as User | undefined)?.name ?? 'nobody'));
    app.get('/data', (req, res) => void res.send(JSON.stringify(sessionOf(req).all())));
    app.get('/put/:key/:value', (req, res) => {
      sessionIn(req)[req.params.key] = req.params.value;
      res.send('put');
    });
    app.get('/drop/:key', (req, res) => {
      Reflect.deleteProperty(sessionIn(req), req.params.key);
      res.send('dropped');
    });
    app.get('/put-and-throw', (req) => {
      sessionIn(req)['a'] = '2';
      throw new Error('the handler failed');
    });
    app.get('/nested', (req, res) => {
      const session = sessionIn(req);
      session['oauth'] ??= { state: [] };
      (session['oauth'] as { state: number[] }).state.push(1);
      res.send('pushed');
    });
    app.get('/unstorable/:what', (req, res) => {
      const session = sessionIn(req);
      if (req.params.what === 'user') session.passport = { user: { id: 'u1' } };
      else session['circle'] = session;
      res.send('stored');
    });
    app.get('/destroy', (req, res, next) => {
      sessionIn(req).destroy((error) => (error ? next(error) : res.send('gone')));
    });
    app.get('/regenerate', (req, res, next) => {
      sessionIn(req).regenerate((error) => (error ? next(error) : res.send('fresh')));
    });
  }
});
