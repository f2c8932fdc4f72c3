/** The same words in every report. */
import { SEVERITIES, type Severity } from '../engine/check.ts';
import type { CheckResult, Report, ReportedFinding } from '../engine/report.ts';

export interface OpenFinding {
  readonly result: CheckResult;
  readonly finding: ReportedFinding;
}

/** What is to be done something about, the worst first. */
export function openFindings(report: Report): OpenFinding[] {
  return report.checks
    .flatMap((result) => result.findings.map((finding) => ({ result, finding })))
    .filter(({ finding }) => !finding.isAccepted)
    .toSorted((a, b) => rank(b.finding.severity) - rank(a.finding.severity));
}

export function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

function isNothingJudged({ checks }: Report): boolean {
  return checks.every(({ outcome }) => outcome === 'inconclusive');
}

export type Grade = 'A' | 'B' | 'C' | 'D' | 'F';

/** By the worst that is open. Nobody signed in, not all was done, or nothing judged: then there is no grade. */
export function gradeOf(report: Report): Grade | undefined {
  if (!report.signIn || report.stopped !== undefined) return undefined;
  if (isNothingJudged(report)) return undefined;
  const [worst] = openFindings(report);
  const grades: Readonly<Record<Severity, Grade>> = {
    critical: 'F',
    high: 'D',
    medium: 'C',
    low: 'B',
    info: 'A',
  };
  return worst ? grades[worst.finding.severity] : 'A';
}

/** @param write a name, as the report writes names */
export function signedInAs(
  { user, secondUser, secondUserFailed }: NonNullable<Report['signIn']>,
  write: (name: string) => string = (name) => name,
): string {
  if (secondUser !== undefined) return `${write(user)}, and as ${write(secondUser)} where it takes two`;
  if (secondUserFailed === undefined) return write(user);
  return `${write(user)}; signing in as ${write(secondUserFailed)}, where it takes two, did not work`;
}

export function countOf(report: Report, outcome: CheckResult['outcome']): number {
  return report.checks.filter((result) => result.outcome === outcome).length;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** One sentence for the head of a report. */
export function summaryOf(report: Report): string {
  const open = openFindings(report).length;
  const found = open === 0 ? 'No weakness found' : `${plural(open, 'weakness', 'weaknesses')} found`;
  const unclear = countOf(report, 'inconclusive');
  const rest = unclear === 0 ? '' : `, ${plural(unclear, 'check')} inconclusive`;
  return `${found}${rest}, ${plural(countOf(report, 'clean'), 'check')} clean.`;
}
