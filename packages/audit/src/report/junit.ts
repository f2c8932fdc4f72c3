/** JUnit XML, which every CI server shows: a check is a test, and one that is not judged is skipped. */
import type { CheckResult, Report } from '../engine/report.ts';

export function junitReport(report: Report): string {
  const failed = report.checks.filter(isFailure).length;
  const skipped = report.checks.filter(({ outcome }) => outcome === 'inconclusive').length;
  const counts = `tests="${report.checks.length}" failures="${failed}" errors="0" skipped="${skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="holdfast-audit" ${counts} time="${report.seconds}">`,
    `  <testsuite name="${xml(report.target)}" ${counts} time="${report.seconds}" timestamp="${report.startedAt}">`,
    ...report.checks.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function isFailure({ findings }: CheckResult): boolean {
  return findings.some(({ isAccepted }) => !isAccepted);
}

function testCase(result: CheckResult): string {
  const head = `    <testcase classname="${xml(result.id)}" name="${xml(result.title)}"`;
  if (isFailure(result)) {
    const type = `type="${result.severity}" message="${xml(result.summary)}"`;
    return `${head}><failure ${type}>${xml(`${result.about.why}\n\n${result.fixHere ?? result.about.fix}\n\n${result.requirements.join(', ')}`)}</failure></testcase>`;
  }
  if (result.outcome === 'inconclusive')
    return `${head}><skipped message="${xml(result.summary)}"/></testcase>`;
  return `${head}/>`;
}

/** XML 1.0 §2.2 has no control characters, not even escaped. */
export function xml(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- these are the ones.
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/g, '\uFFFD')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  );
}
