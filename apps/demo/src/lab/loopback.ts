/** A server on a free port of this machine, for as long as a run takes. */
import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  readonly port: number;
  /** Cuts off whatever is still being answered. */
  close(): Promise<void>;
}

/** The header with which the runner shows that it is the runner. */
export const KEY_HEADER = 'x-lab-key';

/** Answers only who brings the key: other programs on this machine find nothing here, a naive session least of all. */
export function forRunnerOnly(handler: RequestListener): { handler: RequestListener; key: string } {
  const key = randomBytes(16).toString('hex');
  return {
    key,
    handler(req, res) {
      if (req.headers[KEY_HEADER] === key) return handler(req, res);
      res.writeHead(404).end();
    },
  };
}

export async function listenOnLoopback(handler: RequestListener): Promise<Listening> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  // The lab keeps no process alive.
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
