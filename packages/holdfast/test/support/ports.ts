import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** A Redis Cluster node listens for the other nodes here above its port; only Redis 7 can be told otherwise. */
const BUS_OFFSET = 10_000;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A loopback port on which nothing listens, nor on the bus port above it. Both lie below 32768, where systems begin to
 * hand out ports for outgoing connections. Another process may still take it first: whoever uses it tries again.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(11_000, 22_000);
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port;
  }
  throw new Error('no free port was found');
}
