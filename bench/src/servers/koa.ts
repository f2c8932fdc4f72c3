/** Koa. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type Bag, onBag } from './bag.ts';
import { bare } from './bare.ts';
import { act, type Actions, type Libraries, peer, routeOf, SECRET, type Started } from './server.ts';

interface Context {
  readonly req: IncomingMessage;
  readonly method: string;
  readonly url: string;
  readonly session: Bag & { regenerate(): void };
  body: string;
  set(name: string, value: string): void;
}

type Middleware = (context: Context, next: () => Promise<void>) => unknown;

interface App {
  keys: string[];
  use(middleware: Middleware): App;
  callback(): RequestListener;
}

async function application(
  actions: Actions<Context, Context>,
  register: (app: App) => unknown = () => undefined,
  around: (handler: RequestListener) => RequestListener = (handler) => handler,
): Promise<Started> {
  const { default: Koa } = await peer<{ default: new () => App }>('koa');
  const app = new Koa();
  app.keys = [SECRET];
  await register(app);
  app.use(async (context) => {
    const route = routeOf(context.method, context.url);
    if (route) context.body = await act(actions, context, context, route);
  });
  return { server: createServer(around(app.callback())) };
}

export const libraries: Libraries = {
  bare: () => application(bare),
  async 'by-hand'(place) {
    const { byHand } = await import('./by-hand.ts');
    const actions = await byHand<Context, Context>(place, {
      cookieOf: (context) => context.req.headers.cookie,
      setCookie: (context, value) => context.set('Set-Cookie', value),
    });
    return application(actions);
  },
  /** Through the adapter for `node:http`. */
  async holdfast(place) {
    const { throughNode } = await import('./holdfast.ts');
    return throughNode<Context>(
      place,
      (context) => context.req,
      (actions, around) => application(actions, undefined, around),
    );
  },
  async 'koa-session'() {
    const { default: session } = await peer<{ default: (options: object, app: App) => Middleware }>(
      'koa-session',
    );
    const actions = onBag<Context, Context>({ bagOf: (context) => context.session });
    return application(actions, (app) => app.use(session({ maxAge: 1_800_000, secure: false }, app)));
  },
};
