/** `node:http` at its edges: responses that are not Node's, handlers that fail with the answer itself, and HTTP/2. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { nodeSessions } from '../../src/adapters/node.ts';
import { createSessions, type Session, type SessionEvent } from '../../src/index.ts';
import type { UntypedData } from '../../src/data.ts';
import { memoryStore } from '../../src/stores/memory.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

type Handler = (req: IncomingMessage, res: ServerResponse, session: Session<UntypedData>) => unknown;

function handlerOf(handler: Handler, onEvent: (event: SessionEvent) => void = () => undefined) {
  return nodeSessions(createSessions({ store: memoryStore(), onEvent })).withSession(handler);
}

/** As runtimes without `node:http` make one: what it says of itself are fields. */
class OtherResponse {
  headersSent = false;
  writableEnded = false;
  statusCode = 200;
  statusMessage = '';
  text = '';
  readonly headers = new Map<string, unknown>();
  ended: () => void = () => undefined;

  getHeaders = () => Object.fromEntries(this.headers);
  getHeaderNames = () => [...this.headers.keys()];
  getHeader = (name: string) => this.headers.get(name.toLowerCase());
  setHeader = (name: string, value: unknown) => void this.headers.set(name.toLowerCase(), value);
  removeHeader = (name: string) => void this.headers.delete(name);
  flushHeaders = () => undefined;
  emit = () => false;

  writeHead(status: number): this {
    this.statusCode = status;
    this.headersSent = true;
    return this;
  }

  write(text: string): boolean {
    this.headersSent = true;
    this.text += text;
    return true;
  }

  end(text = ''): this {
    this.text += text;
    this.headersSent = true;
    this.writableEnded = true;
    this.ended();
    return this;
  }
}

test('a response whose state is fields of its own is held, and answered', async () => {
  const res = new OtherResponse();
  const said: boolean[] = [];
  const ended = new Promise<void>((done) => (res.ended = done));
  const handle = handlerOf((_req, held, session) => {
    session.set('a', 1);
    held.writeHead(201);
    said.push(held.headersSent, held.writableEnded);
    held.end('made');
    said.push(held.headersSent, held.writableEnded);
  });
  const req = { method: 'GET', url: '/', headers: { host: 'localhost' }, socket: {} };
  await handle(req as unknown as IncomingMessage, res as unknown as ServerResponse);
  await ended;
  expect(said).toEqual([true, false, true, true]);
  expect(res).toMatchObject({ statusCode: 201, text: 'made', headersSent: true, writableEnded: true });
  expect(res.getHeader('set-cookie')).toHaveLength(1);
});

for (const kind of ['at once', 'late'] as const) {
  test(`a status message that can not be sent, ${kind}, is answered with 500, and nothing is thrown`, async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const fail = (res: ServerResponse) => {
      res.statusMessage = 'bad\nmessage';
      res.end('x');
    };
    const handle = handlerOf(kind === 'late' ? async (_req, res) => fail(res) : (_req, res) => fail(res));
    const { createServer } = await import('node:http');
    const returned: unknown[] = [];
    const server = createServer((req, res) => void returned.push(handle(req, res)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(response.status).toBe(500);
    expect(await Promise.all(returned)).toEqual([undefined]);
    await new Promise((done) => server.close(done).closeAllConnections());
  });
}

test('over HTTP/2 the address is known, also of who has cancelled the request meanwhile', async () => {
  const events: SessionEvent[] = [];
  let signedIn: () => void = () => undefined;
  const isSignedIn = new Promise<void>((done) => (signedIn = done));
  let cancel: () => void = () => undefined;
  const handle = handlerOf(
    async (req, res, session) => {
      const gone = new Promise((done) => req.once('close', done));
      cancel();
      await gone;
      await session.signIn({ userId: 'ada' });
      res.end();
      signedIn();
    },
    (event) => events.push(event),
  );
  const server = createHttp2Server(
    (req, res) => void handle(req as unknown as IncomingMessage, res as unknown as ServerResponse),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = client.request({ ':path': '/' });
  stream.on('error', () => undefined);
  cancel = () => stream.close(8);
  await isSignedIn;
  expect(events.map(({ type, client: who }) => [type, who?.ip])).toEqual([
    ['created', '127.0.0.1'],
    ['signed_in', '127.0.0.1'],
  ]);
  client.destroy();
  await new Promise<void>((done) => server.close(() => done()));
});
