import fc from 'fast-check';
import { Cookie } from 'tough-cookie';
import { describe, expect, test } from 'vitest';
import { parseCookieDate } from '../../src/cookies/cookie-date.ts';
import { parseSetCookie, type SetCookie } from '../../src/cookies/set-cookie.ts';

const table: readonly (readonly [field: string, expected: Partial<SetCookie> | string])[] = [
  ['sid=1', { name: 'sid', value: '1', secure: false, httpOnly: false, attributes: [] }],
  ['  sid = 1 ; Secure', { name: 'sid', value: '1', secure: true }],
  ['sid="a b"', { value: '"a b"' }],
  ['sid=a=b', { value: 'a=b' }],
  ['justavalue', { name: '', value: 'justavalue' }],
  ['sid=', { name: 'sid', value: '' }],
  ['=', 'empty'],
  ['', 'empty'],
  ['; Secure', 'empty'],
  ['sid=a\u0000b', 'control_character'],
  ['sid=a\tb', { value: 'a\tb' }],
  [`sid=${'x'.repeat(4094)}`, 'too_long'],
  [`sid=${'x'.repeat(4093)}`, { name: 'sid' }],
  ['sid=1; SECURE; hTTpOnly', { secure: true, httpOnly: true }],
  ['sid=1; SameSite=lax', { sameSite: 'Lax' }],
  ['sid=1; SameSite=Strict; SameSite=oops', { value: '1', attributes: ['samesite', 'samesite'] }],
  ['sid=1; Max-Age=10', { maxAge: 10 }],
  ['sid=1; Max-Age=-1', { maxAge: -1 }],
  ['sid=1; Max-Age=+1', { attributes: ['max-age'] }],
  ['sid=1; Path=/a; Path=b', { attributes: ['path', 'path'] }],
  ['sid=1; Domain=.Example.COM', { domain: 'example.com' }],
  [`sid=1; Path=/${'a'.repeat(1024)}; Secure`, { secure: true, attributes: ['secure'] }],
  ['sid=1; Secure=no', { secure: true }],
];

test.each(table)('a browser reads %j as RFC 6265bis §5.6 says', (field, expected) => {
  const parsed = parseSetCookie(field);
  if (typeof expected === 'string') expect(parsed).toEqual({ rejected: expected });
  else expect(parsed.cookie).toMatchObject(expected);
});

test('the last attribute of a name counts, and one that is not understood takes the earlier one away', () => {
  expect(parseSetCookie('a=b; SameSite=Strict; SameSite=oops').cookie?.sameSite).toBeUndefined();
  expect(parseSetCookie('a=b; Path=/a; Path=b').cookie?.path).toBeUndefined();
});

describe('whatever a server sends', () => {
  test('parsing ends, and what is kept is within the limits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 6000 }), (field) => {
        const { cookie } = parseSetCookie(field);
        if (!cookie) return;
        expect(Buffer.byteLength(cookie.name + cookie.value)).toBeLessThanOrEqual(4096);
        expect(cookie.name).not.toMatch(/[;=]|^\s|\s$/);
      }),
    );
  });

  test('name, value and flags are those that tough-cookie reads', () => {
    const part = fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,20}$/);
    const attributes = fc.subarray(['Secure', 'HttpOnly', 'Path=/x', 'Max-Age=60', 'Domain=example.com']);
    fc.assert(
      fc.property(part, part, attributes, (name, value, list) => {
        const field = [`${name}=${value}`, ...list].join('; ');
        const theirs = Cookie.parse(field);
        const { cookie } = parseSetCookie(field);
        expect(cookie).toMatchObject({ name: theirs?.key, value: theirs?.value });
        expect(cookie?.secure).toBe(theirs?.secure);
        expect(cookie?.httpOnly).toBe(theirs?.httpOnly);
        expect(cookie?.path).toBe(theirs?.path ?? undefined);
        expect(cookie?.domain).toBe(theirs?.domain ?? undefined);
      }),
    );
  });
});

test.each([
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['Wed, 09-Jun-2021 10:18:14 GMT', Date.UTC(2021, 5, 9, 10, 18, 14)],
  ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['6 Nov 69 08:49:37', Date.UTC(2069, 10, 6, 8, 49, 37)],
  ['31 Feb 2021 00:00:00', undefined],
  ['1 Jan 1500 00:00:00', undefined],
  ['1 Jan 2021 24:00:00', undefined],
  ['0', undefined],
  ['', undefined],
])('the date %j is read as RFC 6265bis §5.1.1 says', (text, expected) => {
  expect(parseCookieDate(text)).toBe(expected);
});
