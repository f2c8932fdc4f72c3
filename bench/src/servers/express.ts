/** Express. */
import { createServer } from 'node:http';
import type { Express, Request, RequestHandler, Response } from 'express';
import { onBag, type Bag } from './bag.ts';
import { bare } from './bare.ts';
import { openNodeRedis, openPool } from './clients.ts';
import { type Actions, type Libraries, peer, type Place, SECRET, type Started } from './server.ts';

async function application(
  actions: Actions<Request, Response>,
  middleware?: RequestHandler,
): Promise<Started> {
  const { default: express } = await peer<{ default: () => Express }>('express');
  const app = express();
  app.disable('x-powered-by');
  if (middleware) app.use(middleware);
  const send = (res: Response, text: string | Promise<string>): unknown =>
    typeof text === 'string'
      ? res.type('text/plain').send(text)
      : text.then((late) => res.type('text/plain').send(late));
  app.get('/read', (req, res) => send(res, actions.read(req, res)));
  app.post('/write/:value', (req, res) => send(res, actions.write(req, res, req.params.value)));
  app.post('/sign-in/:user', (req, res) => send(res, actions.signIn(req, res, req.params.user)));
  app.post('/put/:key', (req, res) => send(res, actions.put(req, res, req.params.key)));
  app.post('/count', (req, res) => send(res, actions.count(req, res)));
  app.get('/kept', (req, res) => send(res, actions.kept(req, res)));
  return { server: createServer(app) };
}

type WithBag = Request & { session: Bag & { regenerate(done: (error?: unknown) => void): void } };

/** The store of express-session for a place; `undefined` is its own MemoryStore. */
async function storeFor(session: unknown, { store, redisUrl, postgresUrl }: Place): Promise<unknown> {
  if (store === 'redis') {
    const { RedisStore } = await peer<{ RedisStore: new (options: object) => unknown }>('connect-redis');
    return new RedisStore({ client: await openNodeRedis(redisUrl) });
  }
  if (store === 'postgres') {
    type Connect = (session: unknown) => new (options: object) => unknown;
    const { default: connect } = await peer<{ default: Connect }>('connect-pg-simple');
    return new (connect(session))({ pool: await openPool(postgresUrl), createTableIfMissing: true });
  }
  return undefined;
}

export const libraries: Libraries = {
  bare: () => application(bare),
  async 'by-hand'(place) {
    const { byHand } = await import('./by-hand.ts');
    const actions = await byHand<Request, Response>(place, {
      cookieOf: (req) => req.headers.cookie,
      setCookie: (res, value) => void res.setHeader('Set-Cookie', value),
    });
    return application(actions);
  },
  async holdfast(place) {
    const { holdfast, onHoldfast } = await import('./holdfast.ts');
    const { expressSessions } = await import('holdfast/express');
    const { sessions, fill } = await holdfast(place);
    const { middleware, sessionOf } = expressSessions(sessions);
    return { ...(await application(onHoldfast(sessionOf), middleware)), fill };
  },
  async 'express-session'(place) {
    type Session = (options: object) => RequestHandler;
    const { default: session } = await peer<{ default: Session }>('express-session');
    const store = await storeFor(session, place);
    const middleware = session({
      ...(store !== undefined && { store }),
      secret: SECRET,
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 1_800_000, sameSite: 'lax' },
    });
    const actions = onBag<Request, Response>({
      bagOf: (req) => (req as WithBag).session,
      renew: (req) =>
        new Promise<void>((done, fail) => {
          (req as WithBag).session.regenerate((error) => (error ? fail(error) : done()));
        }),
    });
    return application(actions, middleware);
  },
  async 'cookie-session'() {
    const { default: session } = await peer<{ default: (options: object) => RequestHandler }>(
      'cookie-session',
    );
    const middleware = session({ secret: SECRET, maxAge: 1_800_000, sameSite: 'lax' });
    return application(onBag<Request, Response>({ bagOf: (req) => (req as WithBag).session }), middleware);
  },
};
