/** Set `HOLDFAST_LONG` for the long form of the random tests. */
export const LONG: boolean = !!process.env.HOLDFAST_LONG;

/** How many random cases a property is tried with, and where they start: the same on every machine. */
export const property: { readonly numRuns: number; readonly seed: number } = {
  numRuns: LONG ? 20_000 : 300,
  seed: 42,
};
