/** A browser over real HTTP: connections that are kept, a cookie jar, and several requests at once, as tabs send them. */
import { Agent, request } from 'node:http';
import type { Page } from './app.ts';

export interface Answer {
  /** 0 where the connection broke before there was an answer. */
  readonly status: number;
  /** Of an answer with status 200. */
  readonly page: Page | undefined;
  /** The cookie that the request carried. */
  readonly cookie: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** What takes longer hangs, whatever comes of it. */
const PATIENCE_MS = 15_000;

/** Of all browsers of a run. */
export const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

export class HttpBrowser {
  /** `name=value`, or nothing. */
  cookie = '';
  /** Every cookie that was ever set. */
  readonly seen = new Set<string>();

  ask(port: number, path: string): Promise<Answer> {
    const { cookie } = this;
    const startedAt = performance.now();
    const method = path === '/' || path === '/list' ? 'GET' : 'POST';
    const headers = {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'sec-fetch-site': 'same-origin',
      ...(cookie && { cookie }),
    };
    return new Promise((resolve) => {
      const answer = (status: number, page?: Page): void =>
        resolve({ status, page, cookie, startedAt, endedAt: performance.now() });
      const sent = request({ host: '127.0.0.1', port, path, method, headers, agent, timeout: PATIENCE_MS });
      sent.on('timeout', () => sent.destroy());
      sent.on('error', () => answer(0));
      sent.on('response', (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (part: string) => (text += part))
          .on('error', () => answer(0))
          .on('end', () => {
            for (const set of response.headers['set-cookie'] ?? []) this.#store(set);
            const { statusCode = 0 } = response;
            if (statusCode === 200) answer(200, JSON.parse(text) as Page);
            else answer(statusCode);
          });
      });
      sent.end();
    });
  }

  #store(set: string): void {
    const [pair = ''] = set.split(';', 1);
    this.cookie = /; Max-Age=0(?:;|$)/.test(set) ? '' : pair;
    if (this.cookie) this.seen.add(pair);
  }
}
