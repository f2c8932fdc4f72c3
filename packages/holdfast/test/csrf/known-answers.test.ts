/** What no round trip notices: both ends would change together. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { CSRF_FIELD, CSRF_HEADER, csrfProtection, type AnySession } from '../../src/csrf/index.ts';
import { isTokenOf, issueToken } from '../../src/csrf/token.ts';
import type { SessionFeatures } from '../../src/features.ts';

const SEED = 's'.repeat(43);
const value = createHmac('sha256', SEED).update('holdfast csrf v1').digest('base64url');

test('under a mask of zeros, a token shows its value: an HMAC of the seed', async () => {
  expect(await issueToken(SEED, (length) => new Uint8Array(length))).toBe('A'.repeat(43) + value);
});

test('under a mask of the letter B, each letter is the one that follows', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const next = [...value].map((letter) => alphabet.charAt((alphabet.indexOf(letter) + 1) % 64)).join('');
  const mask = (length: number) =>
    Uint8Array.from(Buffer.from('B'.repeat(64), 'base64url')).subarray(0, length);
  expect(await issueToken(SEED, mask)).toBe('B'.repeat(43) + next);
});

test('a character outside the alphabet does not pass for the last one in it', async () => {
  const underscores = (length: number) => new Uint8Array(length).fill(0xff);
  const token = await issueToken(SEED, underscores);
  expect(token.slice(0, 43)).toBe('_'.repeat(43));
  expect(await isTokenOf(SEED, token)).toBe(true);
  for (const spelling of ['%', '/', ' ', '\0']) {
    expect(await isTokenOf(SEED, token.replaceAll('_', spelling))).toBe(false);
  }
});

test.each([
  's'.repeat(42),
  's'.repeat(44),
  `${'s'.repeat(43)}%`,
  `%${'s'.repeat(43)}`,
  '%'.repeat(43),
])("a visitor's cookie that holds %s counts as none", async (cookie) => {
  const setCookies: string[] = [];
  const features: SessionFeatures = {
    csrfSeed: undefined,
    isAuthenticated: false,
    random: (length) => new Uint8Array(length),
    readCookies: () => [cookie],
    setCookie: (line) => void setCookies.push(line),
  };
  await csrfProtection().token({ features: () => features } as unknown as AnySession);
  expect(setCookies).toHaveLength(1);
});

test('a session sets no cookie to delete what the visitor never had', async () => {
  const setCookies: string[] = [];
  const features: SessionFeatures = {
    csrfSeed: SEED,
    isAuthenticated: true,
    random: (length) => new Uint8Array(length),
    readCookies: () => [],
    setCookie: (line) => void setCookies.push(line),
  };
  await csrfProtection().token({ features: () => features } as unknown as AnySession);
  expect(setCookies).toEqual([]);
});

test('the names that forms and scripts use stay as they are', () => {
  expect([CSRF_FIELD, CSRF_HEADER]).toEqual(['_csrf', 'x-csrf-token']);
});
