import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAuditError } from '../../src/errors.ts';
import { readRecipe } from '../../src/recipe/read.ts';

test.each([
  ['[', /no YAML/],
  ['- a', /names and values/],
  ['signin: []', /signin: is not known/],
  ['signIn: x', /signIn: write a list/],
  ['signIn: [{}]', /signIn\[0\]: write "open", "request" or "browser"/],
  ['signIn: [{ browser: / }]', /signIn\[0\]\.do: write a list/],
  ['signIn: [{ browser: /, do: [{}] }]', /signIn\[0\]\.do\[0\]: write "fill" or "press"/],
  ['signIn: [{ browser: /, do: [{ click: x }] }]', /signIn\[0\]\.do\[0\]\.click: is not known/],
  ['signIn: [{ request: logout }]', /signIn\[0\]\.request: write a method/],
  ['signIn: [{ request: POST /x, jsn: {} }]', /signIn\[0\]\.jsn: is not known/],
  ['signIn: [{ open: /x, submit: [a] }]', /signIn\[0\]\.submit: write names and values/],
  ['signIn: [{ open: /x, save: { a: { query: b } } }]', /save\.a: write one of json, field, meta/],
  ['signedIn: { shows: x }', /signedIn\.page: write a text/],
  ['signedIn: { page: /, status: "200" }', /signedIn\.status: write a number/],
  ['signedIn: { page: /, show: x }', /signedIn\.show: is not known/],
  ['hosts: { a: b }', /hosts: write a list/],
])('the recipe %j is refused, and the place is named', (text, says) => {
  expect(() => readRecipe(text)).toThrow(says);
});

test('an empty recipe says nothing, and is fine', () => {
  expect(readRecipe('')).toEqual({});
});

test('numbers and truth values are texts where a form wants texts', () => {
  expect(readRecipe('signOut: [{ request: POST /x, form: { a: 1, b: true } }]').signOut).toEqual([
    { request: 'POST /x', form: { a: '1', b: 'true' } },
  ]);
});

test('aliases that grow without bound are refused', () => {
  const lines = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`);
  expect(() => readRecipe(['a0: &a0 [x]', ...lines].join('\n'))).toThrow(/alias/i);
});

test('whatever a file has in it, it is a recipe or refused', () => {
  const word = fc.constantFrom(
    'signIn',
    'signedIn',
    ': ',
    '\n  - ',
    '\n',
    'open',
    'request',
    '{',
    '}',
    '[',
    ']',
    '"',
    'POST /x',
    '&a',
    '*a',
    '!!js',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 5 })), { maxLength: 30 }), (parts) => {
      try {
        readRecipe(parts.join(''));
      } catch (error) {
        expect(isAuditError(error, 'recipe')).toBe(true);
      }
    }),
  );
});
