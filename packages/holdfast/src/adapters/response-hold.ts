/**
 * Holds a `node:http` response back until the session is committed.
 *
 * An answer must not leave before what it says is true: "saved" while the write is still under way is the oldest
 * complaint about session middleware. So the first call that would send the head runs the commit, and whatever the
 * handler writes until that is done waits in order. Where the commit has nothing to wait for, nothing is held, and the
 * answer leaves in the calls that the handler made.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type HttpProblem, INTERNAL_ERROR } from './http.ts';

/**
 * Runs once, with the status and headers as the handler left them; may set headers. Returns what to answer instead when
 * the handler's answer is not true. Never rejects.
 */
export type Commit = () => HttpProblem | undefined | Promise<HttpProblem | undefined>;

type Chunk = string | Uint8Array;
type Callback = (error?: Error | null) => void;

interface Waiting {
  readonly send: () => unknown;
  readonly callback: Callback | undefined;
}

/** As whoever stood before us has left them. */
interface Ways {
  writeHead(this: ServerResponse, ...args: unknown[]): ServerResponse;
  write(this: ServerResponse, ...args: unknown[]): boolean;
  end(this: ServerResponse, ...args: unknown[]): ServerResponse;
  flushHeaders(this: ServerResponse): void;
}

export function holdResponse(res: ServerResponse, commit: Commit): void {
  const { writeHead, write, end, flushHeaders } = res as unknown as Ways;
  // What stood before the handler (security headers, CORS, a request id) is true of any answer, ours included.
  const standing = copyOf(res.getHeaders());

  let state: 'open' | 'holding' | 'released' | 'replaced' = 'open';
  let waiting: Waiting[] = [];
  let isDrainOwed = false;
  let hasEnded = false;

  /** Runs `send` now, or when the commit is done. `meanwhile` is what to return in the second case. */
  function afterCommit<T>(send: () => T, meanwhile: T, callback?: Callback): T {
    if (state === 'open') begin();
    if (state === 'released') return send();
    if (state === 'holding') waiting.push({ send, callback });
    else if (callback) queueMicrotask(() => callback());
    return meanwhile;
  }

  function begin(): void {
    const outcome = commit();
    if (!(outcome instanceof Promise)) {
      settle(outcome);
      return;
    }
    state = 'holding';
    // To the handler, the answer has begun: error middleware must not start another one.
    Object.defineProperty(res, 'headersSent', { configurable: true, get: () => true });
    Object.defineProperty(res, 'writableEnded', { configurable: true, get: () => hasEnded });
    void outcome.then((instead) => {
      Reflect.deleteProperty(res, 'headersSent');
      Reflect.deleteProperty(res, 'writableEnded');
      settle(instead);
    });
  }

  function settle(instead: HttpProblem | undefined): void {
    state = 'released';
    const sends = waiting;
    waiting = [];
    if (instead) replace(instead, sends);
    else replay(sends);
  }

  function replay(sends: readonly Waiting[]): void {
    let last: unknown;
    try {
      for (const { send } of sends) last = send();
    } catch (error) {
      // The handler is long gone: what it wrote (a chunk of a wrong type, a status out of range) can not be told to it.
      console.error(error);
      if (res.headersSent) res.destroy();
      else replace(INTERNAL_ERROR, []);
      return;
    }
    // A stream that was told to wait goes on, unless the socket itself asks it to wait: then the socket tells it.
    if (isDrainOwed && !hasEnded && last !== false) res.emit('drain');
  }

  /** Another answer goes out, and what the handler still writes goes nowhere. */
  function replace({ status, headers, body }: HttpProblem, sends: readonly Waiting[]): void {
    if (!res.headersSent) {
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      for (const [name, value] of Object.entries({ ...standing, ...headers })) {
        if (value !== undefined) res.setHeader(name, value);
      }
      res.statusCode = status;
      res.statusMessage = '';
    }
    end.call(res, body);
    state = 'replaced';
    for (const { callback } of sends) callback?.();
    if (isDrainOwed) res.emit('drain');
  }

  res.writeHead = ((status: number, ...rest: unknown[]) => {
    if (state === 'released') return writeHead.call(res, status, ...rest);
    if (state !== 'open') return res;
    const reason = typeof rest[0] === 'string' ? rest[0] : undefined;
    res.statusCode = status;
    if (reason !== undefined) res.statusMessage = reason;
    setHeaders(res, reason === undefined ? (rest[0] ?? rest[1]) : rest[1]);
    return afterCommit(
      () => (reason === undefined ? writeHead.call(res, status) : writeHead.call(res, status, reason)),
      res,
    );
  }) as ServerResponse['writeHead'];

  res.write = ((chunk: Chunk, ...rest: unknown[]) => {
    const isTaken = afterCommit(
      () => write.call(res, chunk, ...rest),
      state !== 'open' && state !== 'holding',
      callbackIn(rest),
    );
    if (state === 'holding') isDrainOwed = true;
    return isTaken;
  }) as ServerResponse['write'];

  res.end = ((...args: unknown[]) => {
    if (state === 'holding' && hasEnded) return res;
    const ended = afterCommit(() => end.apply(res, args), res, callbackIn(args));
    hasEnded = true;
    return ended;
  }) as ServerResponse['end'];

  res.flushHeaders = () => {
    afterCommit(() => flushHeaders.call(res), undefined);
  };
}

function callbackIn(args: readonly unknown[]): Callback | undefined {
  return args.find((arg): arg is Callback => typeof arg === 'function');
}

/** `getHeaders` copies already, but for the lists in it. */
function copyOf(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) headers[name] = [...value];
  }
  return headers;
}

/** The headers that `writeHead` accepts: an object, or a list of names and values, flat or in pairs. */
function setHeaders(res: ServerResponse, headers: unknown): void {
  if (Array.isArray(headers)) {
    const flat = headers.flat(Array.isArray(headers[0]) ? 1 : 0) as string[];
    const seen = new Set<string>();
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const name = String(flat[i]);
      const value = flat[i + 1] as string;
      if (seen.has(name.toLowerCase())) res.appendHeader(name, value);
      else res.setHeader(name, value);
      seen.add(name.toLowerCase());
    }
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers as OutgoingHttpHeaders)) {
      if (value !== undefined) res.setHeader(name, value);
    }
  }
}
