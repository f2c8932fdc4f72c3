/** What a check is: data about it, and one function that decides. */
import type { CheckContext } from './context.ts';

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** From the least to the worst. */
export const SEVERITIES: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

export interface Check {
  /** Stable: baselines, reports and pipelines name it. */
  readonly id: string;
  /** What is wrong where it finds something. */
  readonly title: string;
  readonly severity: Severity;
  /** ASVS, NIST, WSTG, CWE … as their own documents number them. */
  readonly requirements: readonly string[];
  /** Whether it needs an account. */
  readonly needs: 'nothing' | 'account';
  /** What has to be allowed by name, because it changes something on the site. */
  readonly changes?: Permission;
  readonly about: About;
  run(context: CheckContext): Promise<Outcome>;
}

export type Permission = 'password-change' | 'state-change';

/** Plain prose, for who has never heard of any of it. */
export interface About {
  readonly what: string;
  readonly why: string;
  readonly decides: string;
  readonly fix: string;
}

export type Outcome =
  | { readonly outcome: 'found'; readonly findings: readonly [Finding, ...Finding[]] }
  | { readonly outcome: 'clean'; readonly summary: string }
  | { readonly outcome: 'inconclusive'; readonly because: Because; readonly summary: string };

export interface Finding {
  /** One sentence about this site. */
  readonly summary: string;
  /** What it is about, for a baseline: a cookie, a page. The same in every run. */
  readonly subject: string;
  /** Where this one is not as bad, or worse, than the check says. */
  readonly severity?: Severity;
}

/**
 * - `not_applicable`: there is nothing here that it could be about
 * - `not_configured`: the recipe, an account or a permission is missing
 * - `control_failed`: what had to hold for a verdict did not
 * - `covered`: another check found the same cause, and says so
 * - `stopped`: the budget was used up, or somebody stopped the audit
 * - `fault`: the site did not answer as a site does
 */
export type Because =
  | 'not_applicable'
  | 'not_configured'
  | 'control_failed'
  | 'covered'
  | 'stopped'
  | 'fault';

export function clean(summary: string): Outcome {
  return { outcome: 'clean', summary };
}

export function inconclusive(because: Because, summary: string): Outcome {
  return { outcome: 'inconclusive', because, summary };
}

/** Found where there are findings, and clean where there are none. */
export function foundOr(findings: readonly Finding[], otherwise: string): Outcome {
  const [first, ...rest] = findings;
  return first ? { outcome: 'found', findings: [first, ...rest] } : clean(otherwise);
}

/** What has to hold before a verdict means anything. */
export interface Control {
  readonly kind: 'positive' | 'negative';
  readonly says: string;
  readonly holds: boolean;
}

export class ControlFailed extends Error {
  override readonly name = 'ControlFailed';
}
