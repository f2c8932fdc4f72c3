/** The session cookie: written from one descriptor, read from the Cookie header without parsing the others. */

export interface CookieOptions {
  /** The name behind the `__Host-` prefix that is always there. Default `session`. */
  readonly name?: string;
  /** `Lax` lets links from other sites arrive signed in; `Strict` does not. Default `Lax`. */
  readonly sameSite?: 'Lax' | 'Strict';
}

/** A cookie's name and attributes, the same when it is set, renewed and deleted (RFC 6265bis §3.1). */
export interface CookieDescriptor {
  readonly name: string;
  readonly attributes: string;
}

/** token, RFC 9110 §5.6.2: what a cookie's name may be made of. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** @throws TypeError naming the option. */
export function describeCookie(options: CookieOptions = {}): CookieDescriptor {
  const { name = 'session', sameSite = 'Lax' } = options;
  if (!TOKEN.test(name) || name.length > 64) {
    throw new TypeError(
      `cookie.name: ${JSON.stringify(name)} is not a cookie name; write 1 to 64 letters, digits, - or _`,
    );
  }
  if (/^__(?:host|secure|http)-/i.test(name)) {
    throw new TypeError(
      "cookie.name: the prefix __Host- is added for you; write the name alone, like 'session'",
    );
  }
  if (sameSite !== 'Lax' && sameSite !== 'Strict') {
    throw new TypeError("cookie.sameSite: write 'Lax' or 'Strict'");
  }
  // __Host- promises Secure, Path=/ and no Domain, so that no sibling host can set or read it (RFC 6265bis §4.1.3.2).
  return { name: `__Host-${name}`, attributes: `; Path=/; HttpOnly; Secure; SameSite=${sameSite}` };
}

/** The Set-Cookie value. `maxAge` in seconds makes the cookie outlive the browser; left out, it does not. */
export function writeCookie(cookie: CookieDescriptor, value: string, maxAge?: number): string {
  const lifetime = maxAge === undefined ? '' : `; Max-Age=${Math.min(maxAge, LONGEST)}`;
  return `${cookie.name}=${value}${lifetime}${cookie.attributes}`;
}

/** Browsers cap a cookie's lifetime at 400 days (RFC 6265bis §5.5). */
const LONGEST = 34_560_000;

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
