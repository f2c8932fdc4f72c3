/**
 * Holds a `node:http` response back until the session is committed.
 *
 * An answer must not leave before what it says is true: "saved" while the write is still under way is the oldest
 * complaint about session middleware. So the first call that would send the head runs the commit, and whatever the
 * handler writes until that is done waits in order. Where the commit has nothing to wait for, nothing is held, and the
 * answer leaves in the calls that the handler made.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isThenable } from '../at-once.ts';
import { HOLD, type Holding, type Said, sayHeld } from './as-held.ts';
import { type HttpProblem, INTERNAL_ERROR } from './http.ts';

export interface Commit {
  /**
   * Runs once, with the status and headers as the handler left them; may set headers. Returns what to answer instead when
   * the handler's answer is not true. Never rejects.
   */
  commit(): HttpProblem | undefined | Promise<HttpProblem | undefined>;
}

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

const NO_HEADERS: OutgoingHttpHeaders = {};

type Held = Ways & { [HOLD]?: Hold };

/** A response may be held twice: by an application, and by one that it is mounted in. */
export function holdResponse(res: ServerResponse, commit: Commit): void {
  const held = res as unknown as Held;
  const hold = new Hold(res, commit, held[HOLD]);
  if (held[HOLD]) {
    held[HOLD] = hold;
    held.writeHead = (...args) => hold.writeHead(args);
    held.write = (...args) => hold.write(args);
    held.end = (...args) => hold.end(args);
    held.flushHeaders = () => hold.flushHeaders();
    return;
  }
  held[HOLD] = hold;
  held.writeHead = writeHead;
  held.write = write;
  held.end = end;
  held.flushHeaders = flushHeaders;
}

// One function for all responses: four for each, made anew, cost as much as everything else that is done here.
function writeHead(this: ServerResponse, ...args: unknown[]): ServerResponse {
  return holdOf(this).first.writeHead(args);
}

function write(this: ServerResponse, ...args: unknown[]): boolean {
  return holdOf(this).first.write(args);
}

function end(this: ServerResponse, ...args: unknown[]): ServerResponse {
  return holdOf(this).first.end(args);
}

function flushHeaders(this: ServerResponse): void {
  holdOf(this).first.flushHeaders();
}

function holdOf(res: ServerResponse): Hold {
  return (res as unknown as { readonly [HOLD]: Hold })[HOLD];
}

class Hold implements Holding {
  readonly #res: ServerResponse;
  readonly #commit: Commit;
  readonly #writeHead: Ways['writeHead'];
  readonly #write: Ways['write'];
  readonly #end: Ways['end'];
  readonly #flushHeaders: Ways['flushHeaders'];
  /** What stood before the handler (security headers, CORS, a request id) is true of any answer, ours included. */
  readonly #standing: OutgoingHttpHeaders;
  #state: 'open' | 'holding' | 'released' | 'replaced' = 'open';
  #waiting: Waiting[] | undefined;
  #isDrainOwed = false;
  #hasEnded = false;
  /** Who holds the same response too, since before. */
  readonly #before: Hold | undefined;
  readonly first: Hold;

  constructor(res: ServerResponse, commit: Commit, before: Hold | undefined) {
    const ways = res as unknown as Ways;
    this.#res = res;
    this.#commit = commit;
    this.#before = before;
    this.first = before?.first ?? this;
    this.#writeHead = ways.writeHead;
    this.#write = ways.write;
    this.#end = ways.end;
    this.#flushHeaders = ways.flushHeaders;
    this.#standing = res.getHeaderNames().length === 0 ? NO_HEADERS : copyOf(res.getHeaders());
  }

