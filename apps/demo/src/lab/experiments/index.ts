import type { Experiment } from '../experiment.ts';
import { crossSite } from './cross-site.ts';
import { fixation } from './fixation.ts';
import { guessing } from './guessing.ts';
import { oldCookie } from './old-cookie.ts';
import { readingScript } from './reading-script.ts';
import { slowRequest } from './slow-request.ts';
import { stolenCookie } from './stolen-cookie.ts';
import { twoTabs } from './two-tabs.ts';

/** In the order in which they are told. */
export const EXPERIMENTS: readonly Experiment[] = [
  stolenCookie,
  fixation,
  crossSite,
  readingScript,
  guessing,
  twoTabs,
  slowRequest,
  oldCookie,
];
