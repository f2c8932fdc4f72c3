import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gate } from '../gates/reference.ts';
import { manifest, workspaceOf } from './fixture.ts';

const good = {
  'packages/holdfast/package.json': manifest(),
  'packages/holdfast/dist/index.d.ts': [
    "export { type Clock, tick } from './clock.ts';",
    '/**',
    ' * How long.',
    ' *',
    ' * @throws TypeError for nonsense.',
    ' */',
    'export declare function wait(options: {',
    '    /** Not the end: } ; */',
    "    unit: ';' | '}';",
    '}): Promise<void>;',
    'export type Reason = ',
    '/** Because; */',
    "'a' | 'b';",
  ].join('\n'),
  'packages/holdfast/dist/clock.d.ts': [
    '/** Tells the time. */',
    'export interface Clock {',
    '    now(): { at: number };',
    '}',
    'export declare const tick: Clock;',
  ].join('\n'),
};

describe('the reference gate', () => {
  test('writes each name with its comment and its whole declaration, values first', async () => {
    const root = workspaceOf(good);
    await gate.write?.(root);
    const page = readFileSync(join(root, 'docs/reference/holdfast.md'), 'utf8');
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, name]) => name)).toEqual([
      'tick',
      'wait',
      'Clock',
      'Reason',
    ]);
    expect(page).toContain('How long.\n\n\n**Throws** TypeError for nonsense.');
    expect(page).toContain("    unit: ';' | '}';\n}): Promise<void>;\n```");
    expect(page).toContain("type Reason = \n/** Because; */\n'a' | 'b';\n```");
    expect(page).toContain('interface Clock {\n    now(): { at: number };\n}\n```');
    expect((await gate.check(root)).problems).toEqual([]);
  });

  test('fails when a declaration has changed since', async () => {
    const root = workspaceOf(good);
    await gate.write?.(root);
    const file = join(root, 'packages/holdfast/dist/clock.d.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Tells the time.', 'Tells the hour.'));
    expect((await gate.check(root)).problems).toEqual([
      'docs/reference/holdfast.md is not what the package declares. Run `npm run gates -- reference --write`.',
    ]);
  });

  test('fails on a page that is missing', async () => {
    expect((await gate.check(workspaceOf(good))).problems).toHaveLength(2);
  });
});
