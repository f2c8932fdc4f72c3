/** Hono on `@hono/node-server`, and what works on a `Request` and a `Response`. */
import type { Server } from 'node:http';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { onBag, type Bag } from './bag.ts';
import { bare } from './bare.ts';
import { type Actions, type Libraries, peer, SECRET, type Started } from './server.ts';

type Fetch = (
  request: Request,
  env: { incoming: { socket: { remoteAddress?: string } } },
) => Response | Promise<Response>;

async function application(
  actions: Actions<Context, Context>,
  middleware?: MiddlewareHandler,
  around: (app: Hono) => Fetch = (app) => (request, env) => app.fetch(request, env),
): Promise<Started> {
  const { Hono } = await peer<{ Hono: new () => Hono }>('hono');
  type Adapt = (options: { fetch: Fetch }) => Server;
  const { createAdaptorServer } = await peer<{ createAdaptorServer: Adapt }>('@hono/node-server');
  const app = new Hono();
  if (middleware) app.use(middleware);
  const send = (c: Context, text: string | Promise<string>): Response | Promise<Response> =>
    typeof text === 'string' ? c.text(text) : text.then((late) => c.text(late));
  app.get('/read', (c) => send(c, actions.read(c, c)));
  app.post('/write/:value', (c) => send(c, actions.write(c, c, c.req.param('value'))));
  app.post('/sign-in/:user', (c) => send(c, actions.signIn(c, c, c.req.param('user'))));
  app.post('/put/:key', (c) => send(c, actions.put(c, c, c.req.param('key'))));
  app.post('/count', (c) => send(c, actions.count(c, c)));
  app.get('/kept', (c) => send(c, actions.kept(c, c)));
  return { server: createAdaptorServer({ fetch: around(app) }) };
}

interface Iron extends Bag {
  save(): Promise<void>;
}

interface HonoSession {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  getCache(): Readonly<Record<'_data', object>>;
}

interface Auth {
  readonly handler: (request: Request) => Promise<Response>;
  readonly api: {
    getSession(of: {
      headers: Headers;
    }): Promise<{ session: { color: string }; user: { name: string } } | null>;
    signUpEmail(of: { body: object; asResponse: true }): Promise<Response>;
  };
}

async function betterAuth(store: string): Promise<Auth> {
  const { DatabaseSync } = await import('node:sqlite');
  type Make = (options: object) => Auth & { readonly $context: Promise<{ runMigrations(): Promise<void> }> };
  const { betterAuth: make } = await peer<{ betterAuth: Make }>('better-auth');
  const { memoryAdapter } = await peer<{ memoryAdapter: (tables: object) => unknown }>(
    'better-auth/adapters/memory',
  );
  const tables = { user: [], session: [], account: [], verification: [] };
  const auth = make({
    secret: SECRET,
    baseURL: 'http://127.0.0.1',
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    database: store === 'sqlite' ? new DatabaseSync(':memory:') : memoryAdapter(tables),
    emailAndPassword: {
      enabled: true,
      // Who signs up is not measured.
      password: { hash: async () => 'hash', verify: async () => true },
    },
    session: {
      additionalFields: { color: { type: 'string', defaultValue: 'blue', input: false } },
      cookieCache: { enabled: store === 'cookie' },
    },
  });
  if (store === 'sqlite') await (await auth.$context).runMigrations();
  return auth;
}

const notOffered = (): never => {
  throw new Error('not measured');
};

export const libraries: Libraries = {
  bare: () => application(bare),
  async 'by-hand'(place) {
    const { byHand } = await import('./by-hand.ts');
    const actions = await byHand<Context, Context>(place, {
      cookieOf: (c) => c.req.header('cookie'),
      setCookie: (c, value) => c.header('Set-Cookie', value),
    });
    return application(actions);
  },
  async holdfast(place) {
    const { holdfast, onHoldfast } = await import('./holdfast.ts');
    const { fetchSessions } = await import('holdfast/fetch');
    const { sessions, fill } = await holdfast(place);
    const { withSession, sessionOf } = fetchSessions(sessions);
    const actions = onHoldfast<Context>((c) => sessionOf(c.req.raw));
    const around = (app: Hono): Fetch =>
      withSession((request, _session, env: Parameters<Fetch>[1]) => app.fetch(request, env), {
        remoteAddress: (_request, env) => env.incoming.socket.remoteAddress,
      });
    return { ...(await application(actions, undefined, around)), fill };
  },
  async 'iron-session'() {
    const { getIronSession, webCookies } = await peer<{
      getIronSession: (cookies: unknown, options: object) => Promise<Iron>;
      webCookies: (request: Request, headers: Headers) => unknown;
    }>('iron-session');
    const options = { password: SECRET, cookieName: 'iron', ttl: 1800, cookieOptions: { secure: false } };
    const headersOf = new WeakMap<Context, Headers>();
    const actions = onBag<Context, Context>({
      bagOf(c) {
        const headers = new Headers();
        headersOf.set(c, headers);
        return getIronSession(webCookies(c.req.raw, headers), options);
      },
      async save(c, _res, bag) {
        await (bag as Iron).save();
        for (const cookie of headersOf.get(c)?.getSetCookie() ?? []) c.header('Set-Cookie', cookie);
      },
    });
    return application(actions);
  },
  async 'hono-sessions'({ store }) {
    const { sessionMiddleware, MemoryStore } = await peer<{
      sessionMiddleware: (options: object) => MiddlewareHandler;
      MemoryStore: new () => unknown;
    }>('hono-sessions');
    const middleware = sessionMiddleware({
      store: new MemoryStore(),
      // "Required for CookieStore, recommended for others."
      ...(store === 'cookie' && { encryptionKey: SECRET }),
      expireAfterSeconds: 1800,
      cookieOptions: { sameSite: 'Lax', path: '/', httpOnly: true },
    });
    const actions = onBag<Context, Context>({
      renew: (c) => c.set('session_key_rotation', true),
      bagOf: (c) => {
        const session = c.get('session') as HonoSession;
        return new Proxy({} as Bag, {
          get: (_, key) => session.get(String(key)) ?? undefined,
          set: (_, key, value) => {
            session.set(String(key), value);
            return true;
          },
          ownKeys: () => Object.keys(session.getCache()['_data']),
          getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
        });
      },
    });
    return application(actions, middleware);
  },
  /** Only `getSession`: its sign-in hashes a password, which is another thing. */
  async 'better-auth'({ store }) {
    const auth = await betterAuth(store);
    return application({
      async read(c) {
        const found = await auth.api.getSession({ headers: c.req.raw.headers });
        return found ? `${found.user.name} ${found.session.color}` : 'nobody';
      },
      async signIn(c, _res, user) {
        const body = { name: user, email: `${user}@example.com`, password: 'a long password' };
        const response = await auth.api.signUpEmail({ body, asResponse: true });
        for (const cookie of response.headers.getSetCookie())
          c.header('Set-Cookie', cookie, { append: true });
        return response.ok ? `signed in ${user}` : response.text();
      },
      write: notOffered,
      put: notOffered,
      count: notOffered,
      kept: notOffered,
    });
  },
};
