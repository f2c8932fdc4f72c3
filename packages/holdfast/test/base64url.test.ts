import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBase64url } from '../src/base64url.ts';
import { property } from './support/long.ts';

test('bytes are written as Buffer writes them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(encodeBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
    }),
    property,
  );
});

test.each([
  [[], ''],
  [[0], 'AA'],
  [[0, 0], 'AAA'],
  [[0, 0, 0], 'AAAA'],
  [[255, 255, 255, 255], '_____w'],
  [[251, 239, 190], '----'],
])('%j is written %j', (bytes, text) => {
  expect(encodeBase64url(Uint8Array.from(bytes))).toBe(text);
});
