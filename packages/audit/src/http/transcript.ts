/** What was asked and answered, masked before it is kept. The unmasked bytes go to a sink, for who asked for one. */
import type { Mask } from '../mask.ts';
import { parseSetCookie } from '../cookies/set-cookie.ts';
import type { Answer, Headers, Request } from './message.ts';

/** One exchange as a report may show it. */
export interface Exchange {
  readonly number: number;
  /** Whose request it was: one of the visitors that the audit played. */
  readonly who: string;
  readonly at: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Headers;
    readonly body?: string;
  };
  readonly answer?: { readonly status: number; readonly headers: Headers; readonly body: string };
  /** What went wrong where there is no answer. */
  readonly fault?: string;
}

export interface Transcript {
  readonly exchanges: readonly Exchange[];
  record(entry: {
    who: string;
    at: number;
    request: Request;
    answer?: Omit<Answer, 'number'>;
    fault?: string;
  }): number;
}

export type RawSink = (text: string) => void;

const LONGEST_BODY = 600;
const LONGEST_HEADER = 500;

export function createTranscript(mask: Mask, sink?: RawSink): Transcript {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    record({ who, at, request, answer, fault }) {
      if (answer) hideCookies(answer.headers, mask);
      const number = exchanges.length + 1;
      exchanges.push({
        number,
        who,
        at,
        request: {
          method: request.method,
          url: mask.apply(request.url.href),
          headers: maskHeaders(request.headers, mask),
          ...(request.body !== undefined && { body: cut(mask.apply(request.body), LONGEST_BODY) }),
        },
        ...(answer && {
          answer: {
            status: answer.status,
            headers: maskHeaders(answer.headers, mask),
            // Cut first with room to spare: a secret that is cut in half would not be found.
            body: cut(mask.apply(answer.body.slice(0, LONGEST_BODY * 20)), LONGEST_BODY),
          },
        }),
        ...(fault !== undefined && { fault: mask.apply(fault) }),
      });
      sink?.(rawText(number, who, request, answer, fault));
      return number;
    },
  };
}

function hideCookies(headers: Headers, mask: Mask): void {
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'set-cookie') continue;
    const { cookie } = parseSetCookie(value);
    if (!cookie) continue;
    mask.show(cookie.name);
    mask.hide(cookie.value, cookie.name);
  }
}

function maskHeaders(headers: Headers, mask: Mask): Headers {
  return headers.map(([name, value]) => [
    name,
    cut(maskHeader(name.toLowerCase(), value, mask), LONGEST_HEADER),
  ]);
}

function maskHeader(name: string, value: string, mask: Mask): string {
  if (name === 'cookie') {
    return value
      .split(/; */)
      .map((pair) => maskPair(pair, mask))
      .join('; ');
  }
  if (name === 'set-cookie') {
    const [pair = '', ...attributes] = value.split(';');
    return [maskPair(pair, mask), ...attributes].join(';');
  }
  if (name === 'authorization' || name === 'proxy-authorization') {
    const [scheme = '', ...rest] = value.split(' ');
    return `${scheme} ${mask.label(rest.join(' '), 'credential')}`;
  }
  return mask.apply(value);
}

function maskPair(pair: string, mask: Mask): string {
  const equals = pair.indexOf('=');
  if (equals === -1) return mask.apply(pair);
  const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
  return value.trim().length < 2 ? pair : `${name}=${mask.label(value.trim(), name.trim())}`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`;
}

function rawText(
  number: number,
  who: string,
  request: Request,
  answer: Omit<Answer, 'number'> | undefined,
  fault: string | undefined,
): string {
  const fields = (headers: Headers): string => headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  return [
    `### ${number} ${who}`,
    `${request.method} ${request.url.href}`,
    fields(request.headers),
    '',
    request.body ?? '',
    answer ? `${answer.status}\n${fields(answer.headers)}\n\n${answer.body}` : `no answer: ${fault}`,
    '',
  ].join('\n');
}
