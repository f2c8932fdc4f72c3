/**
 * Cross-site request forgery, decided from what the browser says about a request.
 *
 * The rules are those of Go's `CrossOriginProtection` and Filippo Valsorda's reasoning behind it: `Sec-Fetch-Site`
 * where the browser sends it, `Origin` where it does not, and neither where the client is no browser. Every browser
 * since 2020 sends one of the two with a request that can change something. What remains: a browser older than that,
 * and a GET that changes something, which no header check can save.
 */
import type { HeaderReader, SessionRequest } from '../request.ts';

export interface CsrfOptions {
  /** Other origins that may send requests that change something, each exactly as browsers write it: `https://app.example.com`. */
  readonly trustedOrigins?: readonly string[];
}

/** Whether a request may go on, and if not, why. */
export type CsrfOutcome =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly reason: 'cross_site' | 'foreign_origin' | 'unknown_header_value' };

const ALLOWED: CsrfOutcome = { isAllowed: true };

/** Methods that must not change anything (RFC 9110 §9.2.1); TRACE is not among them, since no application answers it. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A pure check of one request. Exempt a route by not calling it there: a list of exempt paths could be walked around.
 *
 * @throws TypeError for a trusted origin that is not one.
 */
export function csrfProtection(
  options: CsrfOptions = {},
): (request: Pick<SessionRequest, 'method' | 'headers'>) => CsrfOutcome {
  const trusted = new Set(options.trustedOrigins ?? []);
  for (const origin of trusted) {
    if (!isOrigin(origin)) {
      throw new TypeError(
        `trustedOrigins: ${JSON.stringify(origin)} is not an origin; write scheme, host and port alone, like 'https://app.example.com'`,
      );
    }
  }
  return ({ method, headers }) => {
    if (SAFE_METHODS.has(method)) return ALLOWED;
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