  /** What the response itself says, whoever asks. */
  saidBy(name: Said): boolean {
    return Boolean(Reflect.get(Object.getPrototypeOf(this.#res) as object, name, this.#res));
  }

  get isHolding(): boolean {
    return this.#state === 'holding' || (this.#before?.isHolding ?? false);
  }

  get hasEnded(): boolean {
    return this.#state === 'holding' ? this.#hasEnded : (this.#before?.hasEnded ?? this.#hasEnded);
  }

  writeHead(args: readonly unknown[]): ServerResponse {
    const res = this.#res;
    if (this.#state === 'released') return this.#writeHead.apply(res, [...args]);
    if (this.#state !== 'open') return res;
    const [status, first, second] = args as [number, unknown, unknown];
    const reason = typeof first === 'string' ? first : undefined;
    res.statusCode = status;
    if (reason !== undefined) res.statusMessage = reason;
    setHeaders(res, reason === undefined ? (first ?? second) : second);
    const head = reason === undefined ? [status] : [status, reason];
    return this.#isReleased()
      ? this.#writeHead.apply(res, head)
      : this.#wait(() => this.#writeHead.apply(res, head), res);
  }

  write(args: unknown[]): boolean {
    const isDropped = this.#state === 'replaced';
    if (this.#isReleased()) return this.#write.apply(this.#res, args);
    if (this.#state === 'holding') this.#isDrainOwed = true;
    return this.#wait(() => this.#write.apply(this.#res, args), isDropped, callbackIn(args));
  }

  end(args: unknown[]): ServerResponse {
    const res = this.#res;
    if (this.#state === 'holding' && this.#hasEnded) return res;
    const isReleased = this.#isReleased();
    this.#hasEnded = true;
    return isReleased
      ? this.#end.apply(res, args)
      : this.#wait(() => this.#end.apply(res, args), res, callbackIn(args));
  }

  flushHeaders(): void {
    if (this.#isReleased()) this.#flushHeaders.call(this.#res);
    else this.#wait(() => this.#flushHeaders.call(this.#res), undefined);
  }

  /** Runs the commit, if nobody has yet, and says whether the answer may leave. */
  #isReleased(): boolean {
    if (this.#state === 'open') this.#begin();
    return this.#state === 'released';
  }

  /** Runs `send` when the commit is done, unless another answer goes out. `meanwhile` is what to return. */
  #wait<T>(send: () => unknown, meanwhile: T, callback?: Callback): T {
    if (this.#state === 'holding') (this.#waiting ??= []).push({ send, callback });
    else if (callback) queueMicrotask(() => callback());
    return meanwhile;
  }

  #begin(): void {
    const outcome = this.#commit.commit();
    if (!isThenable(outcome)) {
      this.#settle(outcome);
      return;
    }
    this.#state = 'holding';
    const takeBack = sayHeld(this.#res);
    void outcome.then((instead) => {
      takeBack?.();
      this.#settle(instead);
    });
  }

  #settle(instead: HttpProblem | undefined): void {
    this.#state = 'released';
    const sends = this.#waiting ?? [];
    this.#waiting = undefined;
    if (instead) this.#replace(instead, sends);
    else if (sends.length > 0) this.#replay(sends);
  }

  #replay(sends: readonly Waiting[]): void {
    const res = this.#res;
    let last: unknown;
    try {
      for (const { send } of sends) last = send();
    } catch (error) {
      // The handler is long gone: what it wrote (a chunk of a wrong type, a status out of range) can not be told to it.
      console.error(error);
      if (res.headersSent) res.destroy();
      else this.#replace(INTERNAL_ERROR, []);
      return;
    }
    // A stream that was told to wait goes on, unless the socket itself asks it to wait: then the socket tells it.
    if (this.#isDrainOwed && !this.#hasEnded && last !== false) res.emit('drain');
  }

  /** Another answer goes out, and what the handler still writes goes nowhere. */
  #replace({ status, headers, body }: HttpProblem, sends: readonly Waiting[]): void {
    const res = this.#res;
    if (!res.headersSent) {
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      for (const [name, value] of Object.entries({ ...this.#standing, ...headers })) {
        if (value !== undefined) res.setHeader(name, value);
      }
      res.setHeader('content-length', Buffer.byteLength(body));
      res.statusCode = status;
      res.statusMessage = '';
      // By `end` alone it would go through our own `writeHead`, which takes it for the handler's where somebody holds it below us.
      this.#writeHead.call(res, status);
    }
    this.#end.call(res, body);
    this.#state = 'replaced';
    for (const { callback } of sends) callback?.();
    if (this.#isDrainOwed) res.emit('drain');
  }
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
