/** Sessions for anything that answers a `Request` with a `Response`: Bun, Deno, workerd, Hono, and Node behind an adapter. */
import { cacheControl, type Committed, type OpenOptions, varyByCookie } from '../request.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import { httpProblem } from './http.ts';

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

  return {
    withSession(handler, options = {}) {
      const { onError = answerError } = options;
      return async (request, ...rest) => {
        let session: Session<Data> | undefined;
        try {
          session = await sessions.open(
            describe(request, options.remoteAddress?.(request, ...rest)),
            options.open?.(request),
          );
          opened.set(request, session);
          const response = await handler(request, session, ...rest);
          return decorate(response, await sessions.commit(session));
        } catch (error) {
          const response = await onError(error, request);
          return session
            ? decorate(response, await sessions.commit(session, { discardWrites: true }))
            : response;
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
  const problem = httpProblem(error);
  if (problem && problem.status !== 500) {
    return new Response(problem.body, { status: problem.status, headers: problem.headers });
  }
  console.error(error);
  return new Response('Internal Server Error\n', { status: 500 });
}

function decorate(response: Response, committed: Committed): Response {
  if (committed.setCookies.length === 0 && !committed.isPersonal) return response;
  try {
    addHeaders(response.headers, committed);
    return response;
  } catch {
    // The headers of a redirect, or of a response that was fetched, can not be changed: a copy's can.
    const copy = new Response(response.body, response);
    addHeaders(copy.headers, committed);
    return copy;
  }
}

function addHeaders(headers: Headers, { setCookies }: Committed): void {
  for (const cookie of setCookies) headers.append('set-cookie', cookie);
  headers.set('cache-control', cacheControl(headers.get('cache-control'), setCookies.length > 0));
  headers.set('vary', varyByCookie(headers.get('vary')));
}
