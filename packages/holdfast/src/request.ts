/** What an adapter tells about a request, and gets back for its answer. */
import { cookieNameOf } from './cookie.ts';

/** Each part is asked for when it is needed, up to the commit: most are not. */
export interface SessionRequest {
  readonly method: string;
  /** Path and query, or an absolute URL. */
  readonly url: string;
  readonly headers: HeaderReader;
  /** The address of the peer, not of what a header claims. */
  readonly remoteAddress?: string | undefined;
  /** Whether the request came over TLS. */
  readonly encrypted?: boolean;
}

/** The standard `Headers`, or anything that reads like it. Names are in lower case. */
export interface HeaderReader {
  get(name: string): string | null | undefined;
}

export interface OpenOptions {
  /** A poll or a countdown: neither moves the idle deadline nor renews. Default false. */
  readonly passive?: boolean;
  /**
   * What a store that does not answer does to this request: `throw` a `StoreUnavailableError` (503), or let it go on
   * in state `unavailable`, for pages that need no session; what they did write fails all the same. Default `throw`.
   */
  readonly onStoreFailure?: 'throw' | 'anonymous';
}

/** What the answer must carry; `applyCommitted` says how. */
export interface Committed {
  /** Set-Cookie values, each of another name. */
  readonly setCookies: readonly string[];
  /** Whether the handler looked at the session: its answer belongs to one user then (ASVS 14.3.2). */
  readonly isPersonal: boolean;
  /** Whether the user has signed out: what the browser keeps of the session is to be cleared (ASVS 14.3.1). */
  readonly hasSignedOut: boolean;
}

/** The headers of an answer, as its framework keeps them. */
export interface AnswerHeaders {
  get(name: string): string | null | undefined;
  set(name: string, value: string): void;
  /** Set-Cookie values that are there already. */
  getSetCookie(): readonly string[];
  /** Puts these in place of every Set-Cookie. */
  setSetCookie(values: readonly string[]): void;
}

/**
 * Writes what a commit said into the headers of the answer.
 *
 * Caches are kept away from what sets or reads a session (invariant 11). A cookie of the same name that the handler
 * had set itself goes: an answer must not carry two (RFC 6265bis §4.1.1).
 */
export function applyCommitted(headers: AnswerHeaders, committed: Committed): void {
  const { setCookies, isPersonal, hasSignedOut } = committed;
  const setsCookie = setCookies.length > 0;
  if (!setsCookie && !isPersonal) return;
  if (setsCookie) {
    const ours = new Set(setCookies.map(cookieNameOf));
    const others = headers.getSetCookie().filter((value) => !ours.has(cookieNameOf(value)));
    headers.setSetCookie([...others, ...setCookies]);
  }
  headers.set('cache-control', cacheControl(headers.get('cache-control'), setsCookie));
  headers.set('vary', varyByCookie(headers.get('vary')));
  // Never "cookies": that would wipe the cookies of every sibling host, and the one this answer sets.
  if (hasSignedOut && !headers.get('clear-site-data')) headers.set('clear-site-data', '"cache", "storage"');
}

/** Whether the browser says that another site caused the request (Fetch Metadata). */
export function isCrossSite(headers: HeaderReader): boolean {
  return headers.get('sec-fetch-site') === 'cross-site';
}

/**
 * The Cache-Control of an answer that sets or reads a session: the handler's own if it keeps shared caches out,
 * `no-store` otherwise, and always `no-store` beside a Set-Cookie (SM-25).
 */
export function cacheControl(own: string | null | undefined, setsCookie: boolean): string {
  if (!own) return 'no-store';
  if (/(?:^|[\s,])no-store(?:$|[\s,])/i.test(own)) return own;
  const isPrivate = /(?:^|[\s,])private(?:$|[\s,])/i.test(own) && !/(?:^|[\s,])public(?:$|[\s,])/i.test(own);
  return isPrivate && !setsCookie ? own : 'no-store';
}

/** The Vary of such an answer: the handler's own, and `Cookie`. */
export function varyByCookie(own: string | null | undefined): string {
  if (!own) return 'Cookie';
  return /(?:^|[\s,])(?:cookie|\*)(?:$|[\s,])/i.test(own) ? own : `${own}, Cookie`;
}
