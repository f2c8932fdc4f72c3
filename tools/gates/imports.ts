// Arrows point down: adapters → features → core, and stores apart. A store that can see a request, or a core that
// can see a framework, is one import away; after a hundred files nobody would notice. So the direction is checked.
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type Gate, type Report, runGate } from '../lib/gate.ts';
import { type Import, importsOf } from '../lib/imports.ts';
import { library, readManifest } from '../lib/package.ts';
import { filesUnder } from '../lib/workspace.ts';

type Layer = 'core' | 'feature' | 'adapters' | 'stores' | 'testing';

/** Backends are part of the core, siblings behind the same session, and so is what stands between them and the store. */
const coreFolders = new Set(['stored', 'sealed', 'guard']);

/** What a store may know: records, changes and the way to fail. Never a request, a cookie or a session. */
const forStores = new Set(['base64url', 'change', 'clock', 'duration', 'errors', 'record', 'store']);

/** Dependencies of types alone, which the core may name. */
const typesForCore = new Set(['@standard-schema/spec']);

/** `path` is relative to src. */
export function layerOf(path: string): Layer {
  const folder = path.includes('/') ? (path.split('/')[0] ?? '') : '';
  if (folder === 'adapters' || folder === 'stores' || folder === 'testing') return folder;
  return folder === '' || coreFolders.has(folder) ? 'core' : 'feature';
}

/** Why `from` may not import `to`; undefined where it may. Both are relative to src. */
export function whyForbidden(from: string, to: string): string | undefined {
  const source = layerOf(from);
  const target = layerOf(to);
  const name = posix.basename(to, '.ts');
  switch (source) {
    case 'core':
      return target === 'core' ? undefined : `the core imports nothing from ${to.split('/')[0]}`;
    case 'feature':
      if (target === 'core' || from.split('/')[0] === to.split('/')[0]) return undefined;
      return 'a feature imports the core alone';
    case 'adapters':
      if (target === 'stores') return 'an adapter never imports a store';
      return target === 'testing' ? 'an adapter never imports test tools' : undefined;
    case 'stores':
      if (target === 'stores' || (target === 'core' && forStores.has(name))) return undefined;
      return `a store knows records and changes only (${[...forStores].join(', ')})`;
    case 'testing':
      if (target === 'core' || target === 'testing' || to.startsWith('stores/memory')) return undefined;
      return 'test tools import the core and the memory store alone';
  }
}

function whyForbiddenPackage(layer: Layer, entry: Import, declared: Set<string>): string | undefined {
  const { specifier, typeOnly } = entry;
  const atEdge = layer === 'adapters' || layer === 'stores';
  if (specifier.startsWith('node:')) {
    return atEdge && typeOnly
      ? undefined
      : 'only adapters and stores name `node:`, and only with `import type`';
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (!declared.has(name)) return 'the package does not declare it';
  if (!atEdge && !(typeOnly && typesForCore.has(name))) return 'only adapters and stores name other packages';
  return typeOnly ? undefined : 'other packages are injected by the caller: write `import type`';
}

async function check(root: string): Promise<Report> {
  const manifest = await readManifest(root);
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
  const source = join(root, library, 'src');
  const problems: string[] = [];
  const files = filesUnder(source, '.', (path) => path.endsWith('.ts'));
  if (files.length === 0) problems.push(`No source files in ${library}/src.`);
  for (const file of files) {
    for (const entry of importsOf(await readFile(join(source, file), 'utf8'))) {
      const why = entry.specifier.startsWith('.')
        ? whyForbidden(file, posix.join(posix.dirname(file), entry.specifier))
        : whyForbiddenPackage(layerOf(file), entry, declared);
      if (why !== undefined) {
        problems.push(`${library}/src/${file}:${entry.line} imports ${entry.specifier}: ${why}.`);
      }
    }
  }
  return { problems, notes: [`${files.length} files`] };
}

export const gate: Gate = { check };
if (import.meta.main) process.exitCode = await runGate(gate, process.argv.slice(2));
