/** One secret, as what carries it spells it. */

/** As forms, addresses and JSON do. */
export function spellingsOf(value: string): string[] {
  const spellings = new Set([value]);
  try {
    spellings.add(encodeURIComponent(value));
    spellings.add(encodeURIComponent(value).replaceAll('%20', '+'));
    spellings.add(decodeURIComponent(value));
  } catch {
    // Not an encoding of anything.
  }
  spellings.add(JSON.stringify(value).slice(1, -1));
  return [...spellings];
}

/**
 * As scripts do that send it, or a text with it in it, in base64 or base64url: three bytes are four characters, so that it
 * looks different at each of three places. Where more follows, the bits that it shares a character with are left out.
 */
export function base64Of(value: string): string[] {
  const bytes = Buffer.from(value);
  const spellings = [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const own = text.slice(Math.ceil((before * 8) / 6));
    const atEnd = own.replace(/=+$/, '');
    const isWhole = (before + bytes.length) % 3 === 0;
    return [own, atEnd, isWhole ? atEnd : atEnd.slice(0, -1)];
  });
  return [
    ...new Set(
      spellings.flatMap((it) => [it, encodeURIComponent(it), it.replaceAll('+', '-').replaceAll('/', '_')]),
    ),
  ];
}
