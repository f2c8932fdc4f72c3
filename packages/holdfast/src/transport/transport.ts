/** HTTPS, and nothing but HTTPS: what a request over plain HTTP is told, and what every answer over TLS promises. */
import { type Duration, toMilliseconds } from '../duration.ts';
import { hostOf, isLoopbackHost } from '../host.ts';
import type { SessionRequest } from '../request.ts';

export interface TransportOptions {
  /** How long browsers shall use HTTPS only. Default 365 days, the least that ASVS 3.4.1 accepts. */
  readonly hstsMaxAge?: Duration;
  /** Whether that covers every subdomain, also those that you do not think of. Default false; ASVS wants it from level 2 on. */
  readonly includeSubDomains?: boolean;
  /** Whether browsers may ship with the rule. Practically for ever; needs `includeSubDomains`. Default false. */
  readonly preload?: boolean;
  /** The host to redirect to, like `www.example.com`. Default: the one that was asked for. */
  readonly host?: string;
}

export type TransportOutcome =
  /** Answer with this status and `Location`, and do nothing else. */
  | { readonly kind: 'redirect'; readonly status: 301 | 308; readonly location: string }
  /** Plain HTTP where no redirect can help: answer with 400. */
  | { readonly kind: 'refuse' }
  /** Go on, and send these headers with the answer, whatever it is. */
  | { readonly kind: 'proceed'; readonly headers: Readonly<Record<string, string>> };

export type Transport = (
  request: Pick<SessionRequest, 'method' | 'url' | 'headers' | 'encrypted'>,
) => TransportOutcome;

const NOTHING: TransportOutcome = { kind: 'proceed', headers: {} };
const LEAST_FOR_PRELOAD = 31_536_000;
const LONGEST_DAYS = 3_650;

/**
 * A pure decision about one request. `encrypted` has to be true behind a declared proxy that terminates TLS: the adapters see to it.
 *
 * On localhost, plain HTTP goes on, and no promise is made that would outlive the development server. HSTS is
 * sent over TLS only (RFC 6797 §7.2).
 *
 * @throws TypeError for options that browsers would not honour.
 */
export function secureTransport(options: TransportOptions = {}): Transport {
  const { hstsMaxAge = '365d', includeSubDomains = false, preload = false, host } = options;
  const seconds = Math.floor(toMilliseconds(hstsMaxAge, 'hstsMaxAge', LONGEST_DAYS) / 1000);
  if (preload && (!includeSubDomains || seconds < LEAST_FOR_PRELOAD)) {
    throw new TypeError(
      'preload: browsers take it only with includeSubDomains: true and hstsMaxAge of 365 days or more',
    );
  }
  const value = `max-age=${seconds}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`;
  const overTls: TransportOutcome = { kind: 'proceed', headers: { 'strict-transport-security': value } };

  return ({ method, url, headers, encrypted }) => {
    if (encrypted) return overTls;
    const asked = headers.get('host') ?? '';
    if (isLoopbackHost(hostOf(asked))) return NOTHING;
    const target = host ?? hostOf(asked);
    const path = pathOf(url);
    if (!target || path === undefined) return { kind: 'refuse' };
    // 308 keeps method and body; they went over the wire in clear once already, which only HSTS can prevent.
    const status = method === 'GET' || method === 'HEAD' ? 301 : 308;
    return { kind: 'redirect', status, location: `https://${target}${path}` };
  };
}

/** Path and query, as they go behind a host; `undefined` for what is neither a path nor a URL (`*`, `host:port`). */
function pathOf(url: string): string | undefined {
  if (url.startsWith('/')) return url;
  if (!URL.canParse(url)) return undefined;
  const { pathname, search } = new URL(url);
  // `host:443` parses as a URL of the scheme `host`, and has no path to go behind a host.
  return pathname.startsWith('/') ? pathname + search : undefined;
}
