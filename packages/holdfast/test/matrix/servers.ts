/** One small application, written once for each adapter, so that one body of tests runs against them all. */
import { createReadStream } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { type HttpBindings, serve } from '@hono/node-server';
import express5 from 'express';
import { Hono } from 'hono';
import { expressSessions } from '../../src/adapters/express.ts';
import { type FetchOptions, fetchSessions } from '../../src/adapters/fetch.ts';
import { type NodeOptions, nodeSessions } from '../../src/adapters/node.ts';
import type { Csrf } from '../../src/csrf/index.ts';
import type { ProxyOptions } from '../../src/adapters/proxy.ts';
import type { OpenOptions, Sessions } from '../../src/index.ts';
import type { Transport } from '../../src/transport/index.ts';
import { type Action, ACTIONS, type Answer, answerOf, replyOf } from './app.ts';

export interface AppOptions {
  readonly csrf?: Csrf;
  readonly transport?: Transport;
  readonly proxy?: ProxyOptions;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** How to open the requests of a path. */
  readonly open?: (path: string) => OpenOptions;
  /** More routes. */
  readonly actions?: Readonly<Record<string, Action>>;
  /** Routes that CSRF protection does not cover, each by its exact path. */
  readonly exempt?: Readonly<Record<string, Action>>;
}

export interface Running {
  readonly url: string;
  /** What its clients have to trust. */
  readonly ca?: string;
  close(): Promise<void>;
}

export type Start = (sessions: Sessions, options?: AppOptions) => Promise<Running>;

const THIS_FILE = new URL(import.meta.url).pathname;
const express4 = createRequire(import.meta.url)('express4') as typeof express5;

/** Every route asks for a passive session with this header. */
export const PASSIVE = 'x-passive';

