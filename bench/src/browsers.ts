/** What browsers do in each load, and what makes an answer right. */
import { type Answer, type Browser, Jar } from './load.ts';

export const LOADS = ['read', 'write', 'sign-in', 'anonymous', 'mixed'] as const;
export type LoadName = (typeof LOADS)[number];

export const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

/** As much as a browser sends; `Host` is a loopback name, so that nobody warns of plain HTTP. */
const HEADERS = [
  'Host: localhost',
  `User-Agent: ${USER_AGENT}`,
  'Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
  'Accept-Language: en',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
].join('\r\n');

/** Cookies that an application has beside the session's. */
const OTHERS = 'theme=dark; consent=1';

export function request(method: 'GET' | 'POST', path: string, jar?: Jar): string {
  const session = jar?.header;
  const cookies = session ? `${OTHERS}; ${session}` : OTHERS;
  const length = method === 'POST' ? 'Content-Length: 0\r\n' : '';
  return `${method} ${path} HTTP/1.1\r\n${HEADERS}\r\nCookie: ${cookies}\r\n${length}\r\n`;
}

function differs(answer: Answer, expected: string): string | undefined {
  return answer.status === 200 && answer.body === expected ? undefined : `expected 200 ${expected}`;
}

export interface Visitor {
  readonly user: string;
  jar: Jar;
  /** What the session keeps as its note, as the server should know it. */
  note: string;
}

export const visitor = (user: string, cookie = ''): Visitor => ({ user, jar: new Jar(cookie), note: '-' });

/** What a server without sessions answers to everyone. */
const NOBODYS: Readonly<Record<string, RegExp>> = { read: /^user-0 blue$/, write: /^user-0 -$/ };

let values = 0;

/** One request of a visitor, and the check of its answer. */
class Step implements Browser {
  readonly #visitor: () => Visitor;
  readonly #load: () => Exclude<LoadName, 'mixed'>;
  readonly #isBare: boolean;
  #now: Visitor;
  #doing: Exclude<LoadName, 'mixed'> = 'read';
  #value = '';

  constructor(visitorOf: () => Visitor, load: () => Exclude<LoadName, 'mixed'>, isBare: boolean) {
    this.#visitor = visitorOf;
    this.#load = load;
    this.#isBare = isBare;
    this.#now = visitorOf();
  }

  next(): string {
    this.#doing = this.#load();
    this.#now = this.#visitor();
    switch (this.#doing) {
      case 'read':
        return request('GET', '/read', this.#now.jar);
      case 'anonymous':
        return request('GET', '/read');
      case 'write':
        this.#value = `v${++values}`;
        return request('POST', `/write/${this.#value}`, this.#now.jar);
      case 'sign-in':
        this.#value = `new-${++values}`;
        return request('POST', `/sign-in/${this.#value}`);
    }
  }

  check(answer: Answer): string | undefined {
    const { user, jar, note } = this.#now;
    switch (this.#doing) {
      case 'read':
        jar.take(answer);
        break;
      case 'write':
        jar.take(answer);
        this.#now.note = this.#value;
        break;
      case 'sign-in':
      case 'anonymous': {
        const set = new Jar().take(answer);
        if (this.#isBare) break;
        if (this.#doing === 'anonymous') return differs(answer, 'nobody');
        return set === 0 ? 'expected a cookie' : differs(answer, `signed in ${this.#value}`);
      }
    }
    if (this.#isBare) {
      const expected = NOBODYS[this.#doing];
      return !expected || expected.test(answer.body) ? undefined : `expected ${String(expected)}`;
    }
    return differs(answer, this.#doing === 'read' ? `${user} blue` : `${user} ${note}`);
  }
}

export interface Browsing {
  readonly visitors: readonly Visitor[];
  readonly count: number;
  readonly isBare: boolean;
  /** How often these visitors were sent before: who goes among many goes on elsewhere. */
  readonly turn?: number;
}

const PRIME = 7919;

/** The browsers of a load: one for each of the first `count` visitors, or, where the load is mixed, going among all of them. */
export function browsersFor(load: LoadName, { visitors, count, isBare, turn = 0 }: Browsing): Browser[] {
  return Array.from({ length: count }, (_, i) => {
    if (load !== 'mixed')
      return new Step(
        () => visitors[i] as Visitor,
        () => load,
        isBare,
      );
    // Each goes through visitors of its own, so that no two write to one session at a time; 95 reads, 4 writes, 1 sign-in.
    const own = Math.ceil((visitors.length - i) / count);
    let steps = i * 31 + turn * 1_009;
    const among = (): Exclude<LoadName, 'mixed'> => {
      const step = steps++ % 100;
      if (step === 50) return 'sign-in';
      return step % 25 === 12 ? 'write' : 'read';
    };
    return new Step(() => visitors[i + count * ((steps * PRIME) % own)] as Visitor, among, isBare);
  });
}

/** Signs a visitor in, once. */
export class SignIn implements Browser {
  readonly #visitor: Visitor;
  constructor(who: Visitor) {
    this.#visitor = who;
  }
  next(): string {
    return request('POST', `/sign-in/${this.#visitor.user}`);
  }
  check(answer: Answer): string | undefined {
    this.#visitor.jar.take(answer);
    return differs(answer, `signed in ${this.#visitor.user}`);
  }
}
