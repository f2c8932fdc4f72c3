/** A browser with a cookie jar over real HTTP, which can also send what no browser would. */
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import type { Running } from './servers.ts';

export interface Ask {
  readonly method?: string;
  /** Sent as it stands: nothing is normalised. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly setCookies: readonly string[];
  readonly body: string;
}

export class Client {
  readonly cookies = new Map<string, string>();
  readonly #server: Running;
  readonly #standing: Readonly<Record<string, string>>;

  constructor(server: Running, standing: Readonly<Record<string, string>> = {}) {
    this.#server = server;
    this.#standing = standing;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.ask({ path, headers });
  }

  /** A form or a script of this site, as a browser of today sends it; `headers` can say otherwise. */
  post(path: string, headers: Readonly<Record<string, string>> = {}, body?: string): Promise<Answered> {
    const all = { 'sec-fetch-site': 'same-origin', ...headers };
    return this.ask({ method: 'POST', path, headers: all, ...(body !== undefined && { body }) });
  }

  form(path: string, fields: Readonly<Record<string, string>>): Promise<Answered> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.post(path, headers, new URLSearchParams(fields).toString());
  }

  async ask({ method = 'GET', path, headers = {}, body }: Ask): Promise<Answered> {
    const { hostname, port, protocol } = new URL(this.#server.url);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = {
      ...this.#standing,
      ...(cookie && { cookie }),
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    };
    const { ca } = this.#server;
    const answered = await new Promise<Answered>((resolve, reject) => {
      const options = { hostname, port, method, path, headers: all, agent: false as const };
      const sent =
        protocol === 'https:'
          ? requestHttps({ ...options, servername: 'localhost', ...(ca !== undefined && { ca }) })
          : requestHttp(options);
      sent.on('error', reject).on('response', (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('error', reject)
          .on('data', (part) => (text += part))
          .on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              setCookies: response.headers['set-cookie'] ?? [],
              body: text,
            }),
          );
      });
      sent.end(body);
    });
    for (const set of answered.setCookies) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(set) ?? [];
      if (/; Max-Age=0(?:;|$)/.test(set)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answered;
  }
}

/** Sends lines over a bare socket, and reads until the server closes it. */
export function askRaw(server: Running, lines: readonly string[]): Promise<string> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`),
    );
    socket
      .setEncoding('latin1')
      .on('data', (part) => (text += part))
      .on('error', reject)
      .on('close', () => resolve(text));
  });
}
