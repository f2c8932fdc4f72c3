/** Sessions for Express 5. */
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import type { OpenOptions } from '../request.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import { httpProblem } from './http.ts';
import { answerError, Exchanges } from './node-exchange.ts';

export interface ExpressOptions {
  /** How to open a request: passive, or without a session when the store is down. Default: neither. */
  readonly open?: (req: Request) => OpenOptions;
}

export interface ExpressSessions<Data extends object> {
  /**
   * Opens the session of each request, and commits it before the first byte of the answer leaves. The client's
   * address is `req.ip`: what Express's own `trust proxy` setting makes of it. An answer of 500 or above drops
   * what the handler wrote and did not commit.
   */
  readonly middleware: RequestHandler;
  /**
   * Goes behind the routes: drops what a handler that threw had written, answers Holdfast's own errors (503, 409, 401,
   * 403), and hands on every other.
   */
  readonly errorHandler: ErrorRequestHandler;
  /**
   * The session of a request behind `middleware`.
   *
   * @throws TypeError for any other request.
   */
  sessionOf(req: Request): Session<Data>;
}

export function expressSessions<Data extends object>(
  sessions: Sessions<Data>,
  options: ExpressOptions = {},
): ExpressSessions<Data> {
  const exchanges = new Exchanges(sessions);
  return {
    async middleware(req, res, next) {
      await exchanges.open(req, res, { remoteAddress: req.ip, encrypted: req.secure }, options.open?.(req));
      next();
    },
    errorHandler(error, req, res, next) {
      exchanges.fail(req);
      const problem = httpProblem(error);
      const isOurs = problem !== undefined && problem.status !== 500;
      // Express would break the connection of an answer that waits for its commit, complete as it is.
      if (isOurs || res.writableEnded) answerError(res, error);
      else next(error);
    },
    sessionOf: (req) => exchanges.sessionOf(req, 'put the middleware in front of this route'),
  };
}
