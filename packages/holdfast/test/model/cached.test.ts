/** The model with a cache before the store on each server: the invariants hold, weakened by exactly the bound that is stated. */
import { test } from 'vitest';
import { GRACE } from './constants.ts';
import { honestStaySignedIn, invariantsHold } from './properties.ts';
import { runs } from './runs.ts';

test(
  'the invariants hold in every world, where notices are late, lost or cut off (invariants 1 to 10)',
  () => invariantsHold(runs, true),
  runs.numRuns * 60,
);

test.each([5_000, 30_000, 2 * GRACE])(
  'nobody honest is signed out by caches of up to %i ms, whatever befalls their notices',
  (maxAge) => honestStaySignedIn(runs, maxAge),
  runs.numRuns * 60,
);
