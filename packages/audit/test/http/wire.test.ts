import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openWire } from '../../src/http/wire.ts';

let stop: () => Promise<void> = async () => undefined;
afterEach(() => stop());

/** Answers on connections while they are young; after `age` it resets each one that it had when something comes on it. */
async function closingAll(): Promise<{ url: URL; age: () => void }> {
  const sockets = new Set<Socket>();
  const old = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      if (old.has(socket)) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = () =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/`), age: () => sockets.forEach((one) => old.add(one)) };
}

test('a request whose kept connection is closed is sent again on a new one, however many were kept', async () => {
  const { url, age } = await closingAll();
  const limits = { answerSeconds: 10, bodyBytes: 1_000, headerBytes: 1_000 };
  const wire = openWire({ limits, acceptsAnyCertificate: false });
  const { signal } = new AbortController();
  const ask = () => wire.send({ url, method: 'GET', headers: [] }, signal);
  try {
    await Promise.all([ask(), ask(), ask(), ask()]);
    age();
    expect((await ask()).status).toBe(200);
  } finally {
    wire.close();
  }
});
