import type { Client } from './record.ts';

const LONGEST_USER_AGENT = 256;

/** The presenter of a request, bounded: both values come from the network. */
export function describeClient(ip: string | undefined, userAgent: string | null | undefined): Client {
  return {
    ...(ip !== undefined && { ip }),
    ...(userAgent && { userAgent: userAgent.slice(0, LONGEST_USER_AGENT) }),
  };
}

/**
 * Whether two presentations may come from one browser.
 *
 * Only the User-Agent counts, with its version numbers left out: browsers update under a running session, and
 * phones change their address on every walk. This tells apart; it proves nothing (whoever steals a cookie can copy
 * a header), so it may only decide how gravely a retired secret is taken, never whether a current one is accepted.
 */
export function sameClient(a: Client, b: Client): boolean {
  return withoutVersions(a.userAgent) === withoutVersions(b.userAgent);
}

function withoutVersions(userAgent: string | undefined): string | undefined {
  return userAgent?.replace(/\d+/g, '');
}
