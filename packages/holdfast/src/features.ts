/** What features of the library (CSRF tokens, and others to come) may ask of a session, beyond what applications may. */
import type { Random } from './platform.ts';

export interface SessionFeatures {
  /** The seed of the session's CSRF tokens; `undefined` while there is no session. */
  readonly csrfSeed: string | undefined;
  readonly isAuthenticated: boolean;
  readonly random: Random;
  /** The values of a cookie in the request. */
  readCookies(name: string): string[];
  /** Adds a Set-Cookie value to the answer, in place of an earlier one of that name. */
  setCookie(value: string): void;
}

/** @throws TypeError for what is no session of this library; `store_unavailable` and `headers_sent` as writing does. */
export function featuresOf(session: object): SessionFeatures {
  const { features } = session as { features?: () => SessionFeatures };
  if (typeof features !== 'function') throw new TypeError('not a session of createSessions');
  return features.call(session);
}
