import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Peer, peerResolver, type ProxyOptions } from '../../src/adapters/proxy.ts';

const SOCKET: Peer = { remoteAddress: '10.0.0.1', encrypted: false };

function resolve(
  proxy: ProxyOptions | undefined,
  headers: Readonly<Record<string, string>>,
  socket: Peer = SOCKET,
): Peer {
  return peerResolver(proxy)({ get: (name) => headers[name] }, socket);
}

const address = (proxy: ProxyOptions, headers: Readonly<Record<string, string>>) =>
  resolve(proxy, headers).remoteAddress;

describe('without a declared proxy', () => {
  test('headers are not believed, only the connection (ASVS-4.1.3)', () => {
    const headers = {
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'https',
      'x-real-ip': '192.0.2.1',
      forwarded: 'for=192.0.2.1;proto=https',
    };
    expect(resolve(undefined, headers)).toEqual(SOCKET);
  });
});

describe('X-Forwarded-For, counted from the end (ASVS-4.1.3)', () => {
  test.each<[string, number, string, string]>([
    ['the entry of one proxy', 1, '192.0.2.1', '192.0.2.1'],
    ['what the client wrote in front does not count', 1, '6.6.6.6, 192.0.2.1', '192.0.2.1'],
    ['nor a long list of it', 1, '1.1.1.1, 2.2.2.2, 3.3.3.3, 192.0.2.1', '192.0.2.1'],
    ['the entry of the outer of two proxies', 2, '192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['behind two, with a spoofed entry', 2, '6.6.6.6, 192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['behind three', 3, '192.0.2.1, 10.0.0.3, 10.0.0.2', '192.0.2.1'],
    ['fewer entries than proxies: the connection', 3, '6.6.6.6, 192.0.2.1', '10.0.0.1'],
    ['no white space', 2, '192.0.2.1,10.0.0.2', '192.0.2.1'],
    ['an empty entry where the address should be', 1, '192.0.2.1, ', '10.0.0.1'],
    ['empty', 1, '', '10.0.0.1'],
    ['commas alone', 1, ',,,', '10.0.0.1'],
    ['with a port', 1, '192.0.2.1:4711', '192.0.2.1'],
    ['IPv6', 1, '2001:db8::17', '2001:db8::17'],
    ['IPv6 whose end looks like a port', 1, '2001:db8::4711', '2001:db8::4711'],
    ['IPv6 in brackets', 1, '[2001:db8::17]', '2001:db8::17'],
    ['IPv6 with a port', 1, '[2001:db8::17]:443', '2001:db8::17'],
  ])('%s', (_, hops, value, expected) => {
    expect(address({ hops }, { 'x-forwarded-for': value })).toBe(expected);
  });

  test('Forwarded is not believed where X-Forwarded is declared, nor the other way round', () => {
    const both = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.2' };
    expect(address({ hops: 1 }, both)).toBe('192.0.2.1');
    expect(address({ hops: 1, header: 'forwarded' }, both)).toBe('192.0.2.2');
    expect(address({ hops: 1, header: 'forwarded' }, { 'x-forwarded-for': '192.0.2.1' })).toBe('10.0.0.1');
  });
});

describe('X-Forwarded-Proto', () => {
  test.each<[string, number, string, boolean]>([
    ['https', 1, 'https', true],
    ['in capitals', 1, 'HTTPS', true],
    ['http', 1, 'http', false],
    ['what the client wrote in front does not count', 1, 'https, http', false],
    ['the entry of the outer of two', 2, 'https, http', true],
    ['behind two, with a spoofed entry', 2, 'https, http, http', false],
    ['one entry stands for all proxies', 2, 'https', true],
    ['garbage', 1, 'httpsx', false],
    ['wss', 1, 'wss', false],
  ])('%s', (_, hops, value, expected) => {
    expect(resolve({ hops }, { 'x-forwarded-proto': value }).encrypted).toBe(expected);
  });

  test('is the connection’s own where the proxy does not say', () => {
    expect(resolve({ hops: 1 }, {}, { ...SOCKET, encrypted: true }).encrypted).toBe(true);
    expect(resolve({ hops: 1 }, {}, {}).encrypted).toBe(false);
  });
});

describe('Forwarded (RFC 7239)', () => {
  test.each<[string, number, string, Peer]>([
    [
      'both',
      1,
      'for=192.0.2.60;proto=https;by=203.0.113.43',
      { remoteAddress: '192.0.2.60', encrypted: true },
    ],
    ['in capitals', 1, 'For=192.0.2.60;PROTO=HTTPS', { remoteAddress: '192.0.2.60', encrypted: true }],
    ['quoted', 1, 'for="192.0.2.60";proto="https"', { remoteAddress: '192.0.2.60', encrypted: true }],
    ['with a port', 1, 'for="192.0.2.60:4711"', { remoteAddress: '192.0.2.60', encrypted: false }],
    ['IPv6', 1, 'for="[2001:db8:cafe::17]"', { remoteAddress: '2001:db8:cafe::17', encrypted: false }],
    [
      'IPv6 with a port',
      1,
      'for="[2001:db8:cafe::17]:4711"',
      { remoteAddress: '2001:db8:cafe::17', encrypted: false },
    ],
    ['obfuscated', 1, 'for=_gazonk', { remoteAddress: '_gazonk', encrypted: false }],
    [
      'obfuscated, with such a port',
      1,
      'for="_gazonk:_port"',
      { remoteAddress: '_gazonk', encrypted: false },
    ],
    ['unknown', 1, 'for=unknown;proto=https', { remoteAddress: 'unknown', encrypted: true }],
    [
      'white space',
      1,
      ' for = 192.0.2.60 ; proto = https ',
      { remoteAddress: '192.0.2.60', encrypted: true },
    ],
    [
      'spoofed in front',
      1,
      'for=6.6.6.6;proto=https, for=192.0.2.60;proto=http',
      { remoteAddress: '192.0.2.60', encrypted: false },
    ],
    [
      'the outer of two',
      2,
      'for=6.6.6.6, for=192.0.2.60;proto=https, for=10.0.0.2;proto=http',
      { remoteAddress: '192.0.2.60', encrypted: true },
    ],
    [
      'a quote that the client never closed',
      1,
      'for="6.6.6.6, for=192.0.2.60;proto=https',
      { remoteAddress: '192.0.2.60', encrypted: true },
    ],
    [
      'a quoted comma of the client',
      1,
      'for="6.6.6.6, for=7.7.7.7", for=192.0.2.60',
      { remoteAddress: '192.0.2.60', encrypted: false },
    ],
    ['fewer elements than proxies', 2, 'for=6.6.6.6;proto=https', SOCKET],
    ['nothing of use', 1, 'by=203.0.113.43;host=evil.example', SOCKET],
    ['names of the prototype', 1, '__proto__=1;constructor=2;toString=3', SOCKET],
    ['empty', 1, '', SOCKET],
    ['garbage', 1, ';;;===,,,"', SOCKET],
  ])('%s', (_, hops, value, expected) => {
    expect(resolve({ hops, header: 'forwarded' }, { forwarded: value })).toEqual(expected);
  });
});

describe('whatever the headers hold', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 80 }),
    fc.string({ unit: fc.constantFrom(...'for=proto;,":[]. \\0123456789abcdef_'), maxLength: 80 }),
  );
  const proxy = fc.record({
    hops: fc.integer({ min: 1, max: 5 }),
    header: fc.constantFrom('x-forwarded' as const, 'forwarded' as const),
  });

  test('nothing throws, and the answer is of its type', () => {
    fc.assert(
      fc.property(proxy, value, value, value, (declared, first, second, third) => {
        const headers = { 'x-forwarded-for': first, 'x-forwarded-proto': second, forwarded: third };
        const peer = resolve(declared, headers);
        expect(typeof peer.remoteAddress).toBe('string');
        expect(typeof peer.encrypted).toBe('boolean');
      }),
    );
  });

  test('what a client writes in front of the proxies’ entries changes nothing', () => {
    fc.assert(
      fc.property(proxy, value, (declared, spoofed) => {
        const { hops, header } = declared;
        const own = Array.from({ length: hops }, (_, i) => `192.0.2.${i}`);
        const schemes = own.map((_, i) => (i === 0 ? 'http' : 'https'));
        const elements = own.map((ip, i) => `for=${ip};proto=${schemes[i]}`);
        const append = (list: readonly string[]) => [spoofed, ...list].join(', ');
        const headers =
          header === 'forwarded'
            ? { forwarded: append(elements) }
            : { 'x-forwarded-for': append(own), 'x-forwarded-proto': append(schemes) };
        expect(resolve(declared, headers)).toEqual({ remoteAddress: '192.0.2.0', encrypted: false });
      }),
    );
  });
});

describe('a declaration that can not be meant', () => {
  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', true, null])('hops: %j', (hops) => {
    expect(() => peerResolver({ hops: hops as number })).toThrow(/^proxy\.hops: /);
  });

  test('header: another one', () => {
    expect(() => peerResolver({ hops: 1, header: 'x-real-ip' as 'forwarded' })).toThrow(/^proxy\.header: /);
  });
});
