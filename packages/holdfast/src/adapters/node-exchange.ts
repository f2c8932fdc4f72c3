/** One request and its answer on `node:http`, for the adapters that sit on it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  cacheControl,
  type Committed,
  type OpenOptions,
  type SessionRequest,
  varyByCookie,
} from '../request.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import { type HttpProblem, httpProblem } from './http.ts';
import { holdResponse } from './response-hold.ts';

const FAILED: HttpProblem = {
  status: 500,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: 'Internal Server Error\n',
};

/** The sessions of the requests that are being answered. */
export class Exchanges<Data extends object> {
  readonly #sessions: Sessions<Data>;
  readonly #opened = new WeakMap<IncomingMessage, { session: Session<Data>; hasFailed: boolean }>();

  constructor(sessions: Sessions<Data>) {
    this.#sessions = sessions;
  }

  /** Opens the session of a request, and commits it before the first byte of the answer leaves. */
  async open(
    req: IncomingMessage,
    res: ServerResponse,
    peer: Pick<SessionRequest, 'remoteAddress' | 'encrypted'>,
    options?: OpenOptions,
  ): Promise<Session<Data>> {
    const { method = 'GET', url = '/' } = req;
    const session = await this.#sessions.open({ method, url, headers: headersOf(req), ...peer }, options);
    const exchange = { session, hasFailed: false };
    this.#opened.set(req, exchange);
    holdResponse(res, {
      before: () => {
        // A handler that failed has not finished what it was writing.
        const discardWrites = exchange.hasFailed || res.statusCode >= 500;
        const committed = this.#sessions.commit(session, { discardWrites });
        if (!(committed instanceof Promise)) return addHeaders(res, committed);
        return committed.then((late) => addHeaders(res, late));
      },
      problem: (error) => {
        const problem = httpProblem(error);
        if (!problem) console.error(error);
        return problem ?? FAILED;
      },
    });
    return session;
  }

  /** @throws TypeError for a request that was not opened. */
  sessionOf(req: IncomingMessage, hint: string): Session<Data> {
    const exchange = this.#opened.get(req);
    if (!exchange) throw new TypeError(`sessionOf: no session was opened for this request; ${hint}`);
    return exchange.session;
  }

  /** The handler failed: what it wrote and did not commit is dropped. */
  fail(req: IncomingMessage): void {
    const exchange = this.#opened.get(req);
    if (exchange) exchange.hasFailed = true;
  }
}

export function headersOf(req: IncomingMessage): SessionRequest['headers'] {
  return {
    get(name) {
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

/** Answers with a problem, if nothing has been answered yet. */
export function answerProblem(res: ServerResponse, problem: HttpProblem = FAILED): void {
  if (res.headersSent) {
    // Half an answer is out: only a broken connection can still say that it is not whole.
    res.destroy();
    return;
  }
  res.writeHead(problem.status, problem.headers);
  res.end(problem.body);
}

function addHeaders(res: ServerResponse, { setCookies, isPersonal }: Committed): void {
  if (setCookies.length === 0 && !isPersonal) return;
  for (const cookie of setCookies) res.appendHeader('Set-Cookie', cookie);
  res.setHeader('Cache-Control', cacheControl(headerOf(res, 'cache-control'), setCookies.length > 0));
  res.setHeader('Vary', varyByCookie(headerOf(res, 'vary')));
}

function headerOf(res: ServerResponse, name: string): string | undefined {
  const value = res.getHeader(name);
  return Array.isArray(value) ? value.join(', ') : value?.toString();
}
