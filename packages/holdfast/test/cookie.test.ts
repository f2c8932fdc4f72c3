import { parseCookie, parseSetCookie } from 'cookie';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cookie } from 'tough-cookie';
import { type CookieOptions, deleteCookie, describeCookie, readCookie, writeCookie } from '../src/cookie.ts';
import { property } from './support/long.ts';

const NAME = '__Host-session';
const COOKIE = describeCookie();

/** cookie-octet of RFC 6265bis §4.1.1. */
const OCTETS = [..."!#$%&'()*+-./0123456789:<=>?@ABCZ[]^_`abcz{|}~"];
const value = fc.string({ unit: fc.constantFrom(...OCTETS), maxLength: 20 });
const name = fc.oneof(
  fc.constantFrom(
    NAME,
    `x${NAME}`,
    `${NAME}x`,
    '__host-session',
    'session',
    '__Host-',
    'a',
    '__Host-session__Host-session',
  ),
  fc.string({ unit: fc.constantFrom(..."abcXYZ019!#$%&'*+-.^_`|~"), minLength: 1, maxLength: 10 }),
);

describe('reading', () => {
  test('finds in any header that a browser can send what the cookie package finds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (pairs) => {
        const header = pairs.map(([key, text]) => `${key}=${text}`).join('; ');
        const values = readCookie(header, NAME);
        expect(values).toEqual(pairs.filter(([key]) => key === NAME).map(([, text]) => text));
        expect(values[0]).toBe(parseCookie(header, { decode: (text) => text })[NAME]);
      }),
      property,
    );
  });

  test('never throws, and never finds another cookie, in any header at all', () => {
    const piece = fc.oneof(
      fc.constantFrom(NAME, `${NAME}=`, ';', '; ', '=', ' ', '\t', '"', ','),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const header = pieces.join('');
        for (const found of readCookie(header, NAME)) {
          expect(header).toContain(`${NAME}=`);
          expect(header).toContain(found);
          expect(found).not.toContain(';');
        }
      }),
      property,
    );
  });

  test.each([
    ['nothing', '', []],
    ['the cookie alone', `${NAME}=v`, ['v']],
    ['an empty one', `${NAME}=`, ['']],
    ['the first of several', `${NAME}=v; a=1`, ['v']],
    ['the last of several', `a=1; ${NAME}=v`, ['v']],
    ['no space between', `a=1;${NAME}=v;b=2`, ['v']],
    ['more space than needed', `a=1;  \t${NAME}=v  ; b=2`, ['v']],
    ['space before it', `  ${NAME}=v`, ['v']],
    ['two: both are told', `${NAME}=1; ${NAME}=2`, ['1', '2']],
    ['two the same', `${NAME}=1; a=2; ${NAME}=1`, ['1', '1']],
    ['an equals sign in the value', `${NAME}=a=b`, ['a=b']],
    ['quotes, which belong to the value', `${NAME}="v"`, ['"v"']],
    ['a longer name', `${NAME}2=v; x${NAME}=v`, []],
    ['a name of another case', '__HOST-session=v; __host-session=v', []],
    ['its name within a value', `a=${NAME}=v; b=x ${NAME}=v`, []],
    ['its name as a value', `a=${NAME}`, []],
    ['its name without a value', NAME, []],
    ['its name twice over', `${NAME}${NAME}=v`, []],
    ['a comma, which separates nothing', `a=1, ${NAME}=v`, []],
    ['its name in another’s quotes', `a="; ${NAME}=v"`, ['v"']],
  ])('%s', (_, header, values) => {
    expect(readCookie(header, NAME)).toEqual(values);
  });

  test('takes no longer for a hostile header than for its length', () => {
    const start = performance.now();
    for (const piece of [' ', `${NAME}=`, `${NAME} `, `;${NAME}=`, `${NAME};`])
      readCookie(piece.repeat(20_000), NAME);
    // Quadratic would be minutes; a bound that a slow machine keeps.
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('writing', () => {
  test.each([
    ['Lax', 'lax'],
    ['Strict', 'strict'],
  ] as const)('what is written with SameSite=%s is read by tough-cookie and by the cookie package as it was meant', (sameSite, read) => {
    for (const maxAge of [undefined, 0, 3_600]) {
      const text = writeCookie(describeCookie({ name: 'sid', sameSite }), 'a.b-c_d', maxAge);
      const tough = Cookie.parse(text);
      expect(tough).toMatchObject({
        key: '__Host-sid',
        value: 'a.b-c_d',
        path: '/',
        domain: null,
        secure: true,
        httpOnly: true,
        sameSite: read,
      });
      expect(tough?.maxAge).toBe(maxAge ?? null);
      expect(tough?.extensions).toBeNull();
      expect(parseSetCookie(text)).toEqual({
        name: '__Host-sid',
        value: 'a.b-c_d',
        path: '/',
        secure: true,
        httpOnly: true,
        sameSite: read,
        ...(maxAge !== undefined && { maxAge }),
      });
    }
  });

  test('no attribute is written twice (RFC6265bis-4.1.1-c)', () => {
    const names = writeCookie(COOKIE, 'v', 1)
      .split('; ')
      .map((part) => part.split('=')[0]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('a lifetime beyond 400 days is written as 400 days (RFC6265bis-5.5)', () => {
    expect(writeCookie(COOKIE, 'v', 34_560_001)).toContain('; Max-Age=34560000;');
    expect(writeCookie(COOKIE, 'v', 34_559_999)).toContain('; Max-Age=34559999;');
  });

  test('it is deleted under the name and the attributes it was set with (RFC6265bis-3.1)', () => {
    expect(deleteCookie(COOKIE)).toBe(writeCookie(COOKIE, '', 0));
    expect(Cookie.parse(deleteCookie(COOKIE))?.maxAge).toBe(0);
  });
});

describe('configuring', () => {
  test.each([
    [{}, '__Host-session', 'Lax'],
    [{ name: 'sid' }, '__Host-sid', 'Lax'],
    [{ name: 'n'.repeat(64), sameSite: 'Strict' }, `__Host-${'n'.repeat(64)}`, 'Strict'],
    [{ name: "!#$%&'*+.^_`|~-" }, "__Host-!#$%&'*+.^_`|~-", 'Lax'],
  ] as const)('%j', (options, cookieName, sameSite) => {
    const cookie = describeCookie(options);
    expect(cookie.name).toBe(cookieName);
    expect(cookie.attributes).toBe(`; Path=/; HttpOnly; Secure; SameSite=${sameSite}`);
  });

  test.each([
    [{ name: '' }, 'cookie.name'],
    [{ name: 'a b' }, 'cookie.name'],
    [{ name: 'a=b' }, 'cookie.name'],
    [{ name: 'a;b' }, 'cookie.name'],
    [{ name: 'a\n' }, 'cookie.name'],
    [{ name: 'ä' }, 'cookie.name'],
    [{ name: 'n'.repeat(65) }, 'cookie.name'],
    [{ name: '__Host-session' }, 'cookie.name: the prefix'],
    [{ name: '__secure-session' }, 'cookie.name: the prefix'],
    [{ name: '__HTTP-session' }, 'cookie.name: the prefix'],
    [{ sameSite: 'None' }, 'cookie.sameSite'],
    [{ sameSite: 'lax' }, 'cookie.sameSite'],
    [{ sameSite: false }, 'cookie.sameSite'],
  ])('%j is refused, and the error names the option', (options, message) => {
    const configure = () => describeCookie(options as CookieOptions);
    expect(configure).toThrow(TypeError);
    expect(configure).toThrow(message);
  });
});
