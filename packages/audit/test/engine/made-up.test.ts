import { expect, test } from 'vitest';
import { madeUpFor } from '../../src/engine/made-up.ts';

const isShown = (word: string): boolean => ['ada', 'lovelace'].includes(word.toLowerCase());
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each([
  ['a name', 'ada', 'nobody', ['ada']],
  ['a name in capitals', 'ADA', 'nobody', ['ADA']],
  ['a whole name', 'Ada%20Lovelace', 'nobody%20nobody', ['Ada', 'Lovelace']],
  ['a name among other things', 'id=7&name=ada', 'id=7&name=nobody', ['ada']],
  ['a name in another word', 'adapter', 'nobody', []],
  ['an address', 'ada@shop.test', 'nobody@shop.test', ['ada']],
  ['JSON', encodeURIComponent('{"name":"ada"}'), encodeURIComponent('{"name":"nobody"}'), ['ada']],
  ['JSON in base64', base64('{"name":"ada"}'), base64('{"name":"nobody"}'), ['ada']],
  [
    'the same, written for a cookie',
    encodeURIComponent(base64('{"name":"ada"}')),
    encodeURIComponent(base64('{"name":"nobody"}')),
    ['ada'],
  ],
  ['a number of an account', '7', 'nobody', []],
  ['half an encoding', '%', 'nobody', []],
])('%s', (_says, value, expected, shown) => {
  expect(madeUpFor(value, 'nobody', isShown)).toEqual({ value: expected, shown });
});

test('a token becomes another that looks like it', () => {
  const token = '0123456789abcdef0123456789abcdef';
  const { value, shown } = madeUpFor(token, 'nobody', isShown);
  expect(value).toMatch(/^[\da-f]{32}$/);
  expect(value).not.toBe(token);
  expect(shown).toEqual([]);
});
