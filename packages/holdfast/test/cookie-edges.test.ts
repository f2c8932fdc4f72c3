/** Cases at the edges of the cookie's and the origin's grammar, which mutation testing asked for. */
import { expect, test } from 'vitest';
import { cookieNameOf, describeCookie } from '../src/cookie.ts';
import { headerCheck } from '../src/csrf/check.ts';
import { applyChange } from '../src/change.ts';
import { isSessionId } from '../src/token.ts';
import type { SessionRecord } from '../src/record.ts';

const shared = { prefix: '__Secure-' } as const;

test.each([
  'a.b.example.com',
  'x.y',
  'example.co1',
  'xn--bcher-kva.example',
])('the domain %s is one, however many labels it has', (domain) => {
  expect(describeCookie({ ...shared, domain }).attributes).toContain(`Domain=${domain};`);
});

test.each([
  'example.-com',
  'a.-b.example',
  'example._com',
  'example.c-',
  'example..com',
])('the domain %s is none: a label begins and ends with a letter or a digit', (domain) => {
  expect(() => describeCookie({ ...shared, domain })).toThrow(/^cookie\.domain: /);
});

test('a domain of 253 characters is one, and one of 254 is none (RFC 1035 §2.3.4)', () => {
  const domain = `${'a.'.repeat(126)}a`;
  expect(describeCookie({ ...shared, domain }).attributes).toContain(domain);
  expect(() => describeCookie({ ...shared, domain: `a${domain}` })).toThrow(/^cookie\.domain: /);
});

test('a path begins with /, and not anywhere else', () => {
  expect(() => describeCookie({ ...shared, path: 'app/' })).toThrow(/^cookie\.path: /);
});

test('SameSite keeps a cookie back, but for one that is made for frames', () => {
  expect(describeCookie().isKeptBack).toBe(true);
  expect(describeCookie({ sameSite: 'Strict' }).isKeptBack).toBe(true);
  expect(describeCookie({ sameSite: 'None', partitioned: true }).isKeptBack).toBe(false);
});

test.each(['x', 'AAAA'])('an id with %s before or behind it is none', (more) => {
  const id = 'A'.repeat(22);
  expect([isSessionId(id), isSessionId(more + id), isSessionId(id + more)]).toEqual([true, false, false]);
});

test('a name may hold a prefix elsewhere than at its start', () => {
  expect(describeCookie({ name: 'my__Host-name' }).name).toBe('__Host-my__Host-name');
});

test('an unknown prefix is refused with the list of those there are', () => {
  // @ts-expect-error: no such prefix.
  expect(() => describeCookie({ prefix: '__Best-' })).toThrow('__Host-, __Host-Http-, __Secure-, __Http-');
});

test('the name in a Set-Cookie value ends at the first =', () => {
  expect(cookieNameOf('__Host-csrf=a=b; Path=/')).toBe('__Host-csrf');
});

test('an opaque origin is never the own host, not even of a host whose name it ends with (CSRF-11)', () => {
  const headers = new Headers({ origin: 'null', host: 'll' });
  expect(headerCheck([])({ method: 'POST', headers })).toEqual({
    isAllowed: false,
    reason: 'foreign_origin',
  });
});

test('a session without a label has none after a privilege change', () => {
  const record = {
    id: 'A',
    client: {},
    reuse: { incidents: 0 },
    epoch: 0,
    renewedAt: 0,
    lastSeenAt: 0,
    renewals: 0,
    absoluteExpiresAt: 10,
    data: new Map(),
    system: new Map(),
  } as unknown as SessionRecord;
  const privilege = { lineageHash: 'l', secretHash: 's', csrfSeed: 'c', at: 1, client: {} };
  const after = applyChange(record, { epoch: 0, at: 1, privilege }).record;
  expect(Object.keys(after?.client ?? { none: true })).toEqual([]);
});
