/** What a visitor's browser keeps of cookies (RFC 6265bis §5.7), and every Set-Cookie as it came. */
import { isLoopback } from '../http/limits.ts';
import { parseSetCookie, type Rejection, type SetCookie } from './set-cookie.ts';

export interface StoredCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Milliseconds since 1970; absent for a cookie that ends with the browser. */
  readonly expiresAt?: number;
}

/** A Set-Cookie field, and what a browser makes of it. */
export interface ReceivedCookie {
  readonly field: string;
  readonly from: URL;
  readonly at: number;
  /** The answer that carried it, as the transcript numbers it. */
  readonly number: number;
  /** Absent where not even a name and a value could be read. */
  readonly parsed?: SetCookie;
  /** Why a browser would drop it; absent where it is kept. */
  readonly dropped?: Rejection | 'foreign_domain' | 'not_secure' | 'prefix' | 'same_site_none_insecure';
}

export interface Jar {
  readonly cookies: readonly StoredCookie[];
  readonly received: readonly ReceivedCookie[];
  /** Reads the Set-Cookie fields of an answer. */
  receive(fields: readonly string[], answer: { from: URL; at: number; number: number }): void;
  /** What a browser sends to this address, in its order. */
  matching(url: URL, now: number): readonly StoredCookie[];
  /** Puts a cookie there by hand, as an attacker who can plant one. */
  plant(cookie: StoredCookie): void;
  clone(): Jar;
}

export function createJar(
  cookies: readonly StoredCookie[] = [],
  received: readonly ReceivedCookie[] = [],
): Jar {
  const kept = new Map(cookies.map((cookie) => [keyOf(cookie), cookie]));
  const log = [...received];
  return {
    get cookies() {
      return [...kept.values()];
    },
    received: log,
    receive(fields, { from, at, number }) {
      for (const field of fields) {
        const { cookie: parsed, rejected } = parseSetCookie(field);
        const dropped = parsed ? whyDropped(parsed, from) : rejected;
        log.push({ field, from, at, number, ...(parsed && { parsed }), ...(dropped && { dropped }) });
        if (!parsed || dropped) continue;
        const cookie = stored(parsed, from, at);
        // The newest goes to the end of its path length, as a browser orders by creation.
        if (cookie.expiresAt !== undefined && cookie.expiresAt <= at) kept.delete(keyOf(cookie));
        else kept.set(keyOf(cookie), cookie);
      }
    },
    matching(url, now) {
      return [...kept.values()]
        .filter((cookie) => isSentTo(cookie, url, now))
        .toSorted((a, b) => b.path.length - a.path.length);
    },
    plant(cookie) {
      kept.set(keyOf(cookie), cookie);
    },
    clone: () => createJar([...kept.values()], log),
  };
}

export function cookieHeader(cookies: readonly StoredCookie[]): string {
  return cookies.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
}

/** §5.7 step 23: the same name, domain, host-only-flag and path make the same cookie. */
function keyOf({ name, domain, hostOnly, path }: StoredCookie): string {
  return JSON.stringify([name, domain, hostOnly, path]);
}

/** Browsers take loopback for a place that nobody listens to: Secure cookies work there without TLS. */
function isTrustworthy(url: URL): boolean {
  return url.protocol === 'https:' || isLoopback(url.hostname);
}

function whyDropped(cookie: SetCookie, from: URL): ReceivedCookie['dropped'] {
  if (cookie.domain !== undefined && !domainMatches(from.hostname, cookie.domain)) return 'foreign_domain';
  if (cookie.secure && !isTrustworthy(from)) return 'not_secure';
  // §5.4: prefixes are compared without regard to case.
  const name = cookie.name.toLowerCase();
  if (name.startsWith('__secure-') && !cookie.secure) return 'prefix';
  if (name.startsWith('__host-') && !(cookie.secure && cookie.path === '/' && cookie.domain === undefined)) {
    return 'prefix';
  }
  return cookie.sameSite === 'None' && !cookie.secure ? 'same_site_none_insecure' : undefined;
}

function stored(cookie: SetCookie, from: URL, at: number): StoredCookie {
  const expiresAt = cookie.maxAge === undefined ? cookie.expiresAt : at + cookie.maxAge * 1000;
  return {
    name: cookie.name,
    value: cookie.value,
    domain: cookie.domain ?? from.hostname,
    hostOnly: cookie.domain === undefined,
    path: cookie.path ?? defaultPath(from.pathname),
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    ...(expiresAt !== undefined && {
      expiresAt: cookie.maxAge !== undefined && cookie.maxAge <= 0 ? 0 : expiresAt,
    }),
  };
}

/** §5.1.4 */
function defaultPath(pathname: string): string {
  const last = pathname.lastIndexOf('/');
  return last <= 0 ? '/' : pathname.slice(0, last);
}

export function isSentTo(cookie: StoredCookie, url: URL, now: number): boolean {
  if (cookie.expiresAt !== undefined && cookie.expiresAt <= now) return false;
  if (cookie.secure && !isTrustworthy(url)) return false;
  const isHost = cookie.hostOnly
    ? url.hostname === cookie.domain
    : domainMatches(url.hostname, cookie.domain);
  return isHost && pathMatches(url.pathname, cookie.path);
}

/** §5.1.3, without the list of public suffixes: the audit speaks to named hosts alone. */
function domainMatches(hostname: string, domain: string): boolean {
  if (hostname === domain) return true;
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  return !isAddress && domain.includes('.') && hostname.endsWith(`.${domain}`);
}

/** §5.1.4 */
function pathMatches(pathname: string, path: string): boolean {
  if (!pathname.startsWith(path)) return false;
  return pathname.length === path.length || path.endsWith('/') || pathname.charAt(path.length) === '/';
}
