import { test } from 'vitest';

/** A test of some adapters only: the others have no such thing to test, which is not the same as a test that is skipped. */
export function testOn(isMeant: boolean): typeof test {
  return isMeant ? test : ((() => undefined) as unknown as typeof test);
}
