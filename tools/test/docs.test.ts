import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gate } from '../gates/docs.ts';
import { runExamples } from '../lib/examples.ts';
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
    expect(await gate.check(root)).toEqual({
      problems: [],
      notes: ['2 documents, 2 examples, 0 of them run'],
    });
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

  describe('runs the examples marked `ts run`', () => {
    const howTo = (info: string, ...code: string[]): Record<string, string> => ({
      'docs/howto/sums.md': `# Sums\n\n${[`${fence}${info}`, ...code, fence].join('\n')}\n`,
    });

    test('and passes those that end well', async () => {
      const root = workspaceOf(
        howTo('ts run', `import assert from 'node:assert/strict';`, `assert.equal(1 + 1, 2);`),
      );
      expect(await gate.check(root)).toEqual({
        problems: [],
        notes: ['1 documents, 1 examples, 1 of them run'],
      });
    });

    test('and fails on an assertion that does not hold, with the line in the document', async () => {
      const root = workspaceOf(
        howTo('ts run', `import assert from 'node:assert/strict';`, `assert.equal(1 + 1, 3);`),
      );
      const { problems } = await gate.check(root);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^docs\/howto\/sums\.md: an example ended with 1\.\n/);
      expect(problems[0]).toContain('docs/howto/sums.md:5');
    });

    test('and fails on a rejection that nobody handles', async () => {
      const root = workspaceOf(howTo('ts run', `void Promise.reject(new Error('lost'));`));
      expect((await gate.check(root)).problems.join()).toContain('lost');
    });

    test('together with the blocks that go on from them', async () => {
      const block = (info: string, code: string): string => `${fence}${info}\n${code}\n${fence}\n`;
      const root = workspaceOf({
        'README.md': block('ts run', 'const a = 1;') + block('ts continue', 'if (a === 1) process.exit(3);'),
      });
      expect((await gate.check(root)).problems.join()).toContain('README.md: an example ended with 3.');
    });

    test('with vitest, where they are tests for it', async () => {
      const root = workspaceOf({
        ...howTo('ts run', `import { test } from 'vitest';`, `test('x', () => process.exit(1));`),
        // Packages are found by walking up from the file: a workspace without this one has none.
        'node_modules/vitest/package.json': `{ "name": "vitest", "types": "index.d.ts", "main": "index.js" }`,
        'node_modules/vitest/index.d.ts': `export declare function test(name: string, run: () => void): void;`,
        'node_modules/vitest/index.js': `exports.test = () => undefined;`,
      });
      expect((await gate.check(root)).problems.join()).toContain('an example ended with 1');
    });

    test('with a Redis where one asks for it', async () => {
      const root = workspaceOf(
        howTo(
          'ts run',
          `import { connect } from 'node:net';`,
          `const { hostname, port } = new URL(process.env['REDIS_URL'] ?? '');`,
          `const socket = connect(Number(port), hostname, () => socket.end('PING\\r\\n'));`,
          `socket.on('data', (data) => { if (String(data) !== '+PONG\\r\\n') throw new Error(String(data)); });`,
        ),
      );
      expect((await gate.check(root)).problems).toEqual([]);
    });

    test.each([
      'POSTGRES_URL',
      'MYSQL_URL',
    ])('with a database where one asks for it: %s', async (variable) => {
      const root = workspaceOf(
        howTo(
          'ts run',
          `import { connect } from 'node:net';`,
          `const { hostname, port } = new URL(process.env['${variable}'] ?? '');`,
          `const socket = connect(Number(port), hostname, () => socket.destroy());`,
        ),
      );
      expect((await gate.check(root)).problems).toEqual([]);
    }, 60_000);

    test('no longer than the time limit', async () => {
      const root = workspaceOf({ 'server.ts': `setInterval(() => undefined, 1000);` });
      const example = { document: 'docs/howto/wait.md', file: join(root, 'server.ts') };
      expect(await runExamples([example], 500)).toEqual([
        'docs/howto/wait.md: an example did not end within 0.5 s.',
      ]);
    });

    test('and wants one in every how-to', async () => {
      const root = workspaceOf({
        ...howTo('ts', 'export const a = 1;'),
        'docs/howto/README.md': '# How-tos\n',
      });
      expect((await gate.check(root)).problems).toEqual([
        'docs/howto/sums.md has no example marked `ts run`, so nothing shows that it holds.',
      ]);
    });
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
