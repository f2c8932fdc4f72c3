/** What an adapter tells about a request, and gets back for its answer. */

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
   * in state `unavailable`, for pages that need no session. Default `throw`.
   */
  readonly onStoreFailure?: 'throw' | 'anonymous';
}

/** What the answer must carry. */
export interface Committed {
  /** Set-Cookie values: none or one. */
  readonly setCookies: readonly string[];
  /** Whether the handler looked at the session: its answer belongs to one user then (ASVS 14.3.2). */
  readonly isPersonal: boolean;
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
