import type { Experiment } from '../experiment.ts';
import { fixation } from './fixation.ts';
import { slowRequest } from './slow-request.ts';
import { stolenCookie } from './stolen-cookie.ts';

/** In the order in which they are told. */
export const EXPERIMENTS: readonly Experiment[] = [stolenCookie, fixation, slowRequest];
