/** Numbers that look random and are the same for one seed (mulberry32): a failure can be played again. */
export interface Dice {
  /** A whole number from 0 up to, and without, `below`. */
  roll(below: number): number;
  pick<T>(values: readonly T[]): T;
}

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  return {
    roll,
    pick: (values) => values[roll(values.length)] as (typeof values)[number],
  };
}
