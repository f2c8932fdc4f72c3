/** The part of vitest's JSON report that decides. */
export interface VitestReport {
  success: boolean;
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string }[];
  }[];
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A file that could not be loaded has no tests to fail, and a run can fail by an error outside any test: both count. */
export function countTests(report: VitestReport | undefined, exitCode: number): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    const states = file.assertionResults.map((test) => test.status);
    const failed = states.filter((state) => state === 'failed').length;
    counts.passed += states.filter((state) => state === 'passed').length;
    counts.failed += failed === 0 && file.status === 'failed' ? 1 : failed;
    counts.skipped += states.filter((state) => state !== 'passed' && state !== 'failed').length;
  }
  const wentWrong = exitCode !== 0 || report?.success !== true || counts.passed === 0;
  if (wentWrong && counts.failed === 0 && counts.skipped === 0) counts.failed = 1;
  return counts;
}
