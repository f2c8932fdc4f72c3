/** Runs checks one after the other: they share a site, and what one does to a session must not surprise another. */
import { isAuditError } from '../errors.ts';
import { type Mask, unnumbered } from '../mask.ts';
import type { Finding, Permission } from './check.ts';
import { type Check, ControlFailed, inconclusive, type Outcome, SEVERITIES, type Severity } from './check.ts';
import { CheckContext, type SignedIn } from './context.ts';
import type { CheckResult } from './report.ts';
import type { Account } from '../site/account.ts';
import type { Site } from '../site/site.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Timeouts } from '../profiles.ts';
import type { TimeControl } from '../time/control.ts';

export interface Progress {
  readonly check: Check;
  readonly index: number;
  readonly total: number;
  readonly requests: number;
  readonly seconds: number;
  /** Absent while it runs. */
  readonly result?: CheckResult;
}

export interface Run {
  readonly site: Site;
  readonly recipe: Recipe;
  readonly permissions: ReadonlySet<Permission>;
  readonly secondAccount?: Account | undefined;
  readonly time?: TimeControl | undefined;
  readonly whyNoTime?: string | undefined;
  readonly timeouts?: Timeouts | undefined;
  readonly signedIn: SignedIn | undefined;
  /** Why nobody is signed in. */
  readonly whyNot: string;
  readonly onProgress?: (progress: Progress) => void;
}

export async function runChecks(checks: readonly Check[], run: Run): Promise<CheckResult[]> {
  const outcomes = new Map<string, Outcome>();
  const results: CheckResult[] = [];
  for (const [index, check] of checks.entries()) {
    const progress = (result?: CheckResult): void =>
      run.onProgress?.({
        check,
        index,
        total: checks.length,
        ...run.site.client.used,
        ...(result && { result }),
      });
    progress();
    const before = run.site.client.used.requests;
    const context = new CheckContext({ ...run, outcomes });
    const outcome = await outcomeOf(check, context, run);
    outcomes.set(check.id, outcome);
    const result = resultOf(check, outcome, context, run.site.client.used.requests - before);
    results.push(result);
    progress(result);
  }
  return results;
}

async function outcomeOf(check: Check, context: CheckContext, run: Run): Promise<Outcome> {
  if (check.needs === 'account' && !run.signedIn) return inconclusive('not_configured', run.whyNot);
  if (check.changes && !run.permissions.has(check.changes)) {
    return inconclusive(
      'not_configured',
      `it changes something on the site: allow it with --allow ${check.changes}`,
    );
  }
  try {
    return await check.run(context);
  } catch (error) {
    if (error instanceof ControlFailed)
      return inconclusive('control_failed', `this did not hold: ${error.message}`);
    if (!isAuditError(error)) throw error;
    const isEnd = error.code === 'budget' || error.code === 'interrupted';
    return inconclusive(isEnd ? 'stopped' : 'fault', error.message);
  }
}

function resultOf(check: Check, outcome: Outcome, context: CheckContext, requests: number): CheckResult {
  const { mask } = context.site;
  const findings = (outcome.outcome === 'found' ? outcome.findings : []).map((finding) => {
    const subject = subjectOf(finding, mask);
    return {
      subject,
      summary: mask.apply(finding.summary),
      severity: finding.severity ?? check.severity,
      fingerprint: `${check.id}:${subject}`,
      isAccepted: false,
    };
  });
  return {
    id: check.id,
    title: check.title,
    outcome: outcome.outcome,
    severity: worst(findings.map(({ severity }) => severity)) ?? check.severity,
    requirements: check.requirements,
    summary: mask.apply(
      outcome.outcome === 'found' ? findings.map(({ summary }) => summary).join(' ') : outcome.summary,
    ),
    ...(outcome.outcome === 'inconclusive' && { because: outcome.because }),
    findings,
    about: check.about,
    evidence: {
      steps: context.evidence.steps.map((step) => ({ ...step, says: mask.apply(step.says) })),
      controls: context.evidence.controls,
    },
    requests,
  };
}

/** The same in every run: the path of a page may have the identifier of this one session in it, as `/login;jsessionid=…`. */
function subjectOf({ subject }: Finding, mask: Mask): string {
  const isPath = subject.startsWith('/');
  return unnumbered(mask.apply(isPath ? subject.replaceAll(/;[^/]*/g, '') : subject));
}

export function worst(severities: readonly Severity[]): Severity | undefined {
  return severities.toSorted((a, b) => SEVERITIES.indexOf(b) - SEVERITIES.indexOf(a))[0];
}
