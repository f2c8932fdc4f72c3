/**
 * The load: so many browsers, each on a connection of its own that stays open, each asking again when it has its answer
 * (no pipelining). Straight on sockets, because the load shares its processor with the databases; every answer is read whole
 * and looked at.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** The head, as it came. */
  readonly head: string;
  readonly body: string;
}

/** What the browser on one connection does: says what it asks next, and whether what it got is right. */
export interface Browser {
  next(): string;
  /** Why the answer is wrong; `undefined` where it is right. */
  check(answer: Answer): string | undefined;
}

export interface Outcome {
  readonly requests: number;
  readonly seconds: number;
  /** Of each answer, in milliseconds. */
  readonly latencies: readonly number[];
  readonly wrong: number;
  readonly firstWrong: string | undefined;
}

export interface Until {
  readonly requests?: number;
  readonly milliseconds?: number;
}

/** How long a server may say nothing, in milliseconds: then it is given up. */
const PATIENCE = 20_000;

/** The connections to one server. */
export class Connections {
  readonly #port: number;
  readonly #sockets = new Map<number, Promise<Connection>>();

  constructor(port: number) {
    this.#port = port;
  }

  async run(
    browsers: readonly Browser[],
    { requests = Infinity, milliseconds = Infinity }: Until,
  ): Promise<Outcome> {
    const connections = await Promise.all(browsers.map((_, i) => this.#connection(i)));
    const latencies: number[] = [];
    let asked = 0;
    let wrong = 0;
    let firstWrong: string | undefined;
    const start = performance.now();
    let now = start;
    // Never asleep, or whoever answers would pay for waking it, and a slow server more often than a fast one.
    let isRunning = true;
    let giveUp: (error: Error) => void = () => undefined;
    const silent = new Promise<never>((_, fail) => (giveUp = fail));
    const stayAwake = (): void => {
      if (!isRunning) return;
      if (performance.now() - now > PATIENCE) giveUp(new Error(`no answer for ${PATIENCE / 1000} s`));
      else setImmediate(stayAwake);
    };
    stayAwake();
    const all = Promise.all(
      browsers.map(
        (browser, i) =>
          new Promise<void>((done, fail) => {
            const connection = connections[i] as Connection;
            const ask = (): void => {
              if (asked >= requests || now - start >= milliseconds) {
                done();
                return;
              }
              asked++;
              const text = browser.next();
              const sentAt = performance.now();
              connection.ask(
                text,
                (answer) => {
                  now = performance.now();
                  latencies.push(now - sentAt);
                  const why = browser.check(answer);
                  if (why !== undefined) {
                    wrong++;
                    firstWrong ??= `${why}\n  to ${text.split('\r\n')[0]}: ${answer.head.split('\r\n')[0]} ${answer.body.slice(0, 200)}`;
                  }
                  ask();
                },
                fail,
              );
            };
            ask();
          }),
      ),
    );
    try {
      await Promise.race([all, silent]);
    } finally {
      isRunning = false;
    }
    return { requests: latencies.length, seconds: (now - start) / 1000, latencies, wrong, firstWrong };
  }

  async close(): Promise<void> {
    for (const connection of this.#sockets.values()) (await connection).close();
    this.#sockets.clear();
  }

  #connection(i: number): Promise<Connection> {
    const known = this.#sockets.get(i);
    if (known) return known;
    const opened = new Promise<Connection>((done, fail) => {
      const socket = connect(this.#port, '127.0.0.1');
      socket.once('error', fail);
      socket.once('connect', () => {
        socket.off('error', fail);
        done(new Connection(socket));
      });
    });
    this.#sockets.set(i, opened);
    return opened;
  }
}

class Connection {
  readonly #socket: Socket;
  #received = '';
  #answered: ((answer: Answer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#receive(text));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')));
  }

  ask(text: string, answered: (answer: Answer) => void, failed: (error: Error) => void): void {
    this.#answered = answered;
    this.#failed = failed;
    this.#socket.write(text, 'latin1');
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #receive(text: string): void {
    this.#received = this.#received === '' ? text : this.#received + text;
    const answer = parseAnswer(this.#received);
    if (!answer) return;
    this.#received = '';
    this.#answered?.(answer);
  }
}

/** An answer, if it is there as a whole. */
export function parseAnswer(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const from = end + 4;
    if (text.length < from + Number(length)) return undefined;
    return { status, head, body: text.slice(from, from + Number(length)) };
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, head, body: '' };
  if (!text.endsWith('0\r\n\r\n')) return undefined;
  return { status, head, body: unchunked(text.slice(end + 4)) };
}

function unchunked(text: string): string {
  let body = '';
  for (let at = 0; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    const length = Number.parseInt(text.slice(at, lineEnd), 16);
    if (!(length > 0)) return body;
    body += text.slice(lineEnd + 2, lineEnd + 2 + length);
    at = lineEnd + 4 + length;
  }
}

/** The cookies of one browser, as far as these servers need it: no attributes, but for what deletes. */
export class Jar {
  readonly #cookies = new Map<string, string>();
  #header: string | undefined;

  constructor(header = '') {
    for (const pair of header.split('; ')) {
      const equals = pair.indexOf('=');
      if (equals > 0) this.#cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
  }

  /** The value of the Cookie header; empty where there is none. */
  get header(): string {
    this.#header ??= [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return this.#header;
  }

  /** Takes what an answer sets, and says how many cookies that were. */
  take({ head }: Answer): number {
    // Most answers set none, and a look at the letters is cheap.
    if (!/\r\nset-cookie:/i.test(head)) return 0;
    let count = 0;
    for (const [, name = '', value = '', rest = ''] of head.matchAll(
      /\r\nset-cookie: *([^=\r\n]+)=([^;\r\n]*)([^\r\n]*)/gi,
    )) {
      count++;
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(rest)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    this.#header = undefined;
    return count;
  }
}
