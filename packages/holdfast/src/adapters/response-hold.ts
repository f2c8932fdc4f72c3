/**
 * Holds a `node:http` response back until the session is committed.
 *
 * An answer must not leave before what it says is true: "saved" while the write is still under way is the oldest
 * complaint about session middleware. So the first call that would send the head runs the commit, and whatever the
 * handler writes until that is done waits in order. Where the commit has nothing to wait for, nothing is held, and the
 * answer leaves in the calls that the handler made.
 */
import type { ServerResponse } from 'node:http';
import type { HttpProblem } from './http.ts';

export interface Commit {
  /** Runs once, with the status and headers as the handler left them; may set headers. */
  readonly before: () => void | Promise<void>;
  /** What to answer instead when `before` rejects. */
  readonly problem: (error: unknown) => HttpProblem;
}

type Chunk = string | Uint8Array;
type Encoding = BufferEncoding | ((error?: Error | null) => void) | undefined;
type Callback = ((error?: Error | null) => void) | undefined;

export function holdResponse(res: ServerResponse, commit: Commit): void {
  const writeHead = res.writeHead.bind(res) as (status: number, reason?: string) => ServerResponse;
  const write = res.write.bind(res) as (chunk: Chunk, encoding?: Encoding, callback?: Callback) => boolean;
  const end = res.end.bind(res) as (
    chunk?: unknown,
    encoding?: unknown,
    callback?: unknown,
  ) => ServerResponse;
  const flushHeaders = res.flushHeaders.bind(res);

  let state: 'open' | 'holding' | 'released' | 'failed' = 'open';
  let waiting: (() => unknown)[] = [];
  let isDrainOwed = false;
  let hasEnded = false;

  /** Runs `send` now, or when the commit is done. `held` is what to return meanwhile. */
  function afterCommit<T>(send: () => T, held: T): T {
    if (state === 'open') begin();
    if (state === 'released') return send();
    if (state === 'holding') waiting.push(send);
    return held;
  }

  function begin(): void {
    let outcome: void | Promise<void>;
    try {
      outcome = commit.before();
    } catch (error) {
      fail(error);
      return;
    }
    if (!(outcome instanceof Promise)) {
      state = 'released';
      return;
    }
    state = 'holding';
    // To the handler, the answer has begun: error middleware must not start another one.
    Object.defineProperty(res, 'headersSent', { configurable: true, get: () => true });
    Object.defineProperty(res, 'writableEnded', { configurable: true, get: () => hasEnded });
    outcome.then(release, fail);
  }

  function stopPretending(): void {
    Reflect.deleteProperty(res, 'headersSent');
    Reflect.deleteProperty(res, 'writableEnded');
  }

  function release(): void {
    stopPretending();
    state = 'released';
    const sends = waiting;
    waiting = [];
    let last: unknown;
    for (const send of sends) last = send();
    // A stream that was told to wait goes on, unless the socket itself asks it to wait: then the socket tells it.
    if (isDrainOwed && !hasEnded && last !== false) res.emit('drain');
  }

  /** The handler's answer is not true: another one goes out, and what the handler still writes goes nowhere. */
  function fail(error: unknown): void {
    stopPretending();
    state = 'released';
    waiting = [];
    const { status, headers, body } = commit.problem(error);
    if (!res.headersSent) {
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      res.statusCode = status;
      res.statusMessage = '';
    }
    end(body);
    state = 'failed';
    if (isDrainOwed) res.emit('drain');
  }

  res.writeHead = ((status: number, ...rest: unknown[]) => {
    if (state === 'released') return (writeHead as (...args: unknown[]) => ServerResponse)(status, ...rest);
    if (state !== 'open') return res;
    const reason = typeof rest[0] === 'string' ? rest[0] : undefined;
    res.statusCode = status;
    if (reason !== undefined) res.statusMessage = reason;
    setHeaders(res, reason === undefined ? rest[0] : rest[1]);
    return afterCommit(() => (reason === undefined ? writeHead(status) : writeHead(status, reason)), res);
  }) as ServerResponse['writeHead'];

  res.write = ((chunk: Chunk, encoding?: Encoding, callback?: Callback) => {
    if (state === 'released') return write(chunk, encoding, callback);
    const isTaken = afterCommit(() => write(chunk, encoding, callback), false);
    if (state === 'failed') return swallow(encoding, callback);
    if (state === 'holding') isDrainOwed = true;
    return isTaken;
  }) as ServerResponse['write'];

  res.end = ((chunk?: unknown, encoding?: unknown, callback?: unknown) => {
    if (state === 'released') return end(chunk, encoding, callback);
    if (state === 'failed') return res;
    if (hasEnded) return res;
    const ended = afterCommit(() => end(chunk, encoding, callback), res);
    hasEnded = true;
    return ended;
  }) as ServerResponse['end'];

  res.flushHeaders = () => {
    afterCommit(flushHeaders, undefined);
  };
}

function swallow(encoding: Encoding, callback: Callback): true {
  const done = typeof encoding === 'function' ? encoding : callback;
  if (done) queueMicrotask(() => done());
  return true;
}

/** The headers that `writeHead` accepts: an object, or a flat list of names and values. */
function setHeaders(res: ServerResponse, headers: unknown): void {
  if (Array.isArray(headers)) {
    const seen = new Set<string>();
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const name = String(headers[i]);
      if (seen.has(name.toLowerCase())) res.appendHeader(name, headers[i + 1]);
      else res.setHeader(name, headers[i + 1]);
      seen.add(name.toLowerCase());
    }
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) res.setHeader(name, value);
    }
  }
}
