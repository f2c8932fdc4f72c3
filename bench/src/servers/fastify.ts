/** Fastify. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { onBag, type Bag } from './bag.ts';
import { bare } from './bare.ts';
import { openNodeRedis } from './clients.ts';
import { type Actions, type Libraries, peer, SECRET, type Started } from './server.ts';

interface Request {
  readonly raw: IncomingMessage;
  readonly params: Readonly<Record<string, string>>;
  readonly session: Bag & { regenerate(): Promise<void>; options(options: object): void };
}

interface Reply {
  header(name: string, value: string): Reply;
}

type Handler = (request: Request, reply: Reply) => unknown;

interface App {
  register(plugin: unknown, options?: object): unknown;
  get(path: string, handler: Handler): unknown;
  post(path: string, handler: Handler): unknown;
  ready(): Promise<unknown>;
  readonly server: Server;
}

async function application(
  actions: Actions<Request, Reply>,
  register: (app: App) => unknown = () => undefined,
  around: (handler: RequestListener) => RequestListener = (handler) => handler,
): Promise<Started> {
  const { default: fastify } = await peer<{ default: (options: object) => App }>('fastify');
  const app = fastify({ serverFactory: (handler: RequestListener) => createServer(around(handler)) });
  await register(app);
  const text = (route: Handler): Handler => {
    return (request, reply) => {
      reply.header('content-type', 'text/plain; charset=utf-8');
      return route(request, reply);
    };
  };
  // Fastify sends what a handler returns only where that is a promise.
  const send = async (answer: string | Promise<string>): Promise<string> => answer;
  app.get(
    '/read',
    text((req, reply) => send(actions.read(req, reply))),
  );
  app.post(
    '/write/:value',
    text((req, reply) => send(actions.write(req, reply, req.params['value'] ?? ''))),
  );
  app.post(
    '/sign-in/:user',
    text((req, reply) => send(actions.signIn(req, reply, req.params['user'] ?? ''))),
  );
  app.post(
    '/put/:key',
    text((req, reply) => send(actions.put(req, reply, req.params['key'] ?? ''))),
  );
  app.post(
    '/count',
    text((req, reply) => send(actions.count(req, reply))),
  );
  app.get(
    '/kept',
    text((req, reply) => send(actions.kept(req, reply))),
  );
  await app.ready();
  return { server: app.server };
}

export const libraries: Libraries = {
  bare: () => application(bare),
  async 'by-hand'(place) {
    const { byHand } = await import('./by-hand.ts');
    const actions = await byHand<Request, Reply>(place, {
      cookieOf: (request) => request.raw.headers.cookie,
      setCookie: (reply, value) => void reply.header('set-cookie', value),
    });
    return application(actions);
  },
  /** Through the adapter for `node:http`. */
  async holdfast(place) {
    const { throughNode } = await import('./holdfast.ts');
    return throughNode<Request>(
      place,
      (request) => request.raw,
      (actions, around) => application(actions, undefined, around),
    );
  },
  async '@fastify/session'({ store, redisUrl }) {
    const { default: cookie } = await peer<{ default: unknown }>('@fastify/cookie');
    const { default: session } = await peer<{ default: unknown }>('@fastify/session');
    // Its documentation names connect-redis.
    const { RedisStore } = await peer<{ RedisStore: new (options: object) => unknown }>('connect-redis');
    const remote = store === 'redis' && {
      store: new RedisStore({ client: await openNodeRedis(redisUrl) }),
    };
    const actions = onBag<Request, Reply>({
      bagOf: (request) => request.session,
      renew: (request) => request.session.regenerate(),
    });
    return application(actions, async (app) => {
      await app.register(cookie);
      await app.register(session, {
        ...remote,
        secret: SECRET,
        saveUninitialized: false,
        cookie: { secure: false, maxAge: 1_800_000, sameSite: 'lax' },
      });
    });
  },
  async '@fastify/secure-session'() {
    const { default: session } = await peer<{ default: unknown }>('@fastify/secure-session');
    const actions = onBag<Request, Reply>({ bagOf: (request) => request.session });
    return application(actions, (app) =>
      app.register(session, {
        key: Buffer.alloc(32, 7),
        cookie: { path: '/', sameSite: 'lax', httpOnly: true },
      }),
    );
  },
};
