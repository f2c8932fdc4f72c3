/** Sessions for anything that answers a `Request` with a `Response`: Bun, Deno, workerd, Hono, and Node behind an adapter. */
import { cacheControl, type Committed, type OpenOptions, varyByCookie } from '../request.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import { httpProblem, INTERNAL_ERROR } from './http.ts';

export interface FetchOptions<Rest extends unknown[]> {
  /** The address of the peer, from what your runtime passes beside the request. Default: not known. */
  readonly remoteAddress?: (request: Request, ...rest: Rest) => string | undefined;
  /** How to open a request: passive, or without a session when the store is down. Default: neither. */
  readonly open?: (request: Request) => OpenOptions;
  /**
   * The answer to an error that `handler` threw. It gets the session's cookie and is sent with whatever status you choose. Default: 503,
   * 409, 401 and 403 for Holdfast's own errors; others are logged on the console and answered with 500.
   */
  readonly onError?: (error: unknown, request: Request) => Response | Promise<Response>;
}

export interface FetchSessions<Data extends object> {
  /** Opens the session of each request, and commits it before the answer is returned. */
  withSession<Rest extends unknown[]>(
    handler: (request: Request, session: Session<Data>, ...rest: Rest) => Response | Promise<Response>,
    options?: FetchOptions<Rest>,
  ): (request: Request, ...rest: Rest) => Promise<Response>;
  /**
   * The session of a request that `withSession` has opened.
   *
   * @throws TypeError for any other request.
   */
  sessionOf(request: Request): Session<Data>;
}

export function fetchSessions<Data extends object>(sessions: Sessions<Data>): FetchSessions<Data> {
  const opened = new WeakMap<Request, Session<Data>>();

  /** The answer to an error carries the cookie of what stands; what is due may still fail. */
  async function closeAfterError(session: Session<Data>, response: Response): Promise<Response> {
    try {
      return decorate(response, await sessions.commit(session, { discardWrites: true }));
    } catch (error) {
      return decorate(answerError(error), await sessions.commit(session));
    }
  }

  return {
    withSession(handler, options = {}) {
      const { onError = answerError } = options;
      return async (request, ...rest) => {
        let session: Session<Data> | undefined;
        try {
          const peer = options.remoteAddress?.(request, ...rest);
          session = await sessions.open(describe(request, peer), options.open?.(request));
          opened.set(request, session);
          const response = await handler(request, session, ...rest);
          // A handler that failed has not finished what it was writing.
          return decorate(
            response,
            await sessions.commit(session, { discardWrites: response.status >= 500 }),
          );
        } catch (error) {
          const response = await onError(error, request);
          return session ? closeAfterError(session, response) : response;
        }
      };
    },
    sessionOf(request) {
      const session = opened.get(request);
      if (!session) throw new TypeError('sessionOf: this request did not come through withSession');
      return session;
    },
  };
}

function describe(request: Request, remoteAddress: string | undefined) {
  const { method, url, headers } = request;
  return { method, url, headers, remoteAddress, encrypted: url.startsWith('https:') };
}

function answerError(error: unknown): Response {
  let problem = httpProblem(error);
  if (!problem || problem.status === 500) {
    console.error(error);
    problem = INTERNAL_ERROR;
  }
  const { status, headers, body } = problem;
  return new Response(body, {
    status,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
  });
}

/** Always a copy: a response may be one object for many requests, and one user's cookie must not stay on it. */
function decorate(response: Response, { setCookies, isPersonal }: Committed): Response {
  if ((setCookies.length === 0 && !isPersonal) || response.status === SWITCHING_PROTOCOLS) return response;
  const copy = new Response(response.body, response);
  const { headers } = copy;
  for (const cookie of setCookies) headers.append('set-cookie', cookie);
  headers.set('cache-control', cacheControl(headers.get('cache-control'), setCookies.length > 0));
  headers.set('vary', varyByCookie(headers.get('vary')));
  return copy;
}

/** Can not be copied, and carries no answer. */
const SWITCHING_PROTOCOLS = 101;
