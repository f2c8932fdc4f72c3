import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  deriveSuccessor,
  formatToken,
  hashSecret,
  hashToken,
  isSessionId,
  mintSalt,
  mintToken,
  parseToken,
  type Token,
} from '../src/token.ts';
import { LONG, property } from './support/long.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A source that gives what it is told to: tokens of any bytes. */
const tokens = fc.tuple(fc.uint8Array({ minLength: 60, maxLength: 60 })).map(([bytes]) => {
  let used = 0;
  return mintToken((length) => bytes.slice(used, (used += length)));
});

test('a minted token is read back as it was, and looks like 22.16.43 (ASVS-7.2.3)', () => {
  fc.assert(
    fc.property(tokens, (token) => {
      const text = formatToken(token);
      expect(text).toMatch(/^[\w-]{22}\.[\w-]{16}\.[\w-]{43}$/);
      expect(parseToken(text)).toEqual(token);
      expect(isSessionId(token.id)).toBe(true);
    }),
    property,
  );
});

test('only the canonical spelling is accepted: of all that decode to the same bytes, one', () => {
  fc.assert(
    fc.property(tokens, fc.constantFrom(21, 82), (token, last) => {
      const text = formatToken(token);
      const spellings = [...ALPHABET].map((char) => text.slice(0, last) + char + text.slice(last + 1));
      const bytes = (spelling: string): string[] =>
        spelling.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
      const same = spellings.filter((spelling) => bytes(spelling).join() === bytes(text).join());
      expect(same.length).toBe(last === 21 ? 16 : 4);
      expect(same.filter((spelling) => parseToken(spelling) !== undefined)).toEqual([text]);
    }),
    { ...property, numRuns: LONG ? 2_000 : 50 },
  );
});

test('whatever is accepted is written back as the same characters', () => {
  const almost = fc.tuple(
    fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 22, maxLength: 22 }),
    fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 16, maxLength: 16 }),
    fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 43, maxLength: 43 }),
  );
  fc.assert(
    fc.property(almost, (parts) => {
      const text = parts.join('.');
      const token = parseToken(text);
      const isCanonical = parts.every(
        (part) => Buffer.from(part, 'base64url').toString('base64url') === part,
      );
      expect(token !== undefined).toBe(isCanonical);
      if (token) expect(formatToken(token)).toBe(text);
    }),
    property,
  );
});

test('of the 64 characters that could be the last, 4 end an id and 16 end a secret', () => {
  const accepted = (make: (last: string) => string): string[] =>
    [...ALPHABET].filter((last) => parseToken(make(last)) !== undefined);
  const canonical = (length: number): string[] =>
    [...ALPHABET].filter((last) => {
      const part = 'A'.repeat(length - 1) + last;
      return Buffer.from(part, 'base64url').toString('base64url') === part;
    });
  const [id, lineage, secret] = ['A'.repeat(21), 'A'.repeat(16), 'A'.repeat(42)];
  expect(accepted((last) => `${id}${last}.${lineage}.${secret}A`)).toEqual(canonical(22));
  expect(accepted((last) => `${id}A.${lineage.slice(1)}${last}.${secret}A`)).toEqual(canonical(16));
  expect(accepted((last) => `${id}A.${lineage}.${secret}${last}`)).toEqual(canonical(43));
});

test('no string at all makes it throw (SM-15)', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary', minLength: 83, maxLength: 83 }),
    fc.string({ minLength: 83, maxLength: 83 }),
    fc.constant('x'.repeat(1_000_000)),
  );
  fc.assert(
    fc.property(anything, (text) => {
      expect(parseToken(text)).toBeUndefined();
      expect(isSessionId(text)).toBe(/^[\w-]{21}[AQgw]$/.test(text));
    }),
    property,
  );
});

test('a good token with anything before, after or within it is not one', () => {
  fc.assert(
    fc.property(
      tokens,
      fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
      fc.nat(83),
      (token, more, at) => {
        const text = formatToken(token);
        expect(parseToken(text.slice(0, at) + more + text.slice(at))).toBeUndefined();
      },
    ),
    property,
  );
});

test.each(['\n', ' ', '\u0000', '=', '"'])('a token followed by %j is not one', (end) => {
  expect(parseToken(`${'A'.repeat(22)}.${'A'.repeat(16)}.${'A'.repeat(43)}${end}`)).toBeUndefined();
  expect(parseToken(`${'A'.repeat(22)}.${'A'.repeat(16)}.${'A'.repeat(42)}${end}`)).toBeUndefined();
  expect(isSessionId(`${'A'.repeat(22)}${end}`)).toBe(false);
});

test('what is kept of a token are SHA-256 hashes of its characters, the secret’s together with its lineage (ASVS-11.4.3)', async () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
  await fc.assert(
    fc.asyncProperty(tokens, async (token) => {
      expect(await hashToken(token)).toEqual({
        lineageHash: sha256(token.lineage),
        secretHash: sha256(`${token.lineage}.${token.secret}`),
      });
      expect(await hashSecret(token)).toBe(sha256(`${token.lineage}.${token.secret}`));
    }),
    property,
  );
});

test('a successor is the HMAC of id and salt under the presented secret; id and lineage stay', async () => {
  await fc.assert(
    fc.asyncProperty(tokens, fc.uint8Array({ minLength: 32, maxLength: 32 }), async (token, bytes) => {
      const salt = mintSalt(() => bytes);
      const successor = await deriveSuccessor(token, salt);
      const expected = createHmac('sha256', token.secret).update(`holdfast renewal v1|${token.id}|${salt}`);
      expect(successor).toEqual({
        id: token.id,
        lineage: token.lineage,
        secret: expected.digest('base64url'),
      });
      expect(parseToken(formatToken(successor))).toEqual(successor);
      expect(await deriveSuccessor(token, salt)).toEqual(successor);
    }),
    property,
  );
});

test('a successor depends on the secret, the id and the salt, on every bit of each', async () => {
  const token: Token = mintToken((length) => new Uint8Array(length).fill(7));
  const salt = mintSalt((length) => new Uint8Array(length).fill(9));
  const seen = new Set([(await deriveSuccessor(token, salt)).secret]);
  let count = 1;
  const flipped = (text: string): string[] =>
    [...text].map((char, i) => text.slice(0, i) + (char === 'x' ? 'y' : 'x') + text.slice(i + 1));
  for (const secret of flipped(token.secret))
    seen.add((await deriveSuccessor({ ...token, secret }, salt)).secret);
  for (const id of flipped(token.id)) seen.add((await deriveSuccessor({ ...token, id }, salt)).secret);
  for (const other of flipped(salt)) seen.add((await deriveSuccessor(token, other)).secret);
  count += token.secret.length + token.id.length + salt.length;
  expect(seen.size).toBe(count);
});

test('an id is minted only where none is given, and lineage and secret always', () => {
  const lengths: number[] = [];
  const random = (length: number): Uint8Array => {
    lengths.push(length);
    return new Uint8Array(length);
  };
  expect(mintToken(random).id).toBe('A'.repeat(22));
  expect(mintToken(random, 'kept').id).toBe('kept');
  expect(lengths).toEqual([16, 12, 32, 12, 32]);
});
