/**
 * The token a browser holds: `id.lineage.secret`.
 *
 * - `id`, 128 random bits: finds the record; not a secret.
 * - `lineage`, 96 random bits: new at each privilege change, tells a retired secret of this session from a guess.
 * - `secret`, 256 random bits: proves possession; new at every renewal.
 *
 * ASVS 5.0 V7.2.3 asks for 128 bits, OWASP Session Management for a meaningless value.
 */
import { encodeBase64url } from './base64url.ts';
import { hmacSha256, type Random, sha256 } from './platform.ts';

export interface Token {
  readonly id: string;
  readonly lineage: string;
  readonly secret: string;
}

/** What the store keeps of a token: hashes, never the parts themselves. */
export interface TokenHashes {
  readonly lineageHash: string;
  readonly secretHash: string;
}

/**
 * token = 22BASE64URL "." 16BASE64URL "." 43BASE64URL
 *
 * 16 and 32 bytes do not fill their last character, so that base64url has several spellings for the same bytes;
 * only the one with zero bits is accepted. Otherwise one token had 16 × 4 aliases in logs and block lists.
 */
const TOKEN = /^[\w-]{21}[AQgw]\.[\w-]{16}\.[\w-]{42}[AEIMQUYcgkosw048]$/;
const ID = /^[\w-]{21}[AQgw]$/;
const LENGTH = 22 + 1 + 16 + 1 + 43;

/** The parts of a well-formed token, else `undefined`. Never throws, and never looks further than the length allows. */
export function parseToken(value: string): Token | undefined {
  if (value.length !== LENGTH || !TOKEN.test(value)) return undefined;
  return { id: value.slice(0, 22), lineage: value.slice(23, 39), secret: value.slice(40) };
}

export function formatToken(token: Token): string {
  return `${token.id}.${token.lineage}.${token.secret}`;
}

/** Whether `value` can be a session's id: for ids that come back from a form. */
export function isSessionId(value: string): boolean {
  return ID.test(value);
}

/** A token of fresh random parts; `id` is kept where a session changes its secret and lineage. */
export function mintToken(random: Random, id: string = encodeBase64url(random(16))): Token {
  return { id, lineage: encodeBase64url(random(12)), secret: encodeBase64url(random(32)) };
}

/**
 * The hashes by which a record recognises a token, over the characters.
 *
 * The hash of the secret covers the lineage too: each secret was issued under exactly one, and a current secret
 * under a foreign lineage is a forgery, not a session (see docs/adr/0002).
 */
export async function hashToken(token: Token): Promise<TokenHashes> {
  return { lineageHash: await hashLineage(token), secretHash: await hashSecret(token) };
}

export function hashLineage(token: Token): string | Promise<string> {
  return sha256(token.lineage);
}

export function hashSecret(token: Token): string | Promise<string> {
  return sha256(`${token.lineage}.${token.secret}`);
}

/** The same of a well-formed token as it was presented, without putting together again what has just been taken apart. */
export function hashPresented(token: string): string | Promise<string> {
  return sha256(token.slice(23));
}

/** A fresh salt for a periodic renewal: 256 random bits. */
export function mintSalt(random: Random): string {
  return encodeBase64url(random(32));
}

/**
 * The successor of `token` in a periodic renewal: HMAC-SHA-256 with the presented secret as its key.
 *
 * Whoever presents the same secret while the salt is kept derives the same successor, so parallel, repeated and
 * lost answers all carry one cookie. The salt alone, out of a leaked store, yields no secret.
 */
export async function deriveSuccessor(token: Token, salt: string): Promise<Token> {
  const secret = await hmacSha256(token.secret, `holdfast renewal v1|${token.id}|${salt}`);
  return { id: token.id, lineage: token.lineage, secret };
}
