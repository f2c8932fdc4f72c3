/** Hosts, as the Host header names them. */

/** uri-host [ ":" port ] (RFC 9110 §7.2), of the characters that a host name or a bracketed address is made of. */
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i;

/** The host without its port, in lower case; `undefined` for what is no host. */
export function hostOf(header: string): string | undefined {
  return header.length > 261 ? undefined : HOST.exec(header)?.[1]?.toLowerCase();
}

/**
 * Whether browsers take this host for trustworthy without TLS, so that they store and send a `Secure` cookie:
 * localhost, *.localhost, 127.0.0.0/8 and [::1] (W3C Secure Contexts §3.1).
 */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || LOOPBACK.test(host);
}

const LOOPBACK = /^127(?:\.\d{1,3}){3}$/;
