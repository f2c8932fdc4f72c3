import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gate, idsIn } from '../gates/conformance.ts';
import { workspaceOf } from './fixture.ts';

const requirements = JSON.stringify({
  'ASVS-7.4.1': { level: 'L1', asks: 'Signed out is signed out.' },
  'SM-14': { level: 'must', asks: 'No foreign id.' },
  'LV-3': { level: 'INFO', asks: 'Say why.' },
});

function tests(code: string): string {
  return workspaceOf({
    'tools/conformance/requirements.json': requirements,
    'packages/holdfast/test/life.test.ts': code,
    'packages/holdfast/src/testing/contract.ts': `export const name = 'SM-14 a forged | id';`,
    'docs/README.md': '',
  });
}

describe('the conformance gate', () => {
  test('makes a table of what tests show, and a list of what they do not', async () => {
    const root = tests(
      `// SM-14 in a comment is no proof\ntest('ASVS-7.4.1: a token is dead after sign-out', f);`,
    );
    await gate.write?.(root);
    const page = readFileSync(join(root, 'docs/conformance.md'), 'utf8');
    expect(page).toContain(
      '| ASVS-7.4.1 | L1 | Signed out is signed out. | ASVS-7.4.1: a token is dead after sign-out ([test](../packages/holdfast/test/life.test.ts)) |',
    );
    expect(page).toContain('SM-14 a forged \\| id ([test](../packages/holdfast/src/testing/contract.ts)) |');
    expect(page).toContain('## Not shown by a test\n\nLV-3.\n');
    expect((await gate.check(root)).problems).toEqual([]);
  });

  test('fails when a test names a requirement that does not exist', async () => {
    const root = tests(`test('ASVS-7.4.99 is made up', f);`);
    await gate.write?.(root);
    expect((await gate.check(root)).problems).toEqual([
      'packages/holdfast/test/life.test.ts names ASVS-7.4.99, which is not in tools/conformance/requirements.json.',
    ]);
  });

  test('fails when the page is not what the tests show', async () => {
    expect((await gate.check(tests(''))).problems.join()).toContain('docs/conformance.md is not what');
  });

  test.each([
    ['ASVS-7.2.4, NIST-5.2: a new secret', ['ASVS-7.2.4', 'NIST-5.2']],
    ['NIST-5.1-1 and NIST-5.1.1-5.', ['NIST-5.1-1', 'NIST-5.1.1-5']],
    [
      'RFC6265bis-4.1.3.2 RFC6265bis-4.1.1-d RFC9700-4.14.2',
      ['RFC6265bis-4.1.3.2', 'RFC6265bis-4.1.1-d', 'RFC9700-4.14.2'],
    ],
    [
      'SM-14/CSRF-11/LV-3/FM-1/CH-1/CSD-1, SM-14 again',
      ['SM-14', 'CSRF-11', 'LV-3', 'FM-1', 'CH-1', 'CSD-1'],
    ],
    ['no SHA-256, UTF-8 or HMAC-SHA-256', []],
  ])('finds the ids in "%s"', (title, ids) => {
    expect(idsIn(title)).toEqual(ids);
  });
});
