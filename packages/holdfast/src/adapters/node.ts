/** Sessions for `node:http`, `node:https` and frameworks that hand on its request and response. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenOptions } from '../request.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import { answerError, Exchanges } from './node-exchange.ts';

export interface NodeOptions {
  /** How to open a request: passive, or without a session when the store is down. Default: neither. */
  readonly open?: (req: IncomingMessage) => OpenOptions;
}

export interface NodeSessions<Data extends object> {
  /**
   * Opens the session of each request, and commits it before the first byte of the answer leaves. An error that
   * `handler` throws is answered with 503, 409, 401 or 403 when it is Holdfast's own, else logged and answered
   * with 500; what the handler wrote and did not commit is dropped.
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
  return {
    withSession(handler, options = {}) {
      return async (req, res) => {
        try {
          const session = await exchanges.open(req, res, peerOf(req), options.open?.(req));
          await handler(req, res, session);
        } catch (error) {
          exchanges.fail(req);
          answerError(res, error);
        }
      };
    },
    sessionOf: (req) => exchanges.sessionOf(req, 'pass it through withSession'),
  };
}

function peerOf({ socket }: IncomingMessage) {
  return {
    remoteAddress: socket.remoteAddress,
    encrypted: 'encrypted' in socket && socket.encrypted === true,
  };
}
