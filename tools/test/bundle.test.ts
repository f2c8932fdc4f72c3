import { describe, expect, test } from 'vitest';
import { gate } from '../gates/bundle.ts';
import { manifest, workspaceOf } from './fixture.ts';

function library(code: string, budget: object): string {
  return workspaceOf({
    'packages/holdfast/package.json': manifest(),
    'packages/holdfast/dist/index.js': code,
    'packages/holdfast/dist/part.js': `import 'node:fs';\nexport const part = 1;\n`,
    'tools/gates/bundle-budget.json': JSON.stringify(budget),
  });
}

const ample = { '.': { gzip: 1000, external: [] } };

describe('the bundle gate', () => {
  test('passes a subpath that is small and complete in itself', async () => {
    expect((await gate.check(library('export const a = 1;', ample))).problems).toEqual([]);
  });

  test('fails when a subpath pulls in a Node module or a framework, even by way of another file', async () => {
    const { problems } = await gate.check(library(`import 'express';\nexport * from './part.js';`, ample));
    expect(problems).toEqual(['holdfast pulls in express.', 'holdfast pulls in node:fs.']);
  });

  test('fails when a subpath outgrows its budget', async () => {
    const { problems } = await gate.check(
      library('export const a = 1;', { '.': { gzip: 10, external: [] } }),
    );
    expect(problems.join()).toContain('its budget is 10');
  });

  test('fails when the budget and the export map name different subpaths', async () => {
    const { problems } = await gate.check(library('', { './old': { gzip: 10, external: [] } }));
    expect(problems.join()).toContain('has no entry "."');
    expect(problems.join()).toContain('does not export');
  });
});
