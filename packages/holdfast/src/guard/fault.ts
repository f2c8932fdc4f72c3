/**
 * Whether an error tells of this call alone, and nothing of what the next one will meet: a record that can not be decoded, no
 * room for this session, a mistake in a program. It neither suspends calls nor is it worth a second attempt. Anything else is
 * the store's.
 */
export function isOfThisCall(error: unknown): boolean {
  // A lost connection is a TypeError of `fetch`, too: that one has a cause.
  if (error instanceof TypeError) return error.cause === undefined;
  return error instanceof SyntaxError || error instanceof RangeError || error instanceof ReferenceError;
}
