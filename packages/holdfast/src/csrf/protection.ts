/** CSRF protection as a whole: the header check, and tokens where the policy wants them. */
import { deleteCookie, describeCookie, writeCookie } from '../cookie.ts';
import { encodeBase64url } from '../base64url.ts';
import { HoldfastError } from '../errors.ts';
import { featuresOf, type SessionFeatures } from '../features.ts';
import type { SessionRequest } from '../request.ts';
import type { Session } from '../session.ts';
import { ALLOWED, type CsrfOutcome, headerCheck, isSafeMethod } from './check.ts';
import { issueToken, isTokenOf } from './token.ts';

export interface CsrfOptions {
  /** Other origins that may send requests that change something, each exactly as browsers write it: `https://app.example.com`. */
  readonly trustedOrigins?: readonly string[];
  /**
   * Whether every request that may change something has to carry a token, also where the headers are in order
   * (NIST SP 800-63B-4 §5.1) and also from clients that are no browsers. Default false: the headers decide.
   */
  readonly strict?: boolean;
}

/**
 * Protection against requests that another site causes in the user's browser.
 *
 * Exempt a route by not asking here: a list of exempt paths can be walked around by spelling a path in another way.
 */
export interface Csrf {
  /** By the headers alone, as a pure function. */
  check(request: Pick<SessionRequest, 'method' | 'headers'>): CsrfOutcome;
  /**
   * A token for the forms of one answer, bound to the session and different every time. A visitor without a session gets
   * one that is bound to a cookie of its own (`__Host-csrf`), which makes no session.
   *
   * @throws `headers_sent` after the answer has left, `store_unavailable` where the session could not be read.
   */
  token(session: AnySession): Promise<string>;
  /**
   * By the headers, and by the token that came with the request: a wrong one is always refused, a missing one where
   * the policy is `strict`. Give it what the form or the header `x-csrf-token` held, never what a cookie held.
   */
  verify(
    request: Pick<SessionRequest, 'method' | 'headers'>,
    session: AnySession,
    token: string | undefined,
  ): Promise<CsrfOutcome>;
}

/** A session, whatever its data. */
export type AnySession = Pick<Session<object>, 'id' | 'state'>;

const VISITOR = describeCookie({ name: 'csrf' });
const SEED = /^[\w-]{43}$/;

/** @throws TypeError for a trusted origin that is not one. */
export function csrfProtection(options: CsrfOptions = {}): Csrf {
  const { trustedOrigins = [], strict = false } = options;
  const check = headerCheck(trustedOrigins);
  return {
    check,
    async token(session) {
      const features = featuresOf(session);
      return issueToken(seedFor(features), features.random);
    },
    async verify(request, session, token) {
      if (isSafeMethod(request.method)) return ALLOWED;
      const byHeaders = check(request);
      if (!byHeaders.isAllowed) return byHeaders;
      if (token === undefined) return strict ? { isAllowed: false, reason: 'missing_token' } : ALLOWED;
      for (const seed of seedsOf(featuresOf(session))) {
        if (await isTokenOf(seed, token)) return ALLOWED;
      }
      return { isAllowed: false, reason: 'wrong_token' };
    },
  };
}

/** The session's seed, which replaces a visitor's as soon as there is a session; else the visitor's, made where it is missing. */
function seedFor(features: SessionFeatures): string {
  const visitor = visitorSeed(features);
  if (features.csrfSeed !== undefined) {
    if (visitor !== undefined) features.setCookie(deleteCookie(VISITOR));
    return features.csrfSeed;
  }
  const seed = visitor ?? encodeBase64url(features.random(32));
  if (visitor === undefined) features.setCookie(writeCookie(VISITOR, seed));
  return seed;
}

/** Before anyone is signed in, a form may be older than the session that has begun since: then both are good (CSRF-20). */
function seedsOf(features: SessionFeatures): string[] {
  const seeds = features.csrfSeed === undefined ? [] : [features.csrfSeed];
  const visitor = features.isAuthenticated ? undefined : visitorSeed(features);
  return visitor === undefined ? seeds : [...seeds, visitor];
}

/** Two cookies of the name: one of them was planted, and neither counts. */
function visitorSeed(features: SessionFeatures): string | undefined {
  const values = features.readCookies(VISITOR.name);
  const [value] = values;
  return values.length === 1 && value !== undefined && SEED.test(value) ? value : undefined;
}

/** The header in which scripts send the token. */
export const CSRF_HEADER = 'x-csrf-token';

/** The field in which forms send the token. */
export const CSRF_FIELD = '_csrf';

/** Lets a request pass, or throws `csrf_rejected`, which adapters answer with 403. */
export function assertAllowed(outcome: CsrfOutcome): void {
  if (outcome.isAllowed) return;
  throw new HoldfastError('csrf_rejected', `the request was refused as forged: ${outcome.reason}`);
}
