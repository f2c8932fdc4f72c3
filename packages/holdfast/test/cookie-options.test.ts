import fc from 'fast-check';
import { Cookie } from 'tough-cookie';
import { describe, expect, test } from 'vitest';
import { type CookieOptions, deleteCookie, describeCookie, writeCookie } from '../src/cookie.ts';

const HOST = '; Path=/; HttpOnly; Secure; SameSite=Lax';

describe('the cookie’s options', () => {
  test.each<[CookieOptions, string]>([
    [{}, `__Host-session=v${HOST}`],
    [{ name: 'id' }, `__Host-id=v${HOST}`],
    [{ prefix: '__Host-Http-' }, `__Host-Http-session=v${HOST}`],
    [{ sameSite: 'Strict' }, '__Host-session=v; Path=/; HttpOnly; Secure; SameSite=Strict'],
    [{ prefix: '__Secure-' }, `__Secure-session=v${HOST}`],
    [{ prefix: '__Http-' }, `__Http-session=v${HOST}`],
    [
      { prefix: '__Secure-', domain: 'example.com', path: '/app' },
      '__Secure-session=v; Domain=example.com; Path=/app; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      { sameSite: 'None', partitioned: true },
      '__Host-session=v; Path=/; HttpOnly; Secure; SameSite=None; Partitioned',
    ],
  ])('%j', (options, expected) => {
    expect(writeCookie(describeCookie(options), 'v')).toBe(expected);
  });

  // Each line is refused by the compiler, and, for those who have none, at run time (RFC6265bis-4.1.3.2, CH-1).
  test.each<[string, () => unknown]>([
    // @ts-expect-error -- __Host- has no domain
    ['cookie: __Host-', () => describeCookie({ domain: 'example.com' })],
    // @ts-expect-error -- __Host- has no path
    ['cookie: __Host-', () => describeCookie({ path: '/app' })],
    // @ts-expect-error -- nor has __Host-Http-
    ['cookie: __Host-', () => describeCookie({ prefix: '__Host-Http-', domain: 'example.com' })],
    // @ts-expect-error -- None is for embedded pages
    ['cookie.sameSite', () => describeCookie({ sameSite: 'None' })],
    // @ts-expect-error -- and partitioned is for None
    ['cookie.sameSite', () => describeCookie({ partitioned: true })],
    // @ts-expect-error -- Lax and partitioned contradict each other
    ['cookie.sameSite', () => describeCookie({ sameSite: 'Lax', partitioned: true })],
    // @ts-expect-error -- not a prefix
    ['cookie.prefix', () => describeCookie({ prefix: '' })],
    // @ts-expect-error -- not a value of SameSite
    ['cookie.sameSite', () => describeCookie({ sameSite: 'lax' })],
    ['cookie.domain', () => describeCookie({ prefix: '__Secure-', domain: '.example.com' })],
    ['cookie.domain', () => describeCookie({ prefix: '__Secure-', domain: 'example' })],
    ['cookie.domain', () => describeCookie({ prefix: '__Secure-', domain: 'example.com; Path=/' })],
    ['cookie.domain', () => describeCookie({ prefix: '__Secure-', domain: 'exa\r\nmple.com' })],
    ['cookie.path', () => describeCookie({ prefix: '__Secure-', path: 'app' })],
    ['cookie.path', () => describeCookie({ prefix: '__Secure-', path: '/a; Secure' })],
    ['cookie.path', () => describeCookie({ prefix: '__Secure-', path: '/\n' })],
    ['cookie.name', () => describeCookie({ name: '__secure-session' })],
    ['cookie.name', () => describeCookie({ name: '__Host-Http-session' })],
    ['cookie.name', () => describeCookie({ name: 'a b' })],
  ])('a wrong combination names %s', (option, describeWrong) => {
    expect(describeWrong).toThrow(new RegExp(`^${option}`));
    expect(describeWrong).toThrow(TypeError);
  });

  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
  const shared = fc.record(
    {
      prefix: fc.constantFrom('__Secure-' as const, '__Http-' as const),
      domain: fc.tuple(label, label).map((labels) => labels.join('.')),
      path: fc.stringMatching(/^\/[\w/-]{0,20}$/),
      sameSite: fc.constantFrom('Lax' as const, 'Strict' as const),
      name: label,
    },
    { requiredKeys: ['prefix'] },
  );
  const host = fc.record(
    {
      prefix: fc.constantFrom('__Host-' as const, '__Host-Http-' as const),
      sameSite: fc.constantFrom('Lax' as const, 'Strict' as const),
      name: label,
    },
    { requiredKeys: [] },
  );

  test('what they make is read by tough-cookie as it was meant, set and deleted alike (RFC6265bis-3.1, RFC6265bis-4.1.3.2)', () => {
    fc.assert(
      fc.property(fc.oneof(shared, host), fc.option(fc.nat(40_000_000)), (options, maxAge) => {
        const descriptor = describeCookie(options as CookieOptions);
        const set = Cookie.parse(writeCookie(descriptor, 'value', maxAge ?? undefined));
        const deleted = Cookie.parse(deleteCookie(descriptor));
        const { prefix = '__Host-', name = 'session', sameSite = 'Lax' } = options;
        const { domain = null, path = '/' } = options as { domain?: string; path?: string };
        for (const cookie of [set, deleted]) {
          expect(cookie?.key).toBe(prefix + name);
          expect([cookie?.secure, cookie?.httpOnly]).toEqual([true, true]);
          expect([cookie?.domain, cookie?.path]).toEqual([domain, path]);
          expect(cookie?.sameSite).toBe(sameSite.toLowerCase());
        }
        expect(set?.value).toBe('value');
        expect(set?.maxAge).toBe(maxAge === null ? null : Math.min(maxAge, 34_560_000));
        expect(deleted?.maxAge).toBe(0);
      }),
    );
  });
});

test.each<[CookieOptions, boolean]>([
  [{}, true],
  [{ sameSite: 'Strict' }, true],
  [{ sameSite: 'None', partitioned: true }, false],
])('%j: browsers keep it back from cross-site requests: %s', (options, isKeptBack) => {
  expect(describeCookie(options).isKeptBack).toBe(isKeptBack);
});

test.each([
  'ab',
  '/ab\u007f',
  'x/ab',
])('a path has its slash in front, and no control characters: %j', (path) => {
  expect(() => describeCookie({ prefix: '__Secure-', path })).toThrow(/^cookie\.path/);
});

test('a domain is at most 253 characters long', () => {
  const domain = `${'a'.repeat(60)}.`.repeat(5) + 'com';
  expect(() => describeCookie({ prefix: '__Secure-', domain })).toThrow(/^cookie\.domain/);
});
