import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A workspace made of these files, gone when the test is over. */
export function workspaceOf(files: Record<string, string | Uint8Array>): string {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-fixture-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** The manifest of a library with one subpath, `.`, unless others are given. */
export function manifest(
  exports: Record<string, unknown> = { '.': entry('index') },
  rest: object = {},
): string {
  return JSON.stringify({ name: 'holdfast', version: '0.1.0', type: 'module', exports, ...rest });
}

export function entry(name: string): { types: string; default: string } {
  return { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` };
}
