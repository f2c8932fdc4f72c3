import { describe, expect, test } from 'vitest';
import { gate } from '../gates/packages.ts';
import { entry, manifest, workspaceOf } from './fixture.ts';

const files = ['dist', 'src', 'README.md', 'LICENSE'];
const good = {
  'packages/holdfast/package.json': manifest({ '.': entry('index') }, { files, license: 'MIT' }),
  'packages/holdfast/README.md': '# Holdfast\n',
  'packages/holdfast/LICENSE': 'MIT\n',
  'packages/holdfast/src/index.ts': 'export const a: number = 1;\n',
  'packages/holdfast/dist/index.js': 'export const a = 1;\n',
  'packages/holdfast/dist/index.d.ts': 'export declare const a: number;\n',
};

describe('the package gate', () => {
  test('passes a package that is whole', async () => {
    expect((await gate.check(workspaceOf(good))).problems).toEqual([]);
  });

  test('fails when the tarball lacks what the export map names, the licence, or the source of a leftover', async () => {
    const {
      'packages/holdfast/dist/index.d.ts': _types,
      'packages/holdfast/LICENSE': _licence,
      ...rest
    } = good;
    const root = workspaceOf({ ...rest, 'packages/holdfast/dist/old.js': 'export {};\n' });
    const problems = (await gate.check(root)).problems.join('\n');
    expect(problems).toContain('ships no LICENSE');
    expect(problems).toContain('dist/old.js has no source file');
    expect(problems).toMatch(/publint: .*dist\/index\.d\.ts/);
    expect(problems).toContain('attw:');
  });

  test('fails when the package cannot be packed', async () => {
    const root = workspaceOf({ 'packages/holdfast/package.json': '{' });
    expect((await gate.check(root)).problems.join()).toContain('npm pack failed');
  });
});
