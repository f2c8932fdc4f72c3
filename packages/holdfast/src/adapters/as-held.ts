/** What a response that is held says of itself: to the handler the answer has begun, and error middleware must not start another. */
import type { ServerResponse } from 'node:http';

const NAMES = ['headersSent', 'writableEnded'] as const;

export type Said = (typeof NAMES)[number];

export interface Holding {
  readonly isHolding: boolean;
  /** Whether the handler has ended the answer that is held. */
  readonly hasEnded: boolean;
  /** What Node says, or will again. */
  saidBy(name: Said): boolean;
}

/** Where a response keeps who holds it. */
export const HOLD: unique symbol = Symbol('holdfast.hold');

function holdingOf(res: ServerResponse): Holding {
  return (res as unknown as { readonly [HOLD]: Holding })[HOLD];
}

/**
 * The same for all responses, and not taken back: properties that are deleted, or differ from response to response, leave Node
 * an object that it is slow with, and make it slower at every response from then on.
 */
const AS_HELD: Readonly<Record<Said, PropertyDescriptor>> = {
  headersSent: {
    configurable: true,
    get(this: ServerResponse): boolean {
      const holding = holdingOf(this);
      return holding.isHolding || holding.saidBy('headersSent');
    },
  },
  writableEnded: {
    configurable: true,
    get(this: ServerResponse): boolean {
      const holding = holdingOf(this);
      return holding.isHolding ? holding.hasEnded : holding.saidBy('writableEnded');
    },
  },
};

/** From here on the response speaks as one that is held. Returns how to take that back, where the properties are its own to write. */
export function sayHeld(res: ServerResponse): (() => void) | undefined {
  const own: PropertyDescriptorMap = {};
  for (const name of NAMES) {
    const known = Object.getOwnPropertyDescriptor(res, name);
    if (known && known.get !== AS_HELD[name].get) own[name] = known;
  }
  Object.defineProperties(res, AS_HELD);
  return Object.keys(own).length === 0 ? undefined : () => void Object.defineProperties(res, own);
}
