/** Set-Cookie as a browser reads it: RFC 6265bis §5.6, whatever the server meant. */
import { parseCookieDate } from './cookie-date.ts';

export type SameSite = 'Strict' | 'Lax' | 'None';

export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** The attribute as it was written, without a leading dot; absent where there is none or an empty one. */
  readonly domain?: string;
  readonly path?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  /** Seconds. */
  readonly maxAge?: number;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Absent where there is none, or none that is known. */
  readonly sameSite?: SameSite;
  readonly partitioned: boolean;
  /** Names of attributes as they came, in lower case: what occurs twice, occurs twice. */
  readonly attributes: readonly string[];
}

/** A cookie while its field is being read. */
type Draft = { -readonly [K in keyof SetCookie]: SetCookie[K] };

/** Why a browser drops the whole field. */
export type Rejection = 'control_character' | 'empty' | 'too_long';

export type ParsedSetCookie =
  | { readonly cookie: SetCookie; readonly rejected?: never }
  | { readonly cookie?: never; readonly rejected: Rejection };

/** §5.6: a browser drops a cookie whose name and value together are longer. */
const LONGEST_PAIR = 4096;
/** §5.6: and ignores an attribute whose value is longer. */
const LONGEST_ATTRIBUTE = 1024;

// oxlint-disable-next-line no-control-regex -- %x00-08 / %x0A-1F / %x7F, the characters of §5.6 step 1.
const CONTROL = /[\u0000-\u0008\u000A-\u001F\u007F]/;
const WSP = /^[ \t]+|[ \t]+$/g;

const SAME_SITE: Readonly<Record<string, SameSite>> = { strict: 'Strict', lax: 'Lax', none: 'None' };

export function parseSetCookie(field: string): ParsedSetCookie {
  if (CONTROL.test(field)) return { rejected: 'control_character' };
  const [pair = '', ...rest] = field.split(';');
  const equals = pair.indexOf('=');
  // Without an equals sign all of it is the value, and the name is empty.
  const name = equals === -1 ? '' : pair.slice(0, equals).replace(WSP, '');
  const value = pair.slice(equals + 1).replace(WSP, '');
  if (name === '' && value === '') return { rejected: 'empty' };
  if (Buffer.byteLength(name) + Buffer.byteLength(value) > LONGEST_PAIR) return { rejected: 'too_long' };

  const cookie: Draft = {
    name,
    value,
    secure: false,
    httpOnly: false,
    partitioned: false,
    attributes: [],
  };
  const attributes: string[] = [];
  for (const attribute of rest) {
    const at = attribute.indexOf('=');
    const key = (at === -1 ? attribute : attribute.slice(0, at)).replace(WSP, '').toLowerCase();
    const text = at === -1 ? '' : attribute.slice(at + 1).replace(WSP, '');
    if (key === '' || Buffer.byteLength(text) > LONGEST_ATTRIBUTE) continue;
    attributes.push(key);
    apply(cookie, key, text);
  }
  return { cookie: { ...cookie, attributes } };
}

/** The last of several attributes of one name wins. */
function apply(cookie: Draft, key: string, text: string): void {
  switch (key) {
    case 'expires': {
      const at = parseCookieDate(text);
      if (at !== undefined) cookie.expiresAt = at;
      break;
    }
    case 'max-age':
      if (/^-?\d+$/.test(text)) cookie.maxAge = Number(text);
      break;
    case 'domain': {
      const domain = text.replace(/^\./, '').toLowerCase();
      if (domain === '') delete cookie.domain;
      else cookie.domain = domain;
      break;
    }
    case 'path':
      if (text.startsWith('/')) cookie.path = text;
      else delete cookie.path;
      break;
    case 'secure':
      cookie.secure = true;
      break;
    case 'httponly':
      cookie.httpOnly = true;
      break;
    case 'partitioned':
      cookie.partitioned = true;
      break;
    case 'samesite': {
      const sameSite = SAME_SITE[text.toLowerCase()];
      if (sameSite === undefined) delete cookie.sameSite;
      else cookie.sameSite = sameSite;
      break;
    }
  }
}
