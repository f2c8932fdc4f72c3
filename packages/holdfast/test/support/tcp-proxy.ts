/** A loopback proxy between the application and a server, for what a network can do to them. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './ports.ts';

export interface TcpProxy {
  readonly port: number;
  readonly targetPort: number;
  /** Connections that are open now. */
  readonly connections: number;
  /** Connections that were ever accepted. */
  readonly accepted: number;
  /** Replies, or pieces of them, that were ever swallowed. */
  readonly swallowed: number;
  /** Resets every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Accepts connections and forwards nothing either way, not even that the other side closed. `mend` delivers it late. */
  hang(): Promise<void>;
  /** Forwards requests and swallows replies. `mend` resets each connection that lacks one: TCP leaves no gap. */
  dropReplies(): Promise<void>;
  /** Forwards this many bytes of the next reply, on whichever connection it comes, and resets that connection. */
  resetAfterBytes(count: number): void;
  /** Forwards each piece of a reply so many milliseconds after it came. */
  delay(ms: number): void;
  /** Ends the fault, whichever it is, and holds nothing back any longer. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

type Fault = 'none' | 'cut' | 'hang' | 'drop replies';

/** What holds for all connections. */
interface Weather {
  fault: Fault;
  delayMs: number;
  /** Of the next reply, where it is to be its connection's last. */
  bytesBeforeReset: number | undefined;
  swallowed: number;
}

type Piece = { readonly bytes: Buffer; readonly dueAt: number } | 'end' | 'reset';

/** One way through a connection. Pieces keep their order, whatever the weather. */
class Way {
  readonly #to: Socket;
  readonly #weather: Weather;
  readonly #isReply: boolean;
  readonly #pieces: Piece[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** How much may still pass before the reset. */
  #bytesLeft = Number.POSITIVE_INFINITY;
  #isOver = false;
  hasGap = false;

  constructor(from: Socket, to: Socket, weather: Weather, isReply: boolean) {
    this.#to = to;
    this.#weather = weather;
    this.#isReply = isReply;
    from.on('data', (bytes: Buffer) => {
      this.#add({ bytes, dueAt: performance.now() + (isReply ? weather.delayMs : 0) });
    });
    from.on('end', () => this.#add('end'));
    from.on('error', () => this.#add('reset'));
  }

  #add(piece: Piece): void {
    this.#pieces.push(piece);
    this.pump();
  }

  /** Sends what may be sent now. */
  pump(): void {
    clearTimeout(this.#timer);
    const weather = this.#weather;
    while (weather.fault !== 'hang' && !this.#isOver) {
      const [piece] = this.#pieces;
      if (piece === undefined) return;
      if (typeof piece === 'object') {
        const wait = weather.delayMs === 0 ? 0 : piece.dueAt - performance.now();
        if (wait > 0) {
          this.#timer = setTimeout(() => this.pump(), wait);
          return;
        }
      }
      this.#pieces.shift();
      this.#send(piece);
    }
  }

  #send(piece: Piece): void {
    if (piece === 'end') this.#to.end();
    else if (piece === 'reset') this.#to.resetAndDestroy();
    else if (this.#isReply) this.#sendReply(piece.bytes);
    else this.#to.write(piece.bytes);
  }

  #sendReply(bytes: Buffer): void {
    const weather = this.#weather;
    if (weather.fault === 'drop replies') {
      this.hasGap = true;
      weather.swallowed++;
      return;
    }
    if (weather.bytesBeforeReset !== undefined) {
      this.#bytesLeft = weather.bytesBeforeReset;
      weather.bytesBeforeReset = undefined;
    }
    if (bytes.length < this.#bytesLeft) {
      this.#bytesLeft -= bytes.length;
      this.#to.write(bytes);
      return;
    }
    this.#isOver = true;
    this.#to.write(bytes.subarray(0, this.#bytesLeft), () => this.#to.resetAndDestroy());
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}

class Connection {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #requests: Way;
  readonly #replies: Way;
  readonly #weather: Weather;

  constructor(client: Socket, targetPort: number, weather: Weather) {
    this.#weather = weather;
    this.#client = client.setNoDelay();
    this.#target = connect({ host: '127.0.0.1', port: targetPort, noDelay: true, allowHalfOpen: true });
    this.#requests = new Way(client, this.#target, weather, false);
    this.#replies = new Way(this.#target, client, weather, true);
    client.on('close', () => this.reset());
  }

  pump(): void {
    if (this.#replies.hasGap && this.#weather.fault === 'none') this.reset();
    this.#requests.pump();
    this.#replies.pump();
  }

  reset(): void {
    this.#requests.stop();
    this.#replies.stop();
    this.#client.resetAndDestroy();
    this.#target.resetAndDestroy();
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const weather: Weather = { fault: 'none', delayMs: 0, bytesBeforeReset: undefined, swallowed: 0 };
  const connections = new Set<Connection>();
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    accepted++;
    const connection = new Connection(client, targetPort, weather);
    connections.add(connection);
    client.on('close', () => connections.delete(connection));
  });
  // Not any port: one of those that the system gives to outgoing connections may be taken while this is cut.
  const port = await listen(server, await freePort());

  const change = async (fault: Fault): Promise<void> => {
    weather.fault = fault;
    weather.delayMs = 0;
    weather.bytesBeforeReset = undefined;
    if (fault !== 'cut') {
      if (!server.listening) await listen(server, port);
    } else if (server.listening) {
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) connection.reset();
      await closed;
    }
    for (const connection of connections) connection.pump();
  };

  return {
    port,
    targetPort,
    get connections() {
      return connections.size;
    },
    get accepted() {
      return accepted;
    },
    get swallowed() {
      return weather.swallowed;
    },
    cut: () => change('cut'),
    mend: () => change('none'),
    hang: () => change('hang'),
    dropReplies: () => change('drop replies'),
    resetAfterBytes(count) {
      weather.bytesBeforeReset = count;
    },
    delay(ms) {
      weather.delayMs = ms;
    },
    close: () => change('cut'),
  };
}

/** For clients that learn the addresses of servers from servers: `natMap` of ioredis, `nodeAddressMap` of node-redis. */
export function addressMap(
  proxies: readonly TcpProxy[],
): Readonly<Record<string, { readonly host: string; readonly port: number }>> {
  return Object.fromEntries(
    proxies.map(({ port, targetPort }) => [`127.0.0.1:${targetPort}`, { host: '127.0.0.1', port }]),
  );
}
