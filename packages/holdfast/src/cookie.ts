/** The session cookie: written from one descriptor, read from the Cookie header without parsing the others. */

interface CommonCookieOptions {
  /** The name behind the prefix. Default `session`. */
  readonly name?: string;
}

/** No other host, and no script, can have set such a cookie (RFC 6265bis §4.1.3.2; `__Host-Http-`: layered cookies §4.1.3.4). */
interface HostCookie {
  /** What browsers hold the cookie to. Default `__Host-`. */
  readonly prefix?: '__Host-' | '__Host-Http-';
  readonly domain?: never;
  readonly path?: never;
}

/** A cookie that is shared with other hosts, or kept to a part of this one. Any sibling host can then overwrite it. */
interface SharedCookie {
  readonly prefix: '__Secure-' | '__Http-';
  /** The domain whose hosts all get the cookie, like `example.com`. Default: this host alone. */
  readonly domain?: string;
  /** The path below which the cookie is sent. No boundary to an attacker. Default `/`. */
  readonly path?: string;
}

interface FirstPartyCookie {
  /** `Lax` lets links from other sites arrive signed in; `Strict` does not. Default `Lax`. */
  readonly sameSite?: 'Lax' | 'Strict';
  readonly partitioned?: false;
}

/** A cookie for pages inside frames of other sites: one jar for each embedding site (CHIPS). CSRF is then up to the token. */
interface EmbeddedCookie {
  readonly sameSite: 'None';
  readonly partitioned: true;
}

/** The session cookie. `Secure` and `HttpOnly` are always there; what can not be combined does not compile. */
export type CookieOptions = CommonCookieOptions &
  (HostCookie | SharedCookie) &
  (FirstPartyCookie | EmbeddedCookie);

/** A cookie's name and attributes, the same when it is set, renewed and deleted (RFC 6265bis §3.1). */
export interface CookieDescriptor {
  readonly name: string;
  readonly attributes: string;
  /** Whether SameSite keeps it back from requests that other sites cause. */
  readonly isKeptBack: boolean;
}

/** token, RFC 9110 §5.6.2: what a cookie's name may be made of. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const DOMAIN = /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/i;
/** path-value = *av-octet: no control characters and no ";" (RFC 6265bis §4.1.1). */
const PATH = /^\/[\x20-\x3a\x3c-\x7e]{0,255}$/;
const PREFIXES = ['__Host-', '__Host-Http-', '__Secure-', '__Http-'] as const;

/** @throws TypeError naming the option. */
export function describeCookie(options: CookieOptions = {}): CookieDescriptor {
  const {
    name = 'session',
    prefix = '__Host-',
    domain,
    path = '/',
    sameSite = 'Lax',
    partitioned = false,
  } = options;
  if (!TOKEN.test(name) || name.length > 64) {
    throw new TypeError(
      `cookie.name: ${JSON.stringify(name)} is not a cookie name; write 1 to 64 letters, digits, - or _`,
    );
  }
  if (/^__(?:host|secure|http)-/i.test(name)) {
    throw new TypeError("cookie.name: the prefix is added for you; write the name alone, like 'session'");
  }
  if (!PREFIXES.includes(prefix)) {
    throw new TypeError(`cookie.prefix: write one of ${PREFIXES.join(', ')}`);
  }
  if (prefix.startsWith('__Host-') && (domain !== undefined || path !== '/')) {
    throw new TypeError(
      "cookie: __Host- allows no domain and no path; leave them out, or write prefix: '__Secure-'",
    );
  }
  if (domain !== undefined && !DOMAIN.test(domain)) {
    throw new TypeError(
      `cookie.domain: ${JSON.stringify(domain)} is not a domain; write it without a dot in front, like 'example.com'`,
    );
  }
  if (!PATH.test(path)) {
    throw new TypeError(`cookie.path: ${JSON.stringify(path)} is not a path; write one that begins with /`);
  }
  if (!['Lax', 'Strict', 'None'].includes(sameSite)) {
    throw new TypeError("cookie.sameSite: write 'Lax' or 'Strict'");
  }
  if ((sameSite === 'None') !== partitioned) {
    throw new TypeError(
      "cookie.sameSite: 'None' and partitioned: true go together, for pages inside frames of other sites; elsewhere leave both out",
    );
  }
  const scope = `${domain === undefined ? '' : `; Domain=${domain}`}; Path=${path}`;
  const attributes = `${scope}; HttpOnly; Secure; SameSite=${sameSite}${partitioned ? '; Partitioned' : ''}`;
  return { name: prefix + name, attributes, isKeptBack: sameSite !== 'None' };
}

/** The Set-Cookie value. `maxAge` in seconds makes the cookie outlive the browser; left out, it does not. */
export function writeCookie(cookie: CookieDescriptor, value: string, maxAge?: number): string {
  const lifetime = maxAge === undefined ? '' : `; Max-Age=${Math.min(maxAge, LONGEST)}`;
  return `${cookie.name}=${value}${lifetime}${cookie.attributes}`;
}

/** Browsers cap a cookie's lifetime at 400 days (RFC 6265bis §5.5). */
const LONGEST = 34_560_000;

/** The name in a Set-Cookie value, as browsers read it: without the white space around it. */
export function cookieNameOf(setCookie: string): string {
  return setCookie.slice(0, setCookie.indexOf('=')).trim();
}

export function deleteCookie(cookie: CookieDescriptor): string {
  return writeCookie(cookie, '', 0);
}

/**
 * The values of every cookie of that exact name in a Cookie header. More than one means that someone planted a second
 * (RFC 6265bis §4.2.2: their order tells nothing), which the caller refuses instead of guessing.
 *
 * cookie-string = cookie-pair *( ";" SP cookie-pair ) (RFC 6265bis §4.2.1), read leniently about white space.
 */
export function readCookie(header: string, name: string): string[] {
  const values: string[] = [];
  for (let from = header.indexOf(name); from !== -1; from = header.indexOf(name, from + name.length)) {
    const equals = from + name.length;
    if (header.charCodeAt(equals) !== EQUALS || !startsPair(header, from)) continue;
    const end = header.indexOf(';', equals);
    values.push(header.slice(equals + 1, end === -1 ? undefined : end).trim());
  }
  return values;
}

const EQUALS = 0x3d;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
const TAB = 0x09;

function startsPair(header: string, index: number): boolean {
  for (let i = index - 1; i >= 0; i--) {
    const code = header.charCodeAt(i);
    if (code === SEMICOLON) return true;
    if (code !== SPACE && code !== TAB) return false;
  }
  return true;
}
