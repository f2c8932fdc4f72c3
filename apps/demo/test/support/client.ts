/** A client as a script is one: it sends no header of its own accord but Host, and keeps cookies. */
import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly location: string | undefined;
  readonly setCookies: readonly string[];
}

export interface Sending {
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called when the server has begun to answer. */
  readonly onArrival?: () => void;
}

export const COOKIE = '__Host-session';
const TOKEN_SECRET = /^[\w-]{22}\.[\w-]{16}\.([\w-]{43})$/;

/** What was seen of secrets, and where none may be: for the canary. */
export interface Witness {
  readonly secrets: Set<string>;
  readonly bodies: string[];
}

export class Client {
  readonly #origin: string;
  readonly #witness: Witness;
  readonly #agent: Agent;
  readonly userAgent: string | undefined;
  /** The session cookie's value, as a thief of the jar would have it. */
  cookie: string | undefined;

  constructor(
    origin: string,
    witness: Witness,
    userAgent?: string,
    agent: Agent = new Agent({ keepAlive: true }),
  ) {
    this.#origin = origin;
    this.#witness = witness;
    this.#agent = agent;
    this.userAgent = userAgent;
  }

  /** Another holder of the same cookie. */
  copy(): Client {
    const copy = new Client(this.#origin, this.#witness, this.userAgent, this.#agent);
    copy.cookie = this.cookie;
    return copy;
  }

  get(path: string, sending: Sending = {}): Promise<Answer> {
    return this.send('GET', path, sending);
  }

  post(path: string, sending: Sending = {}): Promise<Answer> {
    return this.send('POST', path, sending);
  }

  signUp(username: string, password = PASSWORD): Promise<Answer> {
    return this.post('/sign-up', { form: { username, password } });
  }

  signIn(username: string, password = PASSWORD): Promise<Answer> {
    return this.post('/sign-in', { form: { username, password } });
  }

  /** What the lab says about the session. */
  async state(): Promise<State> {
    return JSON.parse((await this.get('/lab/state')).body) as State;
  }

  async send(
    method: string,
    path: string,
    { form, body, headers = {}, onArrival }: Sending = {},
  ): Promise<Answer> {
    const content = form ? new URLSearchParams(form).toString() : body;
    const allHeaders = {
      ...(this.cookie !== undefined && { cookie: `${COOKIE}=${this.cookie}` }),
      ...(this.userAgent !== undefined && { 'user-agent': this.userAgent }),
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(onArrival && { expect: '100-continue' }),
      ...headers,
    };
    const answer = await this.#exchange(method, path, content, allHeaders, onArrival);
    for (const setCookie of answer.setCookies) this.#keep(setCookie);
    this.#witness.bodies.push(`${method} ${path}\n${answer.body}`);
    return answer;
  }

  /** Ends the connections this client keeps open. */
  close(): void {
    this.#agent.destroy();
  }

  #keep(setCookie: string): void {
    const [pair = '', ...attributes] = setCookie.split('; ');
    const value = pair.slice(pair.indexOf('=') + 1);
    this.cookie = attributes.includes('Max-Age=0') ? undefined : value;
    const secret = TOKEN_SECRET.exec(value)?.[1];
    if (secret !== undefined) this.#witness.secrets.add(secret);
  }

  #exchange(
    method: string,
    path: string,
    content: string | undefined,
    headers: Record<string, string>,
    onArrival?: () => void,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#origin}${path}`, { method, headers, agent: this.#agent }, (received) => {
        let body = '';
        received.setEncoding('utf8');
        received.on('data', (text: string) => {
          body += text;
        });
        received.on('error', reject);
        received.on('end', () => {
          const setCookies = received.headers['set-cookie'] ?? [];
          const { statusCode: status = 0, headers: got } = received;
          resolve({ status, headers: got, body, location: got.location, setCookies });
        });
      });
      sent.on('error', reject);
      if (onArrival === undefined) {
        sent.end(content);
        return;
      }
      // The server asks for the rest in the same step in which it begins to answer.
      sent.on('continue', () => {
        sent.end(content);
        onArrival();
      });
      sent.flushHeaders();
    });
  }
}

export interface State {
  readonly signedIn: boolean;
  readonly user: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly renewals: number;
}

export const PASSWORD = 'a password of the tests';
