import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { secureTransport, type TransportOptions } from '../../src/transport/index.ts';

interface Asked {
  readonly method?: string;
  readonly url?: string;
  readonly host?: string;
  readonly encrypted?: boolean;
}

function ask({ method = 'GET', url = '/', host, encrypted = false }: Asked, options?: TransportOptions) {
  const headers = { get: (name: string) => (name === 'host' ? host : undefined) };
  return secureTransport(options)({ method, url, headers, encrypted });
}

const TRICKY = fc.constantFrom(...'/\\@:.?#%;=& \t\r\n\0"\'<>[]aZ09-_~éß\u2028\uff0f\uff20\u3002\ud800');

const YEAR = 'max-age=31536000';

describe('over plain HTTP', () => {
  test.each([
    ['GET', 301],
    ['HEAD', 301],
    ['POST', 308],
    ['PUT', 308],
    ['DELETE', 308],
    ['OPTIONS', 308],
    ['get', 308],
  ])('%s is sent on to HTTPS with %i (ASVS-12.2.1)', (method, status) => {
    expect(ask({ method, url: '/a?b=c', host: 'example.com' })).toEqual({
      kind: 'redirect',
      status,
      location: 'https://example.com/a?b=c',
    });
  });

  test.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.com', 'example.com'],
    ['example.com:80', 'example.com'],
    ['example.com:8080', 'example.com'],
    ['example.com.', 'example.com.'],
    ['192.0.2.1:80', '192.0.2.1'],
    ['[2001:db8::1]:8080', '[2001:db8::1]'],
    ['localhost.example.com', 'localhost.example.com'],
    ['notlocalhost', 'notlocalhost'],
    ['127.0.0.1.example.com', '127.0.0.1.example.com'],
    ['128.0.0.1', '128.0.0.1'],
    ['1127.0.0.1', '1127.0.0.1'],
    ['[::2]', '[::2]'],
    ['[::ffff:127.0.0.1]', '[::ffff:127.0.0.1]'],
  ])('the host %j is sent to %j, on the port of HTTPS', (host, target) => {
    expect(ask({ host })).toMatchObject({ kind: 'redirect', location: `https://${target}/` });
  });

  test.each([
    'localhost',
    'localhost:3000',
    'LOCALHOST',
    'app.localhost',
    'a.b.localhost:8080',
    '127.0.0.1',
    '127.0.0.1:3000',
    '127.255.255.254',
    '[::1]',
    '[::1]:3000',
  ])('on %j it goes on, and no promise is made', (host) => {
    expect(ask({ host })).toEqual({ kind: 'proceed', headers: {} });
    expect(ask({ host, method: 'POST' })).toEqual({ kind: 'proceed', headers: {} });
  });

  test.each([
    undefined,
    '',
    ' ',
    'evil/..',
    'evil.example/path',
    'good@evil.example',
    'user:pass@evil.example',
    'evil.example\\',
    'evil.example?x',
    'evil.example#x',
    'evil.example\r\nX-Injected: 1',
    'evil.example\n',
    'evil.example\0',
    'evil example',
    'evil.example:99999999',
    'evil.example:port',
    'a.example, b.example',
    '[::1',
    '::1',
    '[evil.example]',
    'http://evil.example',
    '//evil.example',
    'é.example',
    'x'.repeat(300),
  ])('a Host of %j is no host: nowhere to redirect to', (host) => {
    expect(ask(host === undefined ? {} : { host })).toEqual({ kind: 'refuse' });
  });

  test.each([
    ['//evil.example/x', '//evil.example/x'],
    ['///evil.example', '///evil.example'],
    ['/\\evil.example', '/\\evil.example'],
    ['/@evil.example', '/@evil.example'],
    ['/.evil.example', '/.evil.example'],
    ['/?u=https://evil.example', '/?u=https://evil.example'],
    ['http://evil.example/x?y', '/x?y'],
    ['https://user@evil.example:8443/x', '/x'],
    ['http://evil.example', '/'],
  ])('the target %j stays on the host that was asked for (ASVS-12.2.1)', (url, path) => {
    const outcome = ask({ url, host: 'example.com' });
    expect(outcome).toEqual({ kind: 'redirect', status: 301, location: `https://example.com${path}` });
    expect(new URL(outcome.kind === 'redirect' ? outcome.location : '').host).toBe('example.com');
  });

  test.each(['*', '', 'x', '\\evil.example', '@evil.example'])('the target %j is refused', (url) => {
    expect(ask({ url, host: 'example.com' })).toEqual({ kind: 'refuse' });
  });

  test('a path, whatever it holds, leads to no other host', () => {
    fc.assert(
      fc.property(fc.string({ unit: TRICKY, maxLength: 60 }), (rest) => {
        const outcome = ask({ url: `/${rest}`, host: 'example.com' });
        if (outcome.kind !== 'redirect') return;
        expect(new URL(outcome.location).origin).toBe('https://example.com');
      }),
    );
  });

  test('a Host, whatever it holds, is the host of the redirect or refused', () => {
    const host = fc.oneof(
      fc.string({ unit: TRICKY, maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...'ab.:@/\\[]#?% \r\n1-_'), maxLength: 20 }),
    );
    fc.assert(
      fc.property(host, (asked) => {
        const outcome = ask({ url: '/path', host: asked });
        if (outcome.kind !== 'redirect') return;
        const [, authority = ''] = /^https:\/\/([^/]*)\/path$/.exec(outcome.location) ?? [];
        expect(authority).not.toMatch(/[@\\?#%\s]/);
        expect(asked.toLowerCase().startsWith(authority)).toBe(true);
      }),
    );
  });

  test('the configured host takes the place of the one asked for', () => {
    const outcome = ask({ url: '/a', host: 'evil.example' }, { host: 'www.example.com' });
    expect(outcome).toMatchObject({ location: 'https://www.example.com/a' });
    expect(ask({ url: '/a' }, { host: 'www.example.com' })).toMatchObject({
      location: 'https://www.example.com/a',
    });
  });

  test('HSTS is not sent: browsers ignore it there, and may have been told by somebody else (RFC 6797 §7.2)', () => {
    for (const host of ['localhost', 'example.com', undefined]) {
      expect(JSON.stringify(ask(host === undefined ? {} : { host }))).not.toMatch(/strict-transport/i);
    }
  });
});

