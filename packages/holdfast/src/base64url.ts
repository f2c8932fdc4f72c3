/** The 64 letters, in the order of their values. */
export const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** base64url without padding (RFC 4648 §5). */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = '';
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const group = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8) | at(bytes, i + 2);
    text += digit(group >> 18) + digit(group >> 12) + digit(group >> 6) + digit(group);
  }
  const left = bytes.length - i;
  if (left === 1) {
    const group = at(bytes, i) << 16;
    text += digit(group >> 18) + digit(group >> 12);
  } else if (left === 2) {
    const group = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8);
    text += digit(group >> 18) + digit(group >> 12) + digit(group >> 6);
  }
  return text;
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function digit(group: number): string {
  return ALPHABET.charAt(group & 63);
}
