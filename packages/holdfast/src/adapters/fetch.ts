/** Sessions for anything that answers a `Request` with a `Response`: Bun, Deno, workerd, Hono, and Node behind an adapter. */
import type { Csrf } from '../csrf/index.ts';
import {
  type AnswerHeaders,
  applyCommitted,
  cacheControl,
  type Committed,
  type OpenOptions,
} from '../request.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import type { Transport, TransportOutcome } from '../transport/index.ts';
import { Attached } from './attached.ts';
import { assertNotForged } from './csrf-guard.ts';
import { httpProblem, INTERNAL_ERROR } from './http.ts';
import { peerResolver, type ProxyOptions } from './proxy.ts';

export interface FetchOptions<Rest extends unknown[]> {
  /** The address of the peer, from what your runtime passes beside the request. Default: not known. */
  readonly remoteAddress?: (request: Request, ...rest: Rest) => string | undefined;
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
   * Where else the token may be: a field of the form, read from `request.clone()`. Asked where the
   * headers do not decide, of methods that may change something. Default: nowhere.
   */
  readonly csrfToken?: (request: Request) => string | undefined | Promise<string | undefined>;
  /** How to open a request: passive, or without a session when the store is down. Default: neither. */
  readonly open?: (request: Request) => OpenOptions;
  /**
   * The answer to an error that `handler` threw, or that a commit met; it gets the session's cookie. `undefined` is the default
   * answer: 503, 409, 401 and 403 for Holdfast's own errors, and 500 for others, which are logged on the console.
   */
  readonly onError?: (
    error: unknown,
    request: Request,
  ) => Response | undefined | Promise<Response | undefined>;
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
  const opened = new Attached<Session<Data>>();

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
      const { onError, transport, csrf, csrfToken } = options;
      const resolvePeer = peerResolver(options.proxy);
      return async (request, ...rest) => {
        let session: Session<Data> | undefined;
        let standing: Readonly<Record<string, string>> | undefined;
        try {
          const { method, url, headers } = request;
          const remoteAddress = options.remoteAddress?.(request, ...rest);
          const peer = resolvePeer(headers, { remoteAddress, encrypted: url.startsWith('https:') });
          const described = { method, url, headers, ...peer };
          const way = transport?.(described);
          if (way && way.kind !== 'proceed') return answerTransport(way);
          standing = way?.headers;
          session = await sessions.open(described, options.open?.(request));
          opened.set(request, session);
          if (csrf) await assertNotForged(csrf, request, session, csrfToken && (() => csrfToken(request)));
          const response = withHeaders(await handler(request, session, ...rest), standing);
          // A handler that failed has not finished what it was writing.
          return decorate(
            response,
            await sessions.commit(session, { discardWrites: response.status >= 500 }),
          );
        } catch (error) {
          const response = (await onError?.(error, request)) ?? answerError(error);
          return withHeaders(session ? await closeAfterError(session, response) : response, standing);
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

function answerTransport(way: Exclude<TransportOutcome, { kind: 'proceed' }>): Response {
  if (way.kind === 'refuse') return new Response('Use HTTPS.\n', { status: 400 });
  return new Response(null, { status: way.status, headers: { location: way.location } });
}

function withHeaders(response: Response, more: Readonly<Record<string, string>> = {}): Response {
  if (Object.keys(more).length === 0 || response.status === SWITCHING_PROTOCOLS) return response;
  const copy = new Response(response.body, response);
  for (const [name, value] of Object.entries(more)) copy.headers.set(name, value);
  return copy;
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

/**
 * A response may be one object for many requests, and one user's cookie must not stay on it: what carries a cookie is a copy.
 * That it depends on cookies, and is for nobody to keep, may stay: a copy makes a stream of the body, and a read twice as dear.
 */
function decorate(response: Response, committed: Committed): Response {
  const { setCookies, isPersonal, hasSignedOut } = committed;
  const isPlain = setCookies.length === 0 && !isPersonal;
  if (isPlain || response.status === SWITCHING_PROTOCOLS) return response;
  if (setCookies.length === 0 && !hasSignedOut && isWritten(response.headers, committed)) return response;
  const copy = new Response(response.body, response);
  applyCommitted(new FetchAnswerHeaders(copy.headers), committed);
  return copy;
}

/**
 * Not those of an answer that came by `fetch`, nor of a redirect that `Response` has made. And not in place of what the handler
 * says of caches: on a shared response that is true for others.
 */
function isWritten(headers: Headers, committed: Committed): boolean {
  const own = headers.get('cache-control');
  if (own && cacheControl(own, false) !== own) return false;
  try {
    applyCommitted(new FetchAnswerHeaders(headers), committed);
    return true;
  } catch {
    return false;
  }
}

class FetchAnswerHeaders implements AnswerHeaders {
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.#headers = headers;
  }

  get(name: string): string | null {
    return this.#headers.get(name);
  }

  set(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  getSetCookie(): readonly string[] {
    return this.#headers.getSetCookie();
  }

  setSetCookie(values: readonly string[]): void {
    this.#headers.delete('set-cookie');
    for (const value of values) this.#headers.append('set-cookie', value);
  }
}

/** Can not be copied, and carries no answer. */
const SWITCHING_PROTOCOLS = 101;

export type { ProxyOptions } from './proxy.ts';
