import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gate } from '../gates/exports.ts';
import { entry, manifest, workspaceOf } from './fixture.ts';

const good = {
  'packages/holdfast/package.json': manifest(),
  'packages/holdfast/src/index.ts': '',
  'packages/holdfast/dist/index.js': `export const open = 1;\nexport class Fault {}\n`,
  'packages/holdfast/dist/index.d.ts': [
    `export declare const open: number;`,
    `export declare class Fault {}`,
    `export type { Limits as Times } from './limits.js';`,
    `export * from './more.js';`,
  ].join('\n'),
  'packages/holdfast/dist/more.d.ts': 'export interface Extra {}\nexport {};\n',
};

const page = 'docs/reference/exports.md';

describe('the exports gate', () => {
  test('lists values apart from types, sorted, through every kind of export', async () => {
    const root = workspaceOf(good);
    await gate.write?.(root);
    const text = readFileSync(join(root, page), 'utf8');
    expect(text).toContain('## holdfast\n\nValues: `Fault`, `open`\n\nTypes: `Extra`, `Times`\n');
    expect((await gate.check(root)).problems).toEqual([]);
  });

  test('fails when a name is exported that the page does not list', async () => {
    const root = workspaceOf(good);
    await gate.write?.(root);
    writeFileSync(join(root, page), readFileSync(join(root, page), 'utf8').replace('`Extra`, ', ''));
    const { problems } = await gate.check(root);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('should be "Types: `Extra`, `Times`"');
  });

  test.each([
    ['a wildcard', { './*': entry('*') }, 'is a wildcard'],
    ['default before types', { '.': { default: './dist/a.js', types: './dist/a.d.ts' } }, 'in this order'],
    ['an entry without a source file', { '.': entry('gone') }, 'has no source file'],
    [
      'the types of another file',
      { '.': { ...entry('index'), types: './dist/x.d.ts' } },
      'types of another file',
    ],
  ])('fails on %s', async (_, exports, problem) => {
    const root = workspaceOf({ ...good, 'packages/holdfast/package.json': manifest(exports) });
    expect((await gate.check(root)).problems.join()).toContain(problem);
  });

  test('fails on a source file that no subpath leads to, and on no helper of one that it does', async () => {
    const root = workspaceOf({
      ...good,
      'packages/holdfast/src/index.ts': `export { a } from './adapters/http.ts';`,
      'packages/holdfast/src/adapters/http.ts': 'export const a: number = 1;',
      'packages/holdfast/src/adapters/koa.ts': '',
    });
    await gate.write?.(root);
    expect((await gate.check(root)).problems).toEqual([
      'packages/holdfast/src/adapters/koa.ts cannot be reached from any subpath.',
    ]);
  });
});
