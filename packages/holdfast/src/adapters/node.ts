/** Sessions for `node:http`, `node:https` and frameworks that hand on its request and response. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isThenable, type MaybePromise } from '../at-once.ts';
import type { Csrf } from '../csrf/index.ts';
import type { OpenOptions } from '../request.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import type { Transport } from '../transport/index.ts';
import { assertNotForged } from './csrf-guard.ts';
import { answerError, Exchanges, passTransport } from './node-exchange.ts';
import { NodeHeaders } from './node-request.ts';
import { type Peer, peerResolver, type ProxyOptions } from './proxy.ts';

export interface NodeOptions {
  /** How to open a request: passive, or without a session when the store is down. Default: neither. */
  readonly open?: (req: IncomingMessage) => OpenOptions;
  /** The proxies in front of this server. Default: none, and no header of theirs is believed. */
  readonly proxy?: ProxyOptions;
  /** `secureTransport()` of `holdfast/transport`: HTTPS only. Default: not enforced here. */
  readonly transport?: Transport;
  /**
   * `csrfProtection()` of `holdfast/csrf`: refuses forged requests with 403 before the handler runs. The token, where there
   * is one, is taken from the header `x-csrf-token`.
   */
  readonly csrf?: Csrf;
  /**
   * Where else the token may be: a field of the form, which you read. Asked where the headers
   * do not decide, of methods that may change something. Default: nowhere.
   */
  readonly csrfToken?: (req: IncomingMessage) => string | undefined | Promise<string | undefined>;
}

export interface NodeSessions<Data extends object> {
  /**
   * Opens the session of each request, and commits it before the first byte of the answer leaves. An error that
   * `handler` throws is answered with 503, 409, 401 or 403 when it is Holdfast's own, else logged and answered
   * with 500; what the handler wrote and did not commit is dropped. Where the store has the session at hand, the handler has
   * begun when the call returns. What it returns never rejects.
   */
  withSession(
    handler: (req: IncomingMessage, res: ServerResponse, session: Session<Data>) => unknown,
    options?: NodeOptions,
  ): (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  /**
   * The session of a request that `withSession` has opened.
   *
   * @throws TypeError for any other request.
   */
  sessionOf(req: IncomingMessage): Session<Data>;
}

export function nodeSessions<Data extends object>(sessions: Sessions<Data>): NodeSessions<Data> {
  const exchanges = new Exchanges(sessions);

  function fail(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    exchanges.fail(req);
    answerError(res, error);
  }

  async function failLate(req: IncomingMessage, res: ServerResponse, handled: PromiseLike<unknown>) {
    try {
      await handled;
    } catch (error) {
      fail(req, res, error);
    }
  }

  return {
    withSession(handler, options = {}) {
      const { transport, csrf, csrfToken } = options;
      const resolvePeer = peerResolver(options.proxy);

      async function answerLate(
        req: IncomingMessage,
        res: ServerResponse,
        opened: MaybePromise<Session<Data>>,
      ) {
        try {
          const session = await opened;
          if (csrf) {
            const request = { method: req.method ?? 'GET', headers: new NodeHeaders(req) };
            await assertNotForged(csrf, request, session, csrfToken && (() => csrfToken(req)));
          }
          await handler(req, res, session);
        } catch (error) {
          fail(req, res, error);
        }
      }

      return (req, res) => {
        try {
          const peer = resolvePeer(new NodeHeaders(req), peerOf(req.socket));
          if (transport && !passTransport(transport, req, res, peer)) return DONE;
          const session = exchanges.open(req, res, peer, options.open?.(req));
          if (csrf || isThenable(session)) return answerLate(req, res, session);
          const handled = handler(req, res, session);
          return isThenable(handled) ? failLate(req, res, handled) : DONE;
        } catch (error) {
          fail(req, res, error);
          return DONE;
        }
      };
    },
    sessionOf: (req) => exchanges.sessionOf(req, 'pass it through withSession'),
  };
}

const DONE = Promise.resolve();

/** At once: of a connection that has gone, HTTP/2 says nothing any more. */
function peerOf(socket: IncomingMessage['socket']): Peer {
  return {
    remoteAddress: socket.remoteAddress,
    encrypted: 'encrypted' in socket && socket.encrypted === true,
  };
}

export type { ProxyOptions } from './proxy.ts';
