import { expect, test } from 'vitest';
import { countTests } from '../lib/vitest-report.ts';

function file(status: string, ...states: string[]): object {
  return { name: 'a.test.ts', status, assertionResults: states.map((state) => ({ status: state })) };
}

test.each([
  ['all pass', [file('passed', 'passed', 'passed')], 0, { passed: 2, failed: 0, skipped: 0 }],
  ['one fails', [file('failed', 'passed', 'failed')], 1, { passed: 1, failed: 1, skipped: 0 }],
  ['one is skipped', [file('passed', 'passed', 'skipped')], 0, { passed: 1, failed: 0, skipped: 1 }],
  ['one is left to do', [file('passed', 'passed', 'todo')], 0, { passed: 1, failed: 0, skipped: 1 }],
  [
    'a file cannot be loaded',
    [file('failed'), file('passed', 'passed')],
    1,
    { passed: 1, failed: 1, skipped: 0 },
  ],
  [
    'an error is thrown outside any test',
    [file('passed', 'passed')],
    1,
    { passed: 1, failed: 1, skipped: 0 },
  ],
  ['there are no tests', [], 0, { passed: 0, failed: 1, skipped: 0 }],
])('counts when %s', (_, testResults, exitCode, counts) => {
  const report = { success: exitCode === 0, testResults } as Parameters<typeof countTests>[0];
  expect(countTests(report, exitCode)).toEqual(counts);
});

test('a run that leaves no report has failed', () => {
  expect(countTests(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
