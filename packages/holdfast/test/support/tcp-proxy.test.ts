import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRedis } from './redis/server.ts';
import { call } from './redis/resp.ts';
import { startProxy, type TcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

/** Answers `x` with `reply to x`, and keeps what it was asked. */
let server: Server;
let asked: string;
let open: Set<Socket>;
let proxy: TcpProxy;
beforeEach(async () => {
  asked = '';
  open = new Set();
  server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.on('data', (bytes) => {
      asked += bytes;
      socket.write(`reply to ${bytes}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startProxy((server.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.close();
  for (const socket of open) socket.destroy();
  server.close();
});

/** A client, what it has received, and how its connection ended. */
class Client {
  readonly #socket: Socket;
  received = '';
  fate: 'open' | 'closed' | (string & {}) = 'open';

  constructor() {
    this.#socket = connect({ host: '127.0.0.1', port: proxy.port });
    this.#socket.setEncoding('utf8').on('data', (text: string) => (this.received += text));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => (this.fate = error.code ?? 'error'));
    this.#socket.on('close', () => {
      if (this.fate === 'open') this.fate = 'closed';
    });
  }

  ask(text: string): void {
    this.#socket.write(text);
  }

  end(): void {
    this.#socket.end();
  }

  async receives(text: string): Promise<void> {
    await until(`received ${text}`, () => this.received === text, { timeoutMs: 5000, everyMs: 2 });
  }

  async meets(fate: string): Promise<void> {
    await until(fate, () => this.fate !== 'open', { timeoutMs: 5000, everyMs: 2 });
    expect(this.fate).toBe(fate);
  }
}

async function serverIsAsked(text: string): Promise<void> {
  await until(`the server is asked ${text}`, () => asked === text, { timeoutMs: 5000, everyMs: 2 });
}

test('without a fault everything passes, the end of a connection too', async () => {
  const client = new Client();
  client.ask('a');
  await client.receives('reply to a');
  expect(proxy.connections).toBe(1);
  client.end();
  await client.meets('closed');
  await until('both sides are closed', () => open.size === 0 && proxy.connections === 0);
  expect(proxy.accepted).toBe(1);
});

test('the server ends a connection, and the client learns of it', async () => {
  const client = new Client();
  client.ask('a');
  await client.receives('reply to a');
  for (const socket of open) socket.end();
  await client.meets('closed');
});

test('a client of a server that is gone is reset', async () => {
  server.close();
  const client = new Client();
  await client.meets('ECONNRESET');
});

test('a cut resets what is open and refuses what is new, until it is mended on the same port', async () => {
  const { port } = proxy;
  const before = new Client();
  before.ask('a');
  await before.receives('reply to a');
  await proxy.cut();
  await before.meets('ECONNRESET');
  const during = new Client();
  await during.meets('ECONNREFUSED');
  await proxy.mend();
  expect(proxy.port).toBe(port);
  const after = new Client();
  after.ask('b');
  await after.receives('reply to b');
});

test('hanging accepts and forwards nothing either way, until it is mended', async () => {
  const before = new Client();
  before.ask('a');
  await before.receives('reply to a');
  await proxy.hang();
  before.ask('b');
  for (const socket of open) socket.write('!');
  const during = new Client();
  await until('the new connection is accepted', () => proxy.connections === 2);
  expect([before.fate, before.received]).toEqual(['open', 'reply to a']);
  expect([during.fate, during.received]).toEqual(['open', '']);
  expect(asked).toBe('a');
  await proxy.mend();
  await before.receives('reply to a!reply to b');
});

test('a request that hangs is still delivered when the client has given up and the fault ends', async () => {
  await proxy.hang();
  const client = new Client();
  client.ask('late');
  client.end();
  await until('the connection is accepted', () => proxy.accepted === 1);
  expect(asked).toBe('');
  await proxy.mend();
  await serverIsAsked('late');
});

test.each([
  [0, ''],
  [3, 'rep'],
  [10, 'reply to a'],
])('a reset after %d bytes of the next reply lets the client see just these', async (count, seen) => {
  proxy.resetAfterBytes(count);
  const client = new Client();
  client.ask('a');
  await client.meets('ECONNRESET');
  expect(client.received).toBe(seen);
  expect(asked).toBe('a');
  const next = new Client();
  next.ask('b');
  await next.receives('reply to b');
});

test('a reset goes on counting where a reply comes in pieces', async () => {
  proxy.resetAfterBytes(12);
  const client = new Client();
  client.ask('a');
  await client.receives('reply to a');
  client.ask('b');
  await client.meets('ECONNRESET');
  expect(client.received).toBe('reply to are');
});

test('swallowed replies are those of requests that were carried out, and end their connection in the end', async () => {
  await proxy.dropReplies();
  const client = new Client();
  client.ask('a');
  const other = new Client();
  await until('the reply was swallowed', () => proxy.swallowed === 1 && proxy.connections === 2);
  expect(asked).toBe('a');
  expect([client.fate, client.received]).toEqual(['open', '']);
  await proxy.mend();
  await client.meets('ECONNRESET');
  other.ask('b');
  await other.receives('reply to b');
});

test('a delay holds each reply back, in order', async () => {
  proxy.delay(60);
  const client = new Client();
  const start = performance.now();
  client.ask('a');
  await serverIsAsked('a');
  client.ask('b');
  await client.receives('reply to areply to b');
  expect(performance.now() - start).toBeGreaterThanOrEqual(59);
});

test('what is delayed is delivered at once when the fault ends', async () => {
  proxy.delay(3_600_000);
  const client = new Client();
  client.ask('a');
  await serverIsAsked('a');
  await proxy.mend();
  await client.receives('reply to a');
});

test('stands before a real server', async () => {
  const redis = await startRedis();
  const before = await startProxy(redis.port);
  try {
    expect(await call(before.port, 'PING')).toBe('PONG');
    before.resetAfterBytes(2);
    await expect(call(before.port, 'SET', 'key', 'value')).rejects.toThrow('ECONNRESET');
    expect(await redis.call('GET', 'key')).toBe('value');
  } finally {
    await before.close();
    await redis.stop();
  }
});
