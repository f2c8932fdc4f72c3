/**
 * What a declared proxy says about the browser behind it: its address, and whether it came over TLS. Not the host: many
 * proxies hand on an `X-Forwarded-Host` that the client wrote.
 *
 * `X-Forwarded-*` and `Forwarded` are written by whoever sends the request. They say something only when a proxy of yours
 * overwrites or appends to them, and then only the part it wrote: the last entries, one for each proxy.
 */
import type { HeaderReader, SessionRequest } from '../request.ts';

export interface ProxyOptions {
  /** How many proxies of yours a request passes, one after the other. Each must append to the header, or overwrite it. */
  readonly hops: number;
  /** Which header they write: `X-Forwarded-For` and `-Proto`, or `Forwarded` (RFC 7239). Default `x-forwarded`. */
  readonly header?: 'x-forwarded' | 'forwarded';
}

export type Peer = Pick<SessionRequest, 'remoteAddress' | 'encrypted'>;

export type PeerResolver = (headers: HeaderReader, socket: Peer) => Peer;

/** Without a declaration, only the connection itself is believed. @throws TypeError naming the option */
export function peerResolver(proxy: ProxyOptions | undefined): PeerResolver {
  if (proxy === undefined) return (_headers, socket) => socket;
  const { hops, header = 'x-forwarded' } = proxy;
  if (!Number.isInteger(hops) || hops < 1) {
    throw new TypeError(
      'proxy.hops: write how many proxies of yours stand in front, from 1; leave `proxy` out for none',
    );
  }
  if (header !== 'x-forwarded' && header !== 'forwarded') {
    throw new TypeError("proxy.header: write 'x-forwarded' or 'forwarded'");
  }
  return header === 'forwarded'
    ? (headers, socket) => merge(socket, forwarded(headers, hops))
    : (headers, socket) => merge(socket, xForwarded(headers, hops));
}

function merge(socket: Peer, told: { for?: string | undefined; proto?: string | undefined }): Peer {
  return {
    remoteAddress: told.for ?? socket.remoteAddress,
    encrypted: told.proto === undefined ? (socket.encrypted ?? false) : told.proto.toLowerCase() === 'https',
  };
}

function xForwarded(headers: HeaderReader, hops: number) {
  return {
    for: withoutPort(fromTheEnd(list(headers.get('x-forwarded-for')), hops)),
    // Many proxies overwrite this one instead of appending: one entry stands for all.
    proto: outermost(list(headers.get('x-forwarded-proto')), hops),
  };
}

/**
 * forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] ) (RFC 7239 §4).
 *
 * Split at every comma, also within quotes: a client that opens a quote and never closes it must not swallow what the
 * proxies append, and no proxy writes a comma into an address.
 */
function forwarded(headers: HeaderReader, hops: number) {
  const element = fromTheEnd(list(headers.get('forwarded')), hops) ?? '';
  const told: Record<string, string> = {};
  for (const pair of element.split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1) continue;
    const name = pair.slice(0, equals).trim().toLowerCase();
    told[name] = pair
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
  }
  return { for: withoutPort(told['for']), proto: told['proto'] };
}

/**
 * An address may carry a port, and then brackets where it is of IPv6; one without brackets has no port. Obfuscated names
 * (`_hidden`, `unknown`) stay as they are.
 */
function withoutPort(node: string | undefined): string | undefined {
  if (node === undefined) return undefined;
  return /^\[([\da-f:.]+)\]/i.exec(node)?.[1] ?? /^([^:]+):[\w.-]+$/.exec(node)?.[1] ?? node;
}

function list(value: string | null | undefined): string[] {
  return value ? value.split(',').map((entry) => entry.trim()) : [];
}

function fromTheEnd(entries: string[], hops: number): string | undefined {
  return entries[entries.length - hops] || undefined;
}

function outermost(entries: string[], hops: number): string | undefined {
  return entries[Math.max(0, entries.length - hops)] || undefined;
}
