/**
 * The fastest hash, random source and constant-time comparison this runtime offers. Everything else in the
 * library is the same code on Node, Bun, Deno and workerd.
 *
 * Where `node:crypto` is there, its one-shot `hash` costs under 1 µs; `crypto.subtle.digest` costs up to 50.
 * It is fetched through `process.getBuiltinModule`, so that nothing here imports a `node:` module and bundlers
 * for other runtimes have nothing to stub.
 */
import { encodeBase64url } from './base64url.ts';

interface NodeCrypto {
  hash(algorithm: string, data: string, encoding: string): string;
  createHmac(algorithm: string, key: string): { update(data: string): { digest(encoding: string): string } };
}

interface WithProcess {
  process?: { getBuiltinModule?: (name: string) => unknown };
}

function nodeCrypto(): NodeCrypto | undefined {
  const found = (globalThis as WithProcess).process?.getBuiltinModule?.('node:crypto') as
    | Partial<NodeCrypto>
    | undefined;
  return typeof found?.hash === 'function' && typeof found.createHmac === 'function'
    ? (found as NodeCrypto)
    : undefined;
}

const node = nodeCrypto();
const utf8 = new TextEncoder();

/** SHA-256 of the characters of `text` (UTF-8), base64url. A promise only where the runtime has no synchronous hash. */
export const sha256: (text: string) => string | Promise<string> = node
  ? (text) => node.hash('sha256', text, 'base64url')
  : async (text) => encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(text))));

/** HMAC-SHA-256 (RFC 2104) of `message` under `key`, both as UTF-8, base64url. */
export const hmacSha256: (key: string, message: string) => string | Promise<string> = node
  ? (key, message) => node.createHmac('sha256', key).update(message).digest('base64url')
  : async (key, message) => {
      const imported = await crypto.subtle.importKey(
        'raw',
        utf8.encode(key),
        { name: 'HMAC', hash: 'SHA-256' },
        false,
        ['sign'],
      );
      return encodeBase64url(
        new Uint8Array(await crypto.subtle.sign('HMAC', imported, utf8.encode(message))),
      );
    };

/** A source of random bytes; the returned array belongs to the caller. */
export type Random = (length: number) => Uint8Array;

const POOL_SIZE = 4096;
const pool = new Uint8Array(POOL_SIZE);
let used = POOL_SIZE;

/**
 * Bytes of the runtime's CSPRNG, drawn in blocks: one call for 32 bytes costs ten times a share of a block.
 * What was handed out is erased from the block, so that it stays in one place only.
 */
export const systemRandom: Random = (length) => {
  if (length > POOL_SIZE) throw new RangeError(`at most ${POOL_SIZE} random bytes at once`);
  if (used + length > POOL_SIZE) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const bytes = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
};

/**
 * Compares two strings in time that depends on their lengths alone. The inputs are hashes of fixed length, so a
 * difference in length tells nothing; the loop has no branch that depends on what it reads.
 */
export function equalConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
