/** Made-up values that look like real ones: what an attacker would try where the real ones can not be guessed. */
import { randomInt } from 'node:crypto';

const CLASSES = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ'];

/** Fresh in every run: the made-up value of an earlier one may be a session by now. Marks like points stay in place. */
export function lookalike(value: string): string {
  const isHex = /^[\da-f]+$/i.test(value);
  return value.replace(/[\dA-Za-z]/g, (char) => {
    const own = CLASSES.find((characters) => characters.includes(char)) ?? char;
    // In hexadecimal, a letter stays one of six; elsewhere any of its case will do.
    const pool =
      isHex || own.length === 10
        ? own
        : /[a-z]/.test(char)
          ? 'abcdefghijklmnopqrstuvwxyz'
          : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    return pool.charAt(randomInt(pool.length));
  });
}
