import { describe, expect, test } from 'vitest';
import { csrfProtection } from '../../src/csrf/index.ts';
import go from './go-cases.json' with { type: 'json' };

interface Case {
  readonly name: string;
  readonly method: string;
  readonly secFetchSite: string;
  readonly origin: string;
  readonly host: string;
  readonly allowed: boolean;
}

function requestOf({ method, secFetchSite, origin, host }: Omit<Case, 'name' | 'allowed'>) {
  const headers = new Headers({ host });
  if (secFetchSite) headers.set('sec-fetch-site', secFetchSite);
  if (origin) headers.set('origin', origin);
  return { method, headers };
}

const plain = { method: 'POST', secFetchSite: '', origin: '', host: 'example.com' };

describe('the cases of Go’s CrossOriginProtection', () => {
  test.each<Case>(go.secFetchSite)('$name (CSRF-4, CSRF-5)', ({ allowed, ...request }) => {
    expect(csrfProtection().check(requestOf(request)).isAllowed).toBe(allowed);
  });

  test.each<Case>(go.trustedOrigin.cases)('$name', ({ allowed, ...request }) => {
    const { check } = csrfProtection({ trustedOrigins: go.trustedOrigin.trusted });
    expect(check(requestOf(request)).isAllowed).toBe(allowed);
  });

  test.each(go.addTrustedOrigin)('$origin as a trusted origin: $valid (FM-2)', ({ origin, valid }) => {
    const configure = () => csrfProtection({ trustedOrigins: [origin] });
    if (valid) expect(configure).not.toThrow();
    else expect(configure).toThrow(/^trustedOrigins: .* is not an origin/);
  });
});

describe('beyond them', () => {
  test.each([
    ['an unknown value', 'same-party', 'unknown_header_value'],
    ['a value of another case', 'Same-Origin', 'unknown_header_value'],
    ['two values', 'same-origin, cross-site', 'unknown_header_value'],
    ['cross-site', 'cross-site', 'cross_site'],
    ['same-site', 'same-site', 'cross_site'],
  ])('Sec-Fetch-Site of %s is refused, and the reason says so, whatever Origin says', (_, secFetchSite, reason) => {
    for (const origin of ['', 'https://example.com']) {
      const outcome = csrfProtection().check(requestOf({ ...plain, secFetchSite, origin }));
      expect(outcome).toEqual({ isAllowed: false, reason });
    }
  });

  test.each([
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'TRACE',
    'CONNECT',
    'QUERY',
    'get',
    'Post',
    '',
  ])('the method %j is not a safe one (FM-1)', (method) => {
    expect(
      csrfProtection().check(requestOf({ ...plain, method, secFetchSite: 'cross-site' })).isAllowed,
    ).toBe(false);
  });

  test.each([
    'https://example.com.evil.example',
    'https://evil-example.com',
    'https://sub.example.com',
    'https://example.com:8443',
    'https://user@example.com',
    'https://example.com/',
    'https://EXAMPLE.com',
    'null',
    'example.com',
    '://example.com.',
    'https://',
  ])('an Origin of %j is not example.com: hosts are compared as a whole (CSRF-11)', (origin) => {
    const outcome = csrfProtection().check(requestOf({ ...plain, origin }));
    expect(outcome).toEqual({ isAllowed: false, reason: 'foreign_origin' });
  });

  test('an Origin without a Host to compare it with is refused', () => {
    const headers = new Headers({ origin: 'https://example.com' });
    expect(csrfProtection().check({ method: 'POST', headers }).isAllowed).toBe(false);
  });

  test('a trusted origin is trusted exactly as it is written', () => {
    const { check } = csrfProtection({ trustedOrigins: ['https://app.example.com'] });
    for (const origin of [
      'https://app.example.com:443',
      'http://app.example.com',
      'https://app.example.com.evil.example',
      'https://xapp.example.com',
    ]) {
      expect(check(requestOf({ ...plain, origin, secFetchSite: 'cross-site' })).isAllowed, origin).toBe(
        false,
      );
    }
  });

  test('a request that is no browser’s, with neither header, goes through (CSRF-7)', () => {
    expect(csrfProtection().check(requestOf(plain))).toEqual({ isAllowed: true });
  });
});
