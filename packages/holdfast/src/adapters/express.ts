/** Sessions for Express 4 and 5. */
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler } from 'express';
import { isThenable } from '../at-once.ts';
import { assertAllowed, type Csrf, CSRF_FIELD, CSRF_HEADER } from '../csrf/index.ts';
import type { OpenOptions } from '../request.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import type { Transport } from '../transport/index.ts';
import { httpProblem } from './http.ts';
import { answerError, Exchanges, passTransport } from './node-exchange.ts';
import { NodeHeaders } from './node-request.ts';
import type { Peer } from './proxy.ts';

export interface ExpressOptions {
  /** How to open a request: passive, or without a session when the store is down. Default: neither. */
  readonly open?: (req: Request) => OpenOptions;
  /** `secureTransport()` of `holdfast/transport`: HTTPS only. Default: not enforced here. */
  readonly transport?: Transport;
  /** Whether `errorHandler` answers Holdfast's own errors. False hands them on, to error pages of yours behind it. Default true. */
  readonly answerErrors?: boolean;
}

export interface ExpressSessions<Data extends object> {
  /**
   * Opens the session of each request, and commits it before the first byte of the answer leaves. The client's
   * address is `req.ip`: what Express's own `trust proxy` setting makes of it. An answer of 500 or above drops
   * what the handler wrote and did not commit.
   */
  readonly middleware: RequestHandler;
  /**
   * Middleware that refuses forged requests with 403: `app.use(csrf(csrfProtection()))`, behind `middleware` and the parser
   * of forms. The token, where there is one, is taken from the header `x-csrf-token` or the field `_csrf`. Routes that other
   * sites may call stand in front of it.
   */
  csrf(protection: Csrf): RequestHandler;
  /**
   * Goes behind the routes and in front of error handlers of your own: drops what a handler that threw had written, answers
   * Holdfast's own errors (503, 409, 401, 403), and hands on every other.
   */
  readonly errorHandler: ErrorRequestHandler;
  /**
   * The session of a request behind `middleware`.
   *
   * @throws TypeError for any other request.
   */
  sessionOf(req: Request): Session<Data>;
}

const BEFORE_ROUTES = 'put the middleware in front of this route';

export function expressSessions<Data extends object>(
  sessions: Sessions<Data>,
  options: ExpressOptions = {},
): ExpressSessions<Data> {
  const exchanges = new Exchanges(sessions);
  return {
    middleware(req, res, next) {
      const peer = new ExpressPeer(req);
      if (options.transport && !passTransport(options.transport, req, res, peer)) return;
      goOn(exchanges.open(req, res, peer, options.open?.(req)), next);
    },
    csrf: (csrf) => (req, _res, next) => {
      const session = exchanges.sessionOf(req, BEFORE_ROUTES);
      const sent: unknown = req.get(CSRF_HEADER) ?? req.body?.[CSRF_FIELD];
      // Two fields of the name make a list, `_csrf[a]` an object: neither is a token, and both are as wrong as any.
      const token = typeof sent === 'string' || sent === undefined ? sent : '';
      const verified = csrf.verify({ method: req.method, headers: new NodeHeaders(req) }, session, token);
      goOn(verified.then(assertAllowed), next);
    },
    errorHandler(error, req, res, next) {
      exchanges.fail(req);
      const problem = httpProblem(error);
      const isOurs = problem !== undefined && problem.status !== 500 && (options.answerErrors ?? true);
      // Express would break the connection of an answer that waits for its commit, complete as it is.
      if (isOurs || res.writableEnded) answerError(res, error);
      else next(error);
    },
    sessionOf: (req) => exchanges.sessionOf(req, BEFORE_ROUTES),
  };
}

/** What `trust proxy` makes of a request takes as long as the rest of opening a session, and few requests need it. */
class ExpressPeer implements Peer {
  readonly #req: Request;

  constructor(req: Request) {
    this.#req = req;
    // The address of a connection that has gone is known only if it was asked for before.
    void req.socket.remoteAddress;
  }

  get remoteAddress(): string | undefined {
    return this.#req.ip;
  }

  get encrypted(): boolean {
    return this.#req.secure;
  }
}

/** Express 4 does not look at promises. */
function goOn(work: unknown, proceed: NextFunction): void {
  if (isThenable(work)) Promise.resolve(work).then(() => proceed(), proceed);
  else proceed();
}
