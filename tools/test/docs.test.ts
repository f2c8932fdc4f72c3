import { describe, expect, test } from 'vitest';
import { gate } from '../gates/docs.ts';
import { workspaceOf } from './fixture.ts';

const fence = '```';

describe('the documentation gate', () => {
  test('passes examples that compile, each by itself or going on from the one before', async () => {
    const root = workspaceOf({
      'README.md': [
        `# Title`,
        `${fence}ts`,
        `const a: number = 1;`,
        fence,
        `${fence}ts continue`,
        `export const b: number = a;`,
        fence,
        `${fence}ts`,
        `const a = 'another module';`,
        fence,
        `${fence}js`,
        `not compiled`,
        fence,
        `See [the title](#title), [more](docs/more.md#to-read) and [elsewhere](https://example.com/x).`,
      ].join('\n'),
      'docs/more.md': '## To read\n',
    });
    expect(await gate.check(root)).toEqual({ problems: [], notes: ['2 documents, 2 examples'] });
  });

  test('fails on an example that does not compile, and says where in the document', async () => {
    const root = workspaceOf({
      'docs/guide/start.md': `# Start\n\n${fence}ts\nconst fine = 1;\nconst wrong: string = 1;\n${fence}\n`,
    });
    const { problems } = await gate.check(root);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^docs\/guide\/start\.md:5:7: error TS2322/);
  });

  test('fails on a block that uses a name of another block without going on from it', async () => {
    const block = (code: string): string => `${fence}ts\n${code}\n${fence}\n`;
    const root = workspaceOf({ 'README.md': block('const a = 1;') + block('export const b = a;') });
    expect((await gate.check(root)).problems.join()).toContain("Cannot find name 'a'");
  });

  test('fails on links to files, headings and places outside the repository that are not there', async () => {
    const root = workspaceOf({
      'README.md':
        '# Here\n[a](gone.md) [b](docs/more.md#gone) [c](../other) [d]\n\n[d]: also-gone.md\n`[e](code.md)`\n',
      'docs/more.md': '# More\n',
    });
    const { problems } = await gate.check(root);
    expect(problems.map((problem) => problem.split(',')[0])).toEqual([
      'README.md links to gone.md',
      'README.md links to docs/more.md#gone',
      'README.md links to ../other',
      'README.md links to also-gone.md',
    ]);
  });
});
