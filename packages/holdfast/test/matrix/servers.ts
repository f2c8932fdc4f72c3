/** One small application, written once for each adapter, so that one body of tests runs against them all. */
import { createReadStream } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { serve } from '@hono/node-server';
import express from 'express';
import { expressSessions } from '../../src/adapters/express.ts';
import { fetchSessions } from '../../src/adapters/fetch.ts';
import { nodeSessions } from '../../src/adapters/node.ts';
import type { Session, Sessions } from '../../src/index.ts';
import type { UntypedData } from '../../src/data.ts';

export type Action = (session: Session<UntypedData>, url: URL) => unknown;

/** What a route does to its session; how it answers is the adapter's part. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  '/plain': () => 'plain',
  '/read': (session) => session.get('color') ?? 'none',
  '/who': (session) => session.userId ?? 'nobody',
  '/set': (session, url) => session.set('color', url.searchParams.get('color') ?? 'red'),
  '/sign-in': (session, url) => session.signIn({ userId: url.searchParams.get('user') ?? 'ada' }),
  '/sign-out': (session) => session.signOut(),
  '/set-and-throw': (session) => {
    session.set('color', 'lost');
    throw new Error('the handler failed');
  },
  '/commit-and-throw': async (session) => {
    session.set('color', 'kept');
    await session.commit();
    session.set('color', 'lost');
    throw new Error('the handler failed');
  },
  '/sign-in-and-throw': async (session) => {
    await session.signIn({ userId: 'ada' });
    throw new Error('the handler failed');
  },
};

/** Ways to answer; each writes to the session first, so that a commit stands between the handler and the wire. */
export const ANSWERS = [
  'end',
  'chunks',
  'stream',
  'redirect',
  'not-modified',
  'no-content',
  'write-head',
  'early-hints',
  'file',
] as const;
export type Answer = (typeof ANSWERS)[number];

export interface Running {
  readonly url: string;
  close(): Promise<void>;
}

export type Start = (sessions: Sessions) => Promise<Running>;

const THIS_FILE = new URL(import.meta.url).pathname;

async function listen(server: Server): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerOf(pathname: string): Answer | undefined {
  return ANSWERS.find((answer) => pathname === `/answer/${answer}`);
}

export const startNode: Start = (sessions) => {
  const { withSession } = nodeSessions(sessions);
  const handle = withSession(async (req, res, session) => {
    const url = new URL(req.url ?? '/', 'http://server');
    const answer = answerOf(url.pathname);
    if (!answer) {
      res.end(String((await ACTIONS[url.pathname]?.(session, url)) ?? 'done'));
      return;
    }
    session.set('color', answer);
    nodeAnswer(res, answer);
  });
  return listen(createServer(handle as RequestListener));
};

function nodeAnswer(res: Parameters<RequestListener>[1], answer: Exclude<Answer, never>): void {
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

export const startExpress: Start = (sessions) => {
  const { middleware, errorHandler, sessionOf } = expressSessions(sessions);
  const app = express();
  app.use(middleware);
  for (const [path, action] of Object.entries(ACTIONS)) {
    app.all(path, async (req, res) => {
      res.send(String((await action(sessionOf(req), new URL(req.url, 'http://server'))) ?? 'done'));
    });
  }
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
  }) as express.ErrorRequestHandler);
  return listen(createServer(app));
};

export const startFetch: Start = (sessions) => {
  const { withSession } = fetchSessions(sessions);
  const handle = withSession(async (request, session) => {
    const url = new URL(request.url);
    const answer = answerOf(url.pathname);
    if (!answer) return new Response(String((await ACTIONS[url.pathname]?.(session, url)) ?? 'done'));
    session.set('color', answer);
    return fetchAnswer(answer, url);
  });
  return new Promise((resolve) => {
    const server = serve({ fetch: (request) => handle(request), port: 0, hostname: '127.0.0.1' }, (address) =>
      resolve({
        url: `http://127.0.0.1:${address.port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            (server as Server).closeAllConnections();
          }),
      }),
    );
  });
};

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
