/** Flaws of time and of chance: options that nobody should choose. */
import type { Flaw } from './flaw.ts';

const FOR_EVER = '400d';
let counter = Date.now();

export const lifetimeFlaws = {
  renewal: {
    says: 'the token stays the same for the whole session',
    options: () => ({ renewAfter: FOR_EVER }),
  },
  idle: {
    says: 'a session that nobody uses lives on until its longest time',
    options: ({ absoluteTimeout = '8h' }) => ({ idleTimeout: absoluteTimeout }),
  },
  absolute: {
    says: 'a session that is used lives for ever',
    options: () => ({ absoluteTimeout: FOR_EVER }),
  },
  randomness: {
    says: 'tokens are counted, not drawn: whoever has one knows the next',
    options: () => ({
      unsafeRandom(length) {
        const bytes = new Uint8Array(length);
        new DataView(bytes.buffer).setBigUint64(length - 8, BigInt(counter++));
        return bytes;
      },
    }),
  },
} satisfies Readonly<Record<string, Flaw>>;
