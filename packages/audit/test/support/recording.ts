/** What somebody did in a browser, written down as a test tells it. */
import type { Headers } from '../../src/http/message.ts';
import { type Draft, draftOf } from '../../src/recording/draft.ts';
import type { Exchanged, Moment, Pressed, Typed } from '../../src/recording/moments.ts';

export const TARGET: URL = new URL('https://shop.test/');
export const TOKEN = 'f3a9c81b2d4e6f7a8b9c0d11';
export const SECOND = '0d9e8f7a6b5c4d3e2f1a0b99';

export interface Sent {
  readonly body?: string;
  readonly json?: unknown;
  readonly headers?: Headers;
  readonly answers?: string | object;
  readonly to?: string;
  readonly cookies?: Exchanged['cookies'];
}

function sent(isPage: boolean, line: string, told: Sent): Exchanged {
  const [method = '', path = ''] = line.split(' ');
  const { body, json, headers = [], answers = '', to, cookies = [] } = told;
  const isForm = json === undefined;
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
  const text = isForm ? body : JSON.stringify(json);
  return {
    kind: 'exchanged',
    isPage,
    cookies,
    answer: {
      request: {
        method,
        url: new URL(path, TARGET),
        headers: [...headers, ...(text === undefined ? [] : [['Content-Type', type] as const])],
        ...(text !== undefined && { body: text }),
      },
      status: to === undefined ? 200 : 303,
      headers:
        to === undefined
          ? [['Content-Type', typeof answers === 'string' ? 'text/html' : 'application/json']]
          : [['Location', to]],
      body: typeof answers === 'string' ? answers : JSON.stringify(answers),
      isCut: false,
      number: 0,
    },
  };
}

export const page = (line: string, told: Sent = {}): Exchanged => sent(true, line, told);
export const script = (line: string, told: Sent = {}): Exchanged => sent(false, line, told);
export const typed = (field: string, value: string, isSecret = false): Typed => ({
  kind: 'typed',
  page: new URL('/login', TARGET),
  field,
  value,
  isSecret,
});
export const pressed = (text: string, path = '/account'): Pressed => ({
  kind: 'pressed',
  page: new URL(path, TARGET),
  text,
});
export const asAda: readonly Moment[] = [
  typed('mail', 'ada@shop.test'),
  typed('pass', 'letmein', true),
  pressed('Sign in', '/login'),
];

export function draft(...moments: readonly (Moment | readonly Moment[])[]): Draft {
  const found = draftOf(moments.flat(), TARGET);
  if (!found) throw new Error('somebody signed in');
  return found;
}

export const form = (token: string): string =>
  `<form action=/search><input name=q></form>
   <form method=post action=/login><input type=hidden name=_csrf value="${token}"><input type=hidden name=lang value=en>
   <input name=mail><input type=password name=pass><input type=checkbox name=stay><button>Sign in</button></form>`;
export const account = (token: string): string =>
  `<form method=post action=/basket><input name=item><input type=hidden name=_csrf value="${token}"></form>
   <form method=post action=/logout><input type=hidden name=_csrf value="${token}"><button>Sign out</button></form>`;
