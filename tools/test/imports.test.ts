import { describe, expect, test } from 'vitest';
import { gate } from '../gates/imports.ts';
import { importsOf } from '../lib/imports.ts';
import { manifest, workspaceOf } from './fixture.ts';

const packageJson = manifest(undefined, {
  dependencies: { '@standard-schema/spec': '1.1.0', cookie: '2.0.2' },
  peerDependencies: { express: '>=5' },
});

async function problemsOf(file: string, code: string): Promise<string[]> {
  const root = workspaceOf({
    'packages/holdfast/package.json': packageJson,
    [`packages/holdfast/src/${file}`]: code,
  });
  return (await gate.check(root)).problems;
}

describe('the import gate', () => {
  test.each([
    ['session.ts', `import { a } from './record.ts';`],
    ['session.ts', `import { a } from './stored/backend.ts';`],
    ['data.ts', `import type { StandardSchemaV1 } from '@standard-schema/spec';`],
    ['csrf/check.ts', `import { a } from '../errors.ts';`],
    ['csrf/index.ts', `export { a } from './check.ts';`],
    ['adapters/express.ts', `import type { Request } from 'express';`],
    ['adapters/node.ts', `import type { IncomingMessage } from 'node:http';`],
    ['adapters/node.ts', `import { check } from '../csrf/index.ts';`],
    ['stores/sqlite.ts', `import type { SessionRecord } from '../record.ts';`],
    ['testing/contract.ts', `import { memoryStore } from '../stores/memory.ts';`],
  ])('%s may say %s', async (file, code) => {
    expect(await problemsOf(file, code)).toEqual([]);
  });

  test.each([
    ['session.ts', `import { a } from './csrf/index.ts';`, 'the core imports nothing from csrf'],
    ['session.ts', `export * from './stores/memory.ts';`, 'the core imports nothing from stores'],
    [
      'stored/backend.ts',
      `import { a } from '../adapters/node.ts';`,
      'the core imports nothing from adapters',
    ],
    ['session.ts', `import type { Server } from 'node:http';`, 'only adapters and stores name `node:`'],
    ['session.ts', `import { serialize } from 'cookie';`, 'only adapters and stores name other packages'],
    ['data.ts', `import { a } from '@standard-schema/spec';`, 'only adapters and stores name other packages'],
    ['csrf/check.ts', `import { a } from '../adapters/node.ts';`, 'a feature imports the core alone'],
    ['csrf/check.ts', `import { a } from '../stepup/index.ts';`, 'a feature imports the core alone'],
    ['adapters/node.ts', `import { a } from '../stores/memory.ts';`, 'an adapter never imports a store'],
    ['adapters/node.ts', `import { createServer } from 'node:http';`, 'with `import type`'],
    ['adapters/node.ts', `import { type Server } from 'node:http';`, 'with `import type`'],
    ['adapters/koa.ts', `import type Koa from 'koa';`, 'does not declare it'],
    ['adapters/express.ts', `import express from 'express';`, 'injected by the caller'],
    [
      'stores/sqlite.ts',
      `import type { Session } from '../session.ts';`,
      'a store knows records and changes only',
    ],
    ['stores/sqlite.ts', `const a = await import('../token.ts');`, 'a store knows records and changes only'],
    ['testing/contract.ts', `import { a } from '../stores/sqlite.ts';`, 'test tools import the core'],
  ])('%s may not say %s', async (file, code, why) => {
    const problems = await problemsOf(file, code);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(why);
  });

  test('reads every form of import, over several lines, and none in comments', () => {
    const code = [
      `import {`,
      `  a,`,
      `} from './a.ts';`,
      `import './b.ts';`,
      `export type { C } from './c.ts';`,
      `export const d = 'from';`,
      `/**`,
      ` * import { e } from './e.ts';`,
      ` */`,
      `type F = import('./f.ts').F;`,
    ].join('\n');
    expect(importsOf(code)).toEqual([
      { specifier: './a.ts', typeOnly: false, line: 1 },
      { specifier: './b.ts', typeOnly: false, line: 4 },
      { specifier: './c.ts', typeOnly: true, line: 5 },
      { specifier: './f.ts', typeOnly: false, line: 10 },
    ]);
  });
});
