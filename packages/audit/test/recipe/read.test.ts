import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAuditError } from '../../src/errors.ts';
import { readRecipe } from '../../src/recipe/read.ts';

test.each([
  ['[', /no YAML: .*\d$/],
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
  ['stepUp: [{ open: /x }]', /stepUp: belongs together with steppedUp/],
  ['{ stepUp: [{ open: /x }], steppedUp: { page: /y } }', /steppedUp: write status, shows or hides/],
  ['secondAccount: { user: b, password: c }', /secondAccount\.password: is not known/],
  ['secondAccount: { user: b }', /secondAccount\.passwordEnv: write a text/],
  ['timeouts: 30m', /timeouts: write names and values/],
  ['timeouts: { idle: soon }', /timeouts\.idle: write a time like 90s, 35m/],
  ['timeouts: { absolute: 0 }', /timeouts\.absolute: write a time like/],
  ['timeouts: { rest: 30m }', /timeouts\.rest: is not known; there are idle, absolute/],
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

test('times are read as on the command line, and kept in seconds', () => {
  expect(readRecipe('timeouts: { idle: 30m, absolute: 12h }').timeouts).toEqual({
    idle: 1_800,
    absolute: 43_200,
  });
  expect(readRecipe('timeouts: { idle: 90 }').timeouts).toEqual({ idle: 90 });
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
