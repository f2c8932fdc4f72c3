/** One request and its answer on `node:http`, for the adapters that sit on it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isThenable, type MaybePromise } from '../at-once.ts';
import { type AnswerHeaders, applyCommitted, type Committed, type OpenOptions } from '../request.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import type { Transport } from '../transport/index.ts';
import { Attached } from './attached.ts';
import { type HttpProblem, httpProblem, INTERNAL_ERROR } from './http.ts';
import { NodeRequest } from './node-request.ts';
import type { Peer } from './proxy.ts';
import { type Commit, holdResponse } from './response-hold.ts';

/** A request whose session is open, until its answer leaves. */
class Exchange<Data extends object> implements Commit {
  readonly session: Session<Data>;
  hasFailed = false;
  readonly #sessions: Sessions<Data>;
  readonly #res: ServerResponse;

  constructor(sessions: Sessions<Data>, session: Session<Data>, res: ServerResponse) {
    this.session = session;
    this.#sessions = sessions;
    this.#res = res;
  }

  commit(): MaybePromise<HttpProblem | undefined> {
    const res = this.#res;
    // A handler that failed has not finished what it was writing.
    const discardWrites = this.hasFailed || res.statusCode >= 500;
    const committed = this.#sessions.commit(this.session, { discardWrites });
    if (!isThenable(committed)) return addHeaders(res, committed);
    return Promise.resolve(committed).then(
      (late) => addHeaders(res, late),
      async (error: unknown) => {
        // The cookie of a sign-in or a privilege change that stands goes out with the problem too.
        const standing = await this.#sessions.commit(this.session);
        return withHeaders(problemOf(error), standing);
      },
    );
  }
}

/** The sessions of the requests that are being answered. */
export class Exchanges<Data extends object> {
  readonly #sessions: Sessions<Data>;
  readonly #opened = new Attached<Exchange<Data>>();

  constructor(sessions: Sessions<Data>) {
    this.#sessions = sessions;
  }

  /** Opens the session of a request, once, and commits it before the first byte of the answer leaves. At once where it can. */
  open(
    req: IncomingMessage,
    res: ServerResponse,
    peer: Peer,
    options?: OpenOptions,
  ): MaybePromise<Session<Data>> {
    const known = this.#opened.get(req);
    if (known) return known.session;
    const opened = this.#sessions.open(new NodeRequest(req, peer), options);
    return isThenable(opened)
      ? Promise.resolve(opened).then((session) => this.#hold(req, res, session))
      : this.#hold(req, res, opened);
  }

  #hold(req: IncomingMessage, res: ServerResponse, session: Session<Data>): Session<Data> {
    const exchange = new Exchange(this.#sessions, session, res);
    this.#opened.set(req, exchange);
    holdResponse(res, exchange);
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

/** Answers what has to go over HTTPS, and says whether the request may go on; then the answer carries the promise to. */
export function passTransport(
  transport: Transport,
  req: IncomingMessage,
  res: ServerResponse,
  peer: Peer,
): boolean {
  const outcome = transport(new NodeRequest(req, peer));
  if (outcome.kind === 'proceed') {
    for (const [name, value] of Object.entries(outcome.headers)) res.setHeader(name, value);
    return true;
  }
  if (outcome.kind === 'redirect') res.writeHead(outcome.status, { location: outcome.location }).end();
  else res.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end('Use HTTPS.\n');
  return false;
}

/** How to answer an error; what is not ours is logged, and nothing of it is shown. */
export function problemOf(error: unknown): HttpProblem {
  const problem = httpProblem(error);
  if (problem && problem.status !== 500) return problem;
  console.error(error);
  return INTERNAL_ERROR;
}

/** Answers an error that the handler threw, if nothing has been answered yet. */
export function answerError(res: ServerResponse, error: unknown): void {
  const problem = problemOf(error);
  // The answer was complete before the handler failed: it stands.
  if (res.writableEnded) return;
  if (res.headersSent) {
    // Half an answer is out: only a broken connection can still say that it is not whole.
    res.destroy();
    return;
  }
  try {
    // What the handler put there may be what failed.
    res.statusMessage = '';
    res.writeHead(problem.status, problem.headers);
    res.end(problem.body);
  } catch (late) {
    console.error(late);
    res.destroy();
  }
}

function addHeaders(res: ServerResponse, committed: Committed): undefined {
  applyCommitted(new NodeAnswerHeaders(res), committed);
}

class NodeAnswerHeaders implements AnswerHeaders {
  readonly #res: ServerResponse;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  get(name: string): string | undefined {
    const value = this.#res.getHeader(name);
    return Array.isArray(value) ? value.join(', ') : value?.toString();
  }

  set(name: string, value: string): void {
    this.#res.setHeader(name, value);
  }

  getSetCookie(): readonly string[] {
    return [this.#res.getHeader('set-cookie') ?? []].flat().map(String);
  }

  setSetCookie(values: readonly string[]): void {
    this.#res.setHeader('Set-Cookie', values);
  }
}

function withHeaders(problem: HttpProblem, { setCookies }: Committed): HttpProblem {
  if (setCookies.length === 0) return problem;
  return { ...problem, headers: { ...problem.headers, 'set-cookie': [...setCookies], vary: 'Cookie' } };
}