describe('over TLS', () => {
  test.each<[string, TransportOptions, string]>([
    ['by default, for a year', {}, YEAR],
    ['with the subdomains', { includeSubDomains: true }, `${YEAR}; includeSubDomains`],
    ['preloaded', { includeSubDomains: true, preload: true }, `${YEAR}; includeSubDomains; preload`],
    ['for 400 days', { hstsMaxAge: '400d' }, 'max-age=34560000'],
    ['in seconds', { hstsMaxAge: 31_536_001 }, 'max-age=31536001'],
  ])('every answer promises HTTPS: %s (ASVS-3.4.1)', (_, options, value) => {
    for (const host of ['example.com', 'localhost', undefined]) {
      const asked = { method: 'POST', encrypted: true, ...(host !== undefined && { host }) };
      expect(ask(asked, options)).toEqual({
        kind: 'proceed',
        headers: { 'strict-transport-security': value },
      });
    }
  });

  test.each<[string, TransportOptions, RegExp]>([
    ['preload without subdomains', { preload: true }, /^preload: .*includeSubDomains/],
    ['preload for too short', { preload: true, includeSubDomains: true, hstsMaxAge: '30d' }, /^preload: /],
    ['a duration that is none', { hstsMaxAge: 'for ever' as never }, /hstsMaxAge/],
  ])('%s is refused when it is configured, by the name of the option', (_, options, message) => {
    expect(() => secureTransport(options)).toThrow(TypeError);
    expect(() => secureTransport(options)).toThrow(message);
  });
});

test.each([
  'example.com:443',
  'evil:.attacker.com/x',
  '*',
  '',
])('a target that has no path is refused: %j', (url) => {
  const request = { method: 'GET', url, headers: new Headers({ host: 'example.com' }), encrypted: false };
  expect(secureTransport()(request)).toEqual({ kind: 'refuse' });
});

test('two years of HSTS may be asked for, as preload lists recommend', () => {
  const request = { method: 'GET', url: '/', headers: new Headers({ host: 'example.com' }), encrypted: true };
  expect(secureTransport({ hstsMaxAge: 63_072_000 })(request)).toMatchObject({
    headers: { 'strict-transport-security': 'max-age=63072000' },
  });
});
