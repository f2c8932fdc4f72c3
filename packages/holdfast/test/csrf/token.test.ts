import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTokenOf, issueToken } from '../../src/csrf/token.ts';
import { encodeBase64url } from '../../src/base64url.ts';
import type { Random } from '../../src/platform.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const seed = bytes(32).map(encodeBase64url);
/** Bytes that look random, and are the same in every run. */
function pseudoRandom(): Random {
  let calls = 0;
  return (length) => createHash('shake256', { outputLength: length }).update(String(calls++)).digest();
}

/** A token under a mask that the property chooses. */
const issueUnder = (of: string, mask: Uint8Array) => issueToken(of, () => mask);

describe('a CSRF token', () => {
  test('is accepted for its seed, whatever the mask (CSRF-13)', async () => {
    await fc.assert(
      fc.asyncProperty(seed, bytes(33), async (of, mask) => {
        expect(await isTokenOf(of, await issueUnder(of, mask))).toBe(true);
      }),
    );
  });

  test('is refused for any other seed (CSRF-14)', async () => {
    await fc.assert(
      fc.asyncProperty(seed, seed, bytes(33), async (of, other, mask) => {
        fc.pre(of !== other);
        expect(await isTokenOf(other, await issueUnder(of, mask))).toBe(false);
      }),
    );
  });

  test('is refused with any one character changed, added or left out', async () => {
    const index = fc.nat({ max: 85 });
    await fc.assert(
      fc.asyncProperty(seed, bytes(33), index, fc.string({ maxLength: 2 }), async (of, mask, at, put) => {
        const token = await issueUnder(of, mask);
        const changed = token.slice(0, at) + put + token.slice(at + 1);
        fc.pre(changed !== token);
        expect(await isTokenOf(of, changed)).toBe(false);
      }),
    );
  });

  test('never throws, whatever came in its place', async () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(...'Aa0-_=+/\0é'), minLength: 86, maxLength: 86 }),
    );
    await fc.assert(
      fc.asyncProperty(seed, anything, async (of, token) => {
        expect(await isTokenOf(of, token)).toBe(false);
      }),
    );
  });

  test('does not throw of a megabyte', async () => {
    expect(await isTokenOf('A'.repeat(43), 'A'.repeat(1_000_000))).toBe(false);
  });

  test('looks different every time, in both halves', async () => {
    const of = 'A'.repeat(43);
    const random = pseudoRandom();
    const tokens = await Promise.all(Array.from({ length: 64 }, () => issueToken(of, random)));
    expect(new Set(tokens.map((token) => token.slice(0, 43))).size).toBe(64);
    expect(new Set(tokens.map((token) => token.slice(43))).size).toBe(64);
    expect(tokens.every((token) => /^[\w-]{86}$/.test(token))).toBe(true);
  });

  test('shows nothing of its seed, not even under a mask of zeros', async () => {
    const of = encodeBase64url(Uint8Array.from({ length: 32 }, (_, i) => i));
    const token = await issueUnder(of, new Uint8Array(33));
    expect(token.slice(0, 43)).toBe('A'.repeat(43));
    expect(token.slice(43)).not.toBe(of);
  });

  test('comes under a mask that favours no letter, so that many tokens do not tell the value', async () => {
    const random = pseudoRandom();
    const counts = new Map<string, number>();
    for (let round = 0; round < 64 * 64; round++) {
      const token = await issueToken('A'.repeat(43), random);
      const last = token.charAt(42);
      counts.set(last, (counts.get(last) ?? 0) + 1);
    }
    expect(counts.size).toBe(64);
    // 64 of each are to be expected.
    for (const [letter, count] of counts) expect(count, letter).toBeGreaterThan(14);
  });
});
