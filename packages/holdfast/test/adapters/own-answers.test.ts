/** Error pages and form fields of the application's own, on the adapters that let it have them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { expect, test, vi } from 'vitest';
import { expressSessions } from '../../src/adapters/express.ts';
import { fetchSessions } from '../../src/adapters/fetch.ts';
import { nodeSessions } from '../../src/adapters/node.ts';
import { csrfProtection } from '../../src/csrf/index.ts';
import { createSessions } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { faultyStore, signedInCookie } from '../../src/testing/index.ts';

test('an error page of the application’s own is sent, and what the handler had written is dropped (express)', async () => {
  const { store, fail, recover } = faultyStore(memoryStore());
  const sessions = createSessions({ store, onEvent: () => undefined });
  const { middleware, errorHandler, sessionOf } = expressSessions(sessions, { answerErrors: false });
  const app = express();
  app.use(middleware);
  app.get('/half', (req) => {
    sessionOf(req).set('half', true);
    throw Object.assign(new Error('no'), { status: 422 });
  });
  app.get('/read', (req, res) => void res.json(sessionOf(req).all()));
  app.use(errorHandler);
  app.use(((error, _req, res, _next) => {
    res.status(error.code === 'store_unavailable' ? 503 : 422).send(`mine: ${error.code ?? error.message}`);
  }) as ErrorRequestHandler);
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { cookie: await signedInCookie(sessions, { userId: 'ada' }) };

  expect(await (await fetch(`${url}/half`, { headers })).text()).toBe('mine: no');
  expect(await (await fetch(`${url}/read`, { headers })).json()).toEqual({});
  fail('before', 'read');
  expect(await (await fetch(`${url}/read`, { headers })).text()).toBe('mine: store_unavailable');
  recover();
  server.closeAllConnections();
  server.close();
});

test('onError may leave an error to the default answer (fetch)', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { store, fail } = faultyStore(memoryStore());
  const { withSession } = fetchSessions(createSessions({ store, onEvent: () => undefined }));
  const handle = withSession(
    (_request, session) => {
      session.set('a', 1);
      return new Response('ok');
    },
    { onError: () => undefined },
  );
  fail('before');
  expect((await handle(new Request('http://localhost/'))).status).toBe(503);
  vi.restoreAllMocks();
});

test('a token may come in a field of the form (fetch, node) (CSRF-14)', async () => {
  const sessions = createSessions({ store: memoryStore(), onEvent: () => undefined });
  const csrf = csrfProtection({ strict: true });
  const form = fetchSessions(sessions).withSession(
    async (_request, session) => new Response(await csrf.token(session)),
    {},
  );
  const post = fetchSessions(sessions).withSession(
    async (request) => new Response((await request.formData()).get('name')),
    {
      csrf,
      csrfToken: async (request) => String((await request.clone().formData()).get('_csrf') ?? ''),
    },
  );
  const cookie = await signedInCookie(sessions, { userId: 'ada' });
  const token = await (await form(new Request('http://localhost/', { headers: { cookie } }))).text();
  const send = (fields: Record<string, string>) =>
    post(
      new Request('http://localhost/', {
        method: 'POST',
        headers: { cookie },
        body: new URLSearchParams(fields),
      }),
    );
  expect(await (await send({ _csrf: token, name: 'x' })).text()).toBe('x');
  expect((await send({ _csrf: 'wrong', name: 'x' })).status).toBe(403);

  const { withSession } = nodeSessions(sessions);
  const handle = withSession((_req, res) => res.end('ok'), {
    csrf,
    csrfToken: async (req) => {
      let body = '';
      for await (const chunk of req) body += String(chunk);
      return new URLSearchParams(body).get('_csrf') ?? undefined;
    },
  });
  const server = createServer((req, res) => void handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const body = (fields: Record<string, string>) => ({
    method: 'POST',
    headers: { cookie },
    body: new URLSearchParams(fields),
  });
  expect((await fetch(url, body({ _csrf: token }))).status).toBe(200);
  expect((await fetch(url, body({}))).status).toBe(403);
  server.closeAllConnections();
  server.close();
});

test('a request that needs no token is not read for one: a page and its form may share a handler', async () => {
  const sessions = createSessions({ store: memoryStore() });
  const csrf = csrfProtection({ strict: true });
  const asked: (string | undefined)[] = [];
  const handle = fetchSessions(sessions).withSession(() => new Response('ok'), {
    csrf,
    csrfToken: async (request) => {
      asked.push(request.method);
      return (await request.clone().formData()).get('_csrf')?.toString();
    },
  });
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    expect((await handle(new Request('http://localhost/', { method }))).status, method).toBe(200);
  }
  // What another site sends is refused by its headers, whatever its body is.
  const headers = { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' };
  const forged = new Request('http://localhost/', { method: 'POST', headers, body: 'x' });
  expect((await handle(forged)).status).toBe(403);

  const guarded = nodeSessions(sessions).withSession((_req, res) => res.end('ok'), {
    csrf,
    csrfToken: (req) => {
      asked.push(req.method);
      return undefined;
    },
  });
  const server = createServer((req, res) => void guarded(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(url, { method: 'POST', headers })).status).toBe(403);
  server.closeAllConnections();
  server.close();
  expect(asked).toEqual([]);
});
