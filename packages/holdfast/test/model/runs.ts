import { LONG } from '../support/long.ts';
import type { Runs } from './properties.ts';

/** The same worlds on every machine; `HOLDFAST_SEED` for others. A failure prints the seed and the shortest run that fails. */
export const runs: Runs = {
  numRuns: LONG ? 12_000 : 400,
  seed: Number(process.env['HOLDFAST_SEED'] ?? 42),
};
