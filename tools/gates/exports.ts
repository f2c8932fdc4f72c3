// What a user can import is a promise. This gate keeps the three places that state it in step: the export map
// of the package, the source files behind it, and docs/reference/exports.md. The page lists every exported name,
// so that a change of the public surface is a line in a diff that somebody has read, never an accident.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { declaredNames } from '../lib/declared-names.ts';
import { type Gate, type Report, runGate } from '../lib/gate.ts';
import { importsOf } from '../lib/imports.ts';
import { library, readManifest, type Subpath, subpathsOf } from '../lib/package.ts';
import { filesUnder } from '../lib/workspace.ts';

const page = 'docs/reference/exports.md';

function sourceOf(subpath: Subpath): string {
  return subpath.default.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts');
}

/** The source files that the exported ones name, directly or through others. Paths are relative to the package. */
async function reachable(root: string, entries: string[]): Promise<Set<string>> {
  const seen = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { specifier } of importsOf(await readFile(join(root, library, file), 'utf8'))) {
      if (specifier.startsWith('.')) await visit(posix.join(posix.dirname(file), specifier));
    }
  };
  for (const entry of entries) await visit(entry);
  return seen;
}

async function section(root: string, subpath: Subpath): Promise<string> {
  const runtime = Object.keys(await import(pathToFileURL(join(root, library, subpath.default)).href));
  const declared = await declaredNames(join(root, library, subpath.types));
  const types = [...declared].filter((name) => !runtime.includes(name));
  const line = (title: string, names: string[]): string =>
    `${title}: ${
      names.length === 0
        ? 'none'
        : names
            .toSorted()
            .map((name) => `\`${name}\``)
            .join(', ')
    }`;
  return [`## ${subpath.specifier}`, '', line('Values', runtime), '', line('Types', types), ''].join('\n');
}

async function render(root: string, subpaths: Subpath[]): Promise<string> {
  const head = [
    '# Exports',
    '',
    'Every name that can be imported, by subpath. Generated: `npm run gates -- exports --write`.',
    '',
  ].join('\n');
  const sections: string[] = [];
  for (const subpath of subpaths) sections.push(await section(root, subpath));
  return [head, ...sections].join('\n');
}

async function check(root: string): Promise<Report> {
  const { subpaths, problems } = subpathsOf(await readManifest(root));
  for (const subpath of subpaths) {
    if (!existsSync(join(root, library, sourceOf(subpath)))) {
      problems.push(`Export "${subpath.key}" has no source file ${library}/${sourceOf(subpath)}.`);
    }
    if (subpath.types !== subpath.default.replace(/\.js$/, '.d.ts')) {
      problems.push(`Export "${subpath.key}" has the types of another file: ${subpath.types}.`);
    }
  }
  if (problems.length > 0) return { problems };

  const reached = await reachable(root, subpaths.map(sourceOf));
  for (const file of filesUnder(join(root, library), 'src', (path) => path.endsWith('.ts'))) {
    if (!reached.has(file)) problems.push(`${library}/${file} cannot be reached from any subpath.`);
  }
  if (problems.length > 0) return { problems };

  const expected = await render(root, subpaths);
  const actual = existsSync(join(root, page)) ? await readFile(join(root, page), 'utf8') : '';
  if (actual !== expected) {
    problems.push(`${page} is not what the package exports: ${firstDifference(actual, expected)}`);
  }
  return { problems, notes: [`${subpaths.length} subpaths`] };
}

function firstDifference(actual: string, expected: string): string {
  const before = actual.split('\n');
  const after = expected.split('\n');
  const at = after.findIndex((line, index) => line !== before[index]);
  const where =
    at === -1 ? `line ${after.length + 1} is left over` : `line ${at + 1} should be "${after[at]}"`;
  return `${where}. Run \`npm run gates -- exports --write\` and read the diff.`;
}

async function write(root: string): Promise<void> {
  const { subpaths } = subpathsOf(await readManifest(root));
  await mkdir(dirname(join(root, page)), { recursive: true });
  await writeFile(join(root, page), await render(root, subpaths));
}

export const gate: Gate = { check, write };
if (import.meta.main) process.exitCode = await runGate(gate, process.argv.slice(2));
