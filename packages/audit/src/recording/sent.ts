/** What a request of a browser carries, as far as a recipe can say it. */
import { type Headers, header, type Request } from '../http/message.ts';
import type { Exchanged } from './moments.ts';

export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'form'; readonly pairs: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'json'; readonly value: unknown }
  /** A file, several parts, bytes. */
  | { readonly kind: 'other' };

export function bodyOf({ body, headers }: Request): Body {
  if (body === undefined || body === '') return { kind: 'none' };
  const type = header(headers, 'content-type') ?? '';
  if (/^application\/x-www-form-urlencoded\b/i.test(type))
    return { kind: 'form', pairs: [...new URLSearchParams(body)] };
  try {
    // Some scripts send it under another name.
    const value = JSON.parse(body) as unknown;
    if (typeof value === 'object' && value !== null) return { kind: 'json', value };
  } catch {
    // It is none.
  }
  return { kind: 'other' };
}

/** Every text that it carries, with its name. */
export function valuesOf(request: Request): (readonly [name: string, value: string])[] {
  const body = bodyOf(request);
  return [
    ...request.url.searchParams,
    ...(body.kind === 'form' ? body.pairs : body.kind === 'json' ? textsIn(body.value, '') : []),
  ];
}

export function carries({ answer: { request } }: Exchanged, value: string): boolean {
  return valuesOf(request).some(([, it]) => it === value);
}

function textsIn(value: unknown, name: string): (readonly [string, string])[] {
  if (typeof value === 'string') return [[name, value]];
  // Some scripts make a number of a PIN.
  if (typeof value === 'number') return [[name, String(value)]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, Array.isArray(value) ? name : key));
}

/** A browser says these by itself, the auditor's own client too, or they are of this one moment. */
const BY_ITSELF =
  /^(?:host|connection|cookie|authorization|user-agent|accept-(?:language|encoding)|content-length|origin|referer|dnt|pragma|cache-control|priority|upgrade-insecure-requests|if-.*|sec-.*|traceparent|tracestate|baggage|sentry-trace|newrelic|x-request-id|x-correlation-id)$/i;

/** The fields of a header that a script has put there. */
export function ownHeaders(headers: Headers, body: Body): (readonly [name: string, value: string])[] {
  return headers.filter(([name, value]) => {
    if (BY_ITSELF.test(name)) return false;
    const key = name.toLowerCase();
    if (key === 'accept') return !/^\*\/\*$|text\/html/.test(value);
    // What a step sends for `form` and `json`.
    if (key === 'content-type')
      return !/^application\/(?:x-www-form-urlencoded|json)\b/i.test(value) && body.kind !== 'none';
    return true;
  });
}