function runningOn(server: Server, { tls }: AppOptions): Running {
  const { port } = server.address() as AddressInfo;
  return {
    url: `http${tls ? 's' : ''}://127.0.0.1:${port}`,
    ...(tls && { ca: tls.cert }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(handle: RequestListener, options: AppOptions): Promise<Running> {
  const server = options.tls ? createTlsServer(options.tls, handle) : createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return runningOn(server, options);
}

const startNode: Start = (sessions, options = {}) => {
  const { csrf, transport, proxy, actions, exempt = {} } = options;
  const { withSession } = nodeSessions(sessions);
  const common: NodeOptions = {
    ...(transport && { transport }),
    ...(proxy && { proxy }),
    open: (req) => ({ passive: req.headers[PASSIVE] !== undefined, ...options.open?.(pathOf(req.url)) }),
  };
  const all = { ...ACTIONS, ...actions };
  const guarded = withSession(
    async (req, res, session) => {
      const url = new URL(`http://server${req.url}`);
      const answer = answerOf(url.pathname);
      if (answer) {
        session.set('color', answer);
        nodeAnswer(res, answer);
        return;
      }
      const action = all[url.pathname];
      if (action) sendReply(res, await action(session, url));
      else res.writeHead(404).end('not found');
    },
    { ...common, ...(csrf && { csrf }) },
  );
  const open = withSession(async (req, res, session) => {
    const url = new URL(`http://server${req.url}`);
    sendReply(res, await exempt[pathOf(req.url)]?.(session, url));
  }, common);
  return listen(
    (req, res) => void (Object.hasOwn(exempt, pathOf(req.url)) ? open : guarded)(req, res),
    options,
  );
};

function pathOf(url = '/'): string {
  return url.split('?', 1)[0] ?? '/';
}

function sendReply(res: ServerResponse, outcome: unknown): void {
  const { status, headers, body } = replyOf(outcome);
  res.writeHead(status, headers).end(body);
}

function nodeAnswer(res: ServerResponse, answer: Answer): void {
  switch (answer) {
    case 'end':
      res.end('body');
      return;
    case 'chunks':
      res.write('bo');
      res.write('dy');
      res.end();
      return;
    case 'stream':
      Readable.from(['bo', 'dy']).pipe(res);
      return;
    case 'redirect':
      res.writeHead(303, { Location: '/read' }).end();
      return;
    case 'not-modified':
      res.writeHead(304, ['ETag', '"1"']).end();
      return;
    case 'no-content':
      res.statusCode = 204;
      res.flushHeaders();
      res.end();
      return;
    case 'write-head':
      res.writeHead(201, 'Made', { 'content-type': 'text/plain' });
      res.end('body');
      return;
    case 'early-hints':
      res.writeEarlyHints({ link: '</style.css>; rel=preload' });
      res.end('body');
      return;
    case 'file':
      createReadStream(THIS_FILE).pipe(res);
  }
}

function startExpress(express: typeof express5): Start {
  return (sessions, options = {}) => {
    const { csrf, transport, proxy, actions, exempt = {} } = options;
    const {
      middleware,
      csrf: csrfMiddleware,
      errorHandler,
      sessionOf,
    } = expressSessions(sessions, {
      ...(transport && { transport }),
      open: (req) => ({ passive: req.headers[PASSIVE] !== undefined, ...options.open?.(req.path) }),
    });
    const app = express();
    app.set('trust proxy', proxy?.hops ?? false);
    // So that a path leads to a route only as it is written.
    app.enable('strict routing').enable('case sensitive routing');
    app.use(middleware);
    const route = (path: string, action: Action): void => {
      // Express 4 leaves a rejected promise to nobody: its users pass it on, as here.
      app.all(path, async (req, res, next) => {
        try {
          const { status, headers, body } = replyOf(
            await action(sessionOf(req), new URL(`http://server${req.originalUrl}`)),
          );
          res.status(status).set(headers).send(body);
        } catch (error) {
          next(error);
        }
      });
    };
    for (const [path, action] of Object.entries(exempt)) route(path, action);
    if (csrf) app.use(express.urlencoded({ extended: true }), csrfMiddleware(csrf));
    for (const [path, action] of Object.entries({ ...ACTIONS, ...actions })) route(path, action);
    app.all('/answer/:answer', (req, res) => {
      const answer = answerOf(req.path);
      if (!answer) throw new Error('unknown answer');
      sessionOf(req).set('color', answer);
      if (answer === 'redirect') res.redirect(303, '/read');
      else if (answer === 'not-modified') res.status(304).send();
      else if (answer === 'file') res.sendFile(THIS_FILE);
      else nodeAnswer(res, answer);
    });
    app.use(errorHandler);
    app.use(((_error, _req, res, _next) => {
      res.status(500).send('broken');
    }) as express5.ErrorRequestHandler);
    return listen(app as RequestListener, options);
  };
}

type Bindings = HttpBindings;
type FetchHandler = (request: Request, bindings: Bindings) => Response | Promise<Response>;

function serveFetch(handle: FetchHandler, options: AppOptions): Promise<Running> {
  const { tls } = options;
  return new Promise((resolve) => {
    const fetch = (request: Request, bindings: unknown) => handle(request, bindings as Bindings);
    const common = { fetch, port: 0, hostname: '127.0.0.1' };
    const server = serve(
      tls ? { ...common, createServer: createTlsServer, serverOptions: tls } : common,
      () => resolve(runningOn(server as Server, options)),
    );
  });
}

function fetchOptions({ transport, proxy, open }: AppOptions): FetchOptions<[Bindings]> {
  return {
    ...(transport && { transport }),
    ...(proxy && { proxy }),
    remoteAddress: (_request, bindings) => bindings.incoming.socket.remoteAddress,
    open: (request) => ({
      passive: request.headers.has(PASSIVE),
      ...open?.(new URL(request.url).pathname),
    }),
  };
}

const startFetch: Start = (sessions, options = {}) => {
  const { csrf, actions, exempt = {} } = options;
  const { withSession } = fetchSessions(sessions);
  const common = fetchOptions(options);
  const all = { ...ACTIONS, ...actions };
  const guarded = withSession<[Bindings]>(
    async (request, session) => {
      const url = new URL(request.url);
      const answer = answerOf(url.pathname);
      if (answer) {
        session.set('color', answer);
        return fetchAnswer(answer, url);
      }
      const action = all[url.pathname];
      return action ? responseOf(await action(session, url)) : new Response('not found', { status: 404 });
    },
    { ...common, ...(csrf && { csrf }) },
  );
  const open = withSession<[Bindings]>(async (request, session) => {
    const url = new URL(request.url);
    return responseOf(await exempt[url.pathname]?.(session, url));
  }, common);
  return serveFetch((request, bindings) => {
    const isExempt = Object.hasOwn(exempt, new URL(request.url).pathname);
    return (isExempt ? open : guarded)(request, bindings);
  }, options);
};

/** Hono inside of `withSession`: its handlers find the session by the raw request. */
const startHono: Start = (sessions, options = {}) => {
  const { csrf, actions, exempt = {} } = options;
  const { withSession, sessionOf } = fetchSessions(sessions);
  const common = fetchOptions(options);
  const appOf = (routes: Readonly<Record<string, Action>>): Hono => {
    const app = new Hono();
    for (const [path, action] of Object.entries(routes)) {
      app.all(path, async (c) => responseOf(await action(sessionOf(c.req.raw), new URL(c.req.url))));
    }
    // Holdfast's own errors are answered by withSession.
    app.onError((error) => {
      throw error;
    });
    return app;
  };
  const app = appOf({ ...ACTIONS, ...actions });
  app.all('/answer/:answer', (c) => {
    const url = new URL(c.req.url);
    const answer = answerOf(url.pathname) ?? 'end';
    sessionOf(c.req.raw).set('color', answer);
    return fetchAnswer(answer, url);
  });
  const hooks = appOf(exempt);
  const guarded = withSession<[Bindings]>((request) => app.fetch(request), {
    ...common,
    ...(csrf && { csrf }),
  });
  const open = withSession<[Bindings]>((request) => hooks.fetch(request), common);
  const outer = new Hono<{ Bindings: Bindings }>();
  for (const path of Object.keys(exempt)) outer.all(path, (c) => open(c.req.raw, c.env));
  outer.all('*', (c) => guarded(c.req.raw, c.env));
  return serveFetch((request, bindings) => outer.fetch(request, bindings), options);
};

function responseOf(outcome: unknown): Response {
  const { status, headers, body } = replyOf(outcome);
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  return new Response(status === 304 ? null : body, { status, headers: pairs });
}

function fetchAnswer(answer: Answer, url: URL): Response {
  switch (answer) {
    case 'redirect':
      return Response.redirect(new URL('/read', url), 303);
    case 'not-modified':
      return new Response(null, { status: 304, headers: { etag: '"1"' } });
    case 'no-content':
      return new Response(null, { status: 204 });
    case 'write-head':
      return new Response('body', { status: 201, headers: { 'content-type': 'text/plain' } });
    case 'stream':
    case 'chunks':
      return new Response(
        Readable.toWeb(Readable.from([Buffer.from('bo'), Buffer.from('dy')])) as ReadableStream,
      );
    case 'file':
      return new Response(Readable.toWeb(createReadStream(THIS_FILE)) as ReadableStream);
    default:
      return new Response('body');
  }
}

export const ADAPTERS: readonly (readonly [string, Start])[] = [
  ['fetch', startFetch],
  ['hono', startHono],
  ['node', startNode],
  ['express 4', startExpress(express4)],
  ['express 5', startExpress(express5)],
];
