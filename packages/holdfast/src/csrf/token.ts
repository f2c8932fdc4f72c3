/**
 * CSRF tokens: one value per seed, under a fresh mask in every answer.
 *
 * The value is derived, so that a page that shows its token does not show the seed. The mask makes every token look
 * different, so that compressing a page does not give the value away letter by letter (BREACH). Tokens have no expiry and are not
 * spent: a new seed, which every privilege change brings, is what ends them (CSRF-13, CSRF-15).
 */
import { ALPHABET, encodeBase64url } from '../base64url.ts';
import { equalConstantTime, hmacSha256, type Random } from '../platform.ts';

const LENGTH = 43;
const TOKEN = /^[\w-]{86}$/;

/** A token for one answer: the mask, and the value under it. */
export async function issueToken(seed: string, random: Random): Promise<string> {
  const mask = encodeBase64url(random(33)).slice(0, LENGTH);
  return mask + shift(await valueOf(seed), mask, 1);
}

/** Whether `token` was issued for `seed`. Never throws, whatever it holds. */
export async function isTokenOf(seed: string, token: string): Promise<boolean> {
  if (token.length !== 2 * LENGTH || !TOKEN.test(token)) return false;
  return equalConstantTime(shift(token.slice(LENGTH), token.slice(0, LENGTH), -1), await valueOf(seed));
}

function valueOf(seed: string): string | Promise<string> {
  return hmacSha256(seed, 'holdfast csrf v1');
}

/** A one-time pad over the 64 letters: each is moved on by the letter of the mask, or back. */
function shift(text: string, mask: string, direction: 1 | -1): string {
  let shifted = '';
  for (let i = 0; i < text.length; i++) {
    const index = ALPHABET.indexOf(text.charAt(i)) + direction * ALPHABET.indexOf(mask.charAt(i));
    shifted += ALPHABET.charAt(index & 63);
  }
  return shifted;
}
