/** Somebody who sends requests: a browser with a jar, or a thief's script. */
import { request } from 'node:http';
import { type Initiator, Jar } from './jar.ts';
import { KEY_HEADER } from './loopback.ts';
import type { AnswerEvent, Recorder, RequestEvent, Tone } from './recorder.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface Sending {
  readonly form?: Readonly<Record<string, string>>;
  /** Which page has caused this, and from where. Default: the shop itself. */
  readonly from?: { readonly origin: string; readonly initiator: Initiator };
  /**
   * This must not work: whether it did, by the answer. `true`: it worked if the status is below 400. Left out, the request
   * is an honest one, and the experiment is void if it fails.
   */
  readonly attack?: true | ((answer: Answer) => boolean);
  /** Honest, and allowed to fail: because of what was done to its sender before. */
  readonly mayFail?: true;
  /** Called when the request has been written down and is about to leave. */
  readonly onSent?: () => void;
}

/** Where an actor sends its requests, and who watches. */
export interface Wire {
  readonly recorder: Recorder;
  readonly port: number;
  readonly key: string;
  /** The session cookie's name. */
  readonly cookie: string;
  readonly signal: AbortSignal;
  /** Counts a request against the limit, and returns its number. */
  next(): number;
  /** Sees each token that the target has handed out. */
  readonly onToken?: (token: string) => void;
}

/** An honest request failed: what was to be shown could not be. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';
}

export class Actor {
  readonly jar = new Jar();
  readonly name: string;
  readonly #userAgent: string;
  readonly #isBrowser: boolean;
  readonly #wire: Wire;

  constructor(name: string, userAgent: string, isBrowser: boolean, wire: Wire) {
    this.name = name;
    this.#userAgent = userAgent;
    this.#isBrowser = isBrowser;
    this.#wire = wire;
  }

  /** The session cookie's value. */
  get token(): string | undefined {
    return this.jar.get(this.#wire.cookie)?.value;
  }

  set token(value: string) {
    this.jar.put({ name: this.#wire.cookie, value, isHttpOnly: true, sameSite: 'none' });
  }

  /** Another tab of the same browser: what goes into the one jar is in the other, as it is now. */
  sameBrowserAs(other: Actor): void {
    const cookie = other.jar.get(this.#wire.cookie);
    if (cookie) this.jar.put(cookie);
  }

  get(path: string, sending: Sending = {}): Promise<Answer> {
    return this.#send('GET', path, sending);
  }

  post(path: string, form: Readonly<Record<string, string>> = {}, sending: Sending = {}): Promise<Answer> {
    return this.#send('POST', path, { ...sending, form });
  }

  async #send(method: string, path: string, sending: Sending): Promise<Answer> {
    const { recorder, port, cookie: sessionCookie } = this.#wire;
    const exchange = this.#wire.next();
    const initiator = sending.from?.initiator ?? 'same-origin';
    const cookies = this.jar.sentWith(initiator);
    const token = cookies.find(({ name }) => name === sessionCookie)?.value;
    const body = sending.form && new URLSearchParams(sending.form).toString();
    const headers: Record<string, string> = {
      host: `localhost:${port}`,
      'user-agent': this.#userAgent,
      ...(this.#isBrowser && { 'sec-fetch-site': initiator }),
      ...(this.#isBrowser &&
        method === 'POST' && { origin: sending.from?.origin ?? `http://localhost:${port}` }),
      ...(cookies.length > 0 && {
        cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
      }),
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const heldBack = token === undefined && this.token !== undefined;
    const requestEvent: RequestEvent = {
      kind: 'request',
      exchange,
      from: this.name,
      to: 'server',
      line: `${method} ${path.split('?')[0]}`,
      cookie:
        token === undefined ? (heldBack ? 'cookie held back' : undefined) : `with ${recorder.nameOf(token)}`,
      raw: recorder.mask(rawRequest(method, path, headers, withoutPasswords(body))),
      count: 1,
    };
    // A slow request is written down when it leaves: its answer may come after those of others.
    if (sending.onSent) recorder.add(requestEvent);
    sending.onSent?.();

    const received = await this.#exchange(method, path, headers, body);
    let effect: string | undefined;
    for (const setCookie of received.setCookies) {
      const before = this.token;
      const taken = this.jar.take(setCookie);
      if (!setCookie.startsWith(`${sessionCookie}=`)) continue;
      if (taken) {
        this.#wire.onToken?.(taken.value);
        effect = `sets ${recorder.nameOf(taken.value)}`;
      } else if (before !== undefined) effect = 'deletes the cookie';
    }
    const answer: Answer = { status: received.status, text: received.text };
    const event: AnswerEvent = {
      kind: 'answer',
      exchange,
      from: 'server',
      to: this.name,
      status: answer.status,
      text: recorder.mask(answer.text),
      effect,
      raw: recorder.mask(received.raw),
      tone: toneOf(answer, sending),
      count: 1,
    };
    if (sending.onSent) recorder.add(event);
    else recorder.addRepeatable(requestEvent, event);
    if (!sending.attack && !sending.mayFail && answer.status >= 400) {
      throw new ExperimentError(`${method} ${path} was answered with ${answer.status}`);
    }
    return answer;
  }

  #exchange(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
  ): Promise<Answer & { setCookies: readonly string[]; raw: string }> {
    const { port, key, signal } = this.#wire;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path,
          headers: { ...headers, [KEY_HEADER]: key },
          agent: false,
          signal,
        },
        (received) => {
          let text = '';
          received.setEncoding('utf8');
          received.on('data', (part: string) => {
            text += part;
          });
          received.on('error', reject);
          received.on('end', () => {
            const { statusCode: status = 0, statusMessage, headers: got } = received;
            const lines = shownHeaders(got);
            const raw = [`${status} ${statusMessage}`, ...lines, '', text.trim()].join('\n');
            resolve({ status, text: text.trim(), setCookies: got['set-cookie'] ?? [], raw });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

function toneOf(answer: Answer, { attack }: Sending): Tone {
  if (!attack) return 'plain';
  const hasWorked = attack === true ? answer.status < 400 : attack(answer);
  return hasWorked ? 'fell' : 'held';
}

/** The password is no part of what is shown; everything else is. */
function withoutPasswords(body: string | undefined): string | undefined {
  return body?.replace(/password=[^&]*/g, 'password=‹password›');
}

function rawRequest(
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | undefined,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, ...(body ? ['', body] : [])].join('\n');
}

/** What has to do with sessions; dates and lengths have not. */
const SHOWN = ['set-cookie', 'cache-control', 'vary', 'clear-site-data', 'x-naive-sessions'];

function shownHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): string[] {
  return SHOWN.flatMap((name) => [headers[name] ?? []].flat().map((value) => `${name}: ${value}`));
}
