/** The seam at which the model's tests count the library's decisions, and break them. */
import type * as change from '../../src/change.ts';
import type * as verdict from '../../src/verdict.ts';

export type VerdictRule = typeof verdict.verdict;
export type ChangeRule = typeof change.applyChange;

export interface Rules {
  verdict: (real: VerdictRule) => VerdictRule;
  change: (real: ChangeRule) => ChangeRule;
}

export const unbroken: Rules = { verdict: (real) => real, change: (real) => real };
