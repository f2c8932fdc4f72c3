import type { IncomingMessage } from 'node:http';
import type { HeaderReader, SessionRequest } from '../request.ts';
import type { Peer } from './proxy.ts';

/** A request of `node:http` as sessions see it. */
export class NodeRequest implements SessionRequest {
  readonly headers: HeaderReader;
  readonly #req: IncomingMessage;
  readonly #peer: Peer;

  constructor(req: IncomingMessage, peer: Peer) {
    this.headers = new NodeHeaders(req);
    this.#req = req;
    this.#peer = peer;
  }

  get method(): string {
    return this.#req.method ?? 'GET';
  }

  /** As the browser asked: Express cuts the path of a mounted router out of `url`. */
  get url(): string {
    const { originalUrl } = this.#req as { originalUrl?: unknown };
    return typeof originalUrl === 'string' ? originalUrl : (this.#req.url ?? '/');
  }

  get remoteAddress(): string | undefined {
    return this.#peer.remoteAddress;
  }

  get encrypted(): boolean {
    return this.#peer.encrypted ?? false;
  }
}

export class NodeHeaders implements HeaderReader {
  readonly #req: IncomingMessage;

  constructor(req: IncomingMessage) {
    this.#req = req;
  }

  get(name: string): string | undefined {
    const { headers } = this.#req;
    // HTTP/2 has `:authority` where HTTP/1.1 has Host.
    const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined);
    return Array.isArray(value) ? value.join(', ') : value;
  }
}
