/**
 * Cross-site request forgery, decided from what the browser says about a request.
 *
 * The rules are those of Go's `CrossOriginProtection` and Filippo Valsorda's reasoning behind it: `Sec-Fetch-Site`
 * where the browser sends it, `Origin` where it does not, and neither where the client is no browser. Every browser
 * since 2020 sends one of the two with a request that can change something. What remains: a browser older than that,
 * and a GET that changes something, which no header check can save.
 */
import type { HeaderReader, SessionRequest } from '../request.ts';

/** Whether a request may go on, and if not, why. */
export type CsrfOutcome =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly reason: CsrfReason };

export type CsrfReason =
  /** Another site caused the request, or a sibling subdomain that is not trusted. */
  | 'cross_site'
  /** The Origin is neither this host nor a trusted one. */
  | 'foreign_origin'
  /** Sec-Fetch-Site says something that no browser of today says. */
  | 'unknown_header_value'
  /** A token is demanded, and there is none. */
  | 'missing_token'
  /** The token is not of this session. */
  | 'wrong_token';

export const ALLOWED: CsrfOutcome = { isAllowed: true };

/** Methods that must not change anything (RFC 9110 §9.2.1); TRACE is not among them, since no application answers it. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isSafeMethod(method: string): boolean {
  return SAFE_METHODS.has(method);
}

export type HeaderCheck = (request: Pick<SessionRequest, 'method' | 'headers'>) => CsrfOutcome;

/**
 * A pure check of one request by its headers.
 *
 * @throws TypeError for a trusted origin that is not one.
 */
export function headerCheck(trustedOrigins: readonly string[]): HeaderCheck {
  const trusted = new Set(trustedOrigins);
  for (const origin of trusted) {
    if (!isOrigin(origin)) {
      throw new TypeError(
        `trustedOrigins: ${JSON.stringify(origin)} is not an origin; write scheme, host and port alone, like 'https://app.example.com'`,
      );
    }
  }
  return ({ method, headers }) => {
    if (isSafeMethod(method)) return ALLOWED;
    const origin = headers.get('origin');
    if (origin && trusted.has(origin)) return ALLOWED;
    const site = headers.get('sec-fetch-site');
    if (site) return bySite(site);
    if (!origin) return ALLOWED;
    return isOwnHost(origin, headers) ? ALLOWED : { isAllowed: false, reason: 'foreign_origin' };
  };
}

function bySite(site: string): CsrfOutcome {
  // `none` is a request the user made without any page: a bookmark, the address bar.
  if (site === 'same-origin' || site === 'none') return ALLOWED;
  // A sibling subdomain is another application, perhaps one that was taken over.
  const isKnown = site === 'cross-site' || site === 'same-site';
  return { isAllowed: false, reason: isKnown ? 'cross_site' : 'unknown_header_value' };
}

/** Compared as whole host and port. `null` (a sandboxed frame, a redirect) is no evidence of the own origin (CSRF-11). */
function isOwnHost(origin: string, headers: HeaderReader): boolean {
  const host = headers.get('host');
  const at = origin.indexOf('://');
  return !!host && at !== -1 && origin.slice(at + 3) === host;
}

function isOrigin(value: string): boolean {
  try {
    return new URL(value).origin === value;
  } catch {
    return false;
  }
}
