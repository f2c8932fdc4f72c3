import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express5 from 'express';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { expressSessions } from '../../src/adapters/express.ts';
import type { Csrf } from '../../src/csrf/index.ts';
import { createSessions } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { secureTransport } from '../../src/transport/index.ts';
import { Client } from '../matrix/client.ts';

const express4 = createRequire(import.meta.url)('express4') as typeof express5;

describe.each([
  ['4', express4],
  ['5', express5],
])('the middleware on Express %s', (_version, express) => {
  test('redirects to the whole path, also below a mounted router', async () => {
    const sessions = createSessions({ store: memoryStore() });
    const { middleware } = expressSessions(sessions, { transport: secureTransport() });
    const app = express();
    app.use('/shop', express.Router().use('/cart', middleware));
    const server = createServer(app as RequestListener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new Client({ url, close: async () => undefined });
    const answer = await client.get('/shop/cart/add?book=1', { host: 'example.com' });
    expect(answer.headers.location).toBe('https://example.com/shop/cart/add?book=1');
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('waits for what decides on a forged request, whatever kind of promise it is', async () => {
    const elsewhere = runInNewContext('(value) => Promise.resolve(value)') as typeof Promise.resolve;
    const sessions = createSessions({ store: memoryStore() });
    const { middleware, csrf, errorHandler } = expressSessions(sessions);
    const app = express();
    const refusing = {
      verify: () => elsewhere({ isAllowed: false, reason: 'cross_site' }),
    } as unknown as Csrf;
    const paid = vi.fn<() => void>();
    app.use(middleware, csrf(refusing), (_req, res) => {
      paid();
      res.end('paid');
    });
    app.use(errorHandler);
    const server = createServer(app as RequestListener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answer = await new Client({ url, close: async () => undefined }).get('/pay');
    expect(answer.status).toBe(403);
    expect(paid).not.toHaveBeenCalled();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('knows no session of a request that it did not see, and says what to do', () => {
    const { sessionOf } = expressSessions(createSessions({ store: memoryStore() }));
    expect(() => sessionOf({} as express5.Request)).toThrow(/put the middleware in front of this route/);
  });
});
