/** Findings that somebody has looked at and accepted, by name: a pipeline fails on what is new. */
import { AuditError } from '../errors.ts';
import type { Report } from '../engine/report.ts';

export interface Baseline {
  readonly accepted: readonly { readonly fingerprint: string; readonly reason: string }[];
}

/** @throws AuditError `usage` for a file that is none. */
export function readBaseline(text: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AuditError('usage', 'the baseline is no JSON');
  }
  const accepted = (value as { accepted?: unknown } | null)?.accepted;
  const isList =
    Array.isArray(accepted) &&
    accepted.every((it) => typeof it?.fingerprint === 'string' && typeof it?.reason === 'string');
  if (!isList)
    throw new AuditError('usage', 'the baseline has to be { "accepted": [{ "fingerprint", "reason" }] }');
  return { accepted: accepted as Baseline['accepted'] };
}

export function withBaseline(report: Report, { accepted }: Baseline): Report {
  const known = new Set(accepted.map(({ fingerprint }) => fingerprint));
  const checks = report.checks.map((check) => ({
    ...check,
    findings: check.findings.map((finding) => ({ ...finding, isAccepted: known.has(finding.fingerprint) })),
  }));
  return { ...report, checks };
}

/** A baseline that accepts all that is open now. The reasons are for a person to write. */
export function baselineOf(report: Report): string {
  const accepted = report.checks
    .flatMap(({ findings }) => findings)
    .map(({ fingerprint }) => ({ fingerprint, reason: '' }));
  return `${JSON.stringify({ accepted }, null, 2)}\n`;
}
