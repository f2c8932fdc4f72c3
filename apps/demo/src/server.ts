/** Listens on this machine only, and stops without cutting anybody off. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { StartError } from './config.ts';

export interface Running {
  readonly port: number;
  /** Takes no more requests, and resolves when those that are being answered are done. */
  stop(): Promise<void>;
}

/** Longer than any answer takes; who is still sending a request by then is cut off. */
const STOP_WITHIN = 40_000;

/**
 * Listens on 127.0.0.1, and on ::1 where the machine has it: `localhost` means either.
 *
 * @throws StartError when the port is taken or not allowed.
 */
export async function listen(handler: RequestListener, port: number): Promise<Running> {
  const first = createServer(handler);
  await bind(first, '127.0.0.1', port);
  const bound = (first.address() as AddressInfo).port;
  const servers = [first];
  const second = createServer(handler);
  try {
    await bind(second, '::1', bound);
    servers.push(second);
  } catch (error) {
    // Without IPv6 there is nobody to listen to. Another program on the port would get half of our visitors.
    if (error instanceof StartError) {
      first.close();
      throw error;
    }
  }
  const stops = servers.map(stopper);
  return {
    port: bound,
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port)));
    server.listen({ host, port }, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new StartError(`PORT: ${port} is taken by another program; stop it, or set PORT to a free one`);
  }
  if (error.code === 'EACCES') {
    return new StartError(`PORT: ${port} needs rights this user does not have; set PORT to 1024 or above`);
  }
  return error;
}

function stopper(server: Server): () => Promise<void> {
  let isStopping = false;
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (_req, res) => {
    // A connection that is kept alive would outlive its last answer.
    res.once('close', () => {
      if (isStopping) setImmediate(() => server.closeIdleConnections());
    });
  });
  return () =>
    new Promise((resolve) => {
      isStopping = true;
      const deadline = setTimeout(() => server.closeAllConnections(), STOP_WITHIN);
      server.close(() => {
        clearTimeout(deadline);
        resolve();
      });
      server.closeIdleConnections();
      // Browsers open connections in advance. Node takes one on which nothing was asked for a request that is about to come.
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    });
}
