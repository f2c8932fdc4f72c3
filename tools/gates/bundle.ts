// Whoever imports one subpath pays for what it pulls in, and a runtime without Node cannot pay for `node:` at all.
// This gate bundles each subpath by itself, names every module left outside, and holds each to a budget of bytes.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { type Gate, type Report, runGate } from '../lib/gate.ts';
import { library, readManifest, subpathsOf } from '../lib/package.ts';

const budgetFile = 'tools/gates/bundle-budget.json';

/** Per subpath: bytes after minification and gzip, and the modules it may leave to the runtime. */
type Budget = Record<string, { gzip: number; external: string[] }>;

async function measure(file: string): Promise<{ gzip: number; external: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    packages: 'external',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const external = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const entry of output.imports) if (entry.external === true) external.add(entry.path);
  }
  return { gzip: gzipSync(outputFiles[0]?.contents ?? '').length, external: [...external].toSorted() };
}

async function check(root: string): Promise<Report> {
  const budget = JSON.parse(await readFile(join(root, budgetFile), 'utf8')) as Budget;
  const { subpaths, problems } = subpathsOf(await readManifest(root));
  const notes: string[] = [];
  for (const subpath of subpaths) {
    const allowed = budget[subpath.key];
    if (allowed === undefined) {
      problems.push(`${budgetFile} has no entry "${subpath.key}".`);
      continue;
    }
    const { gzip, external } = await measure(join(root, library, subpath.default));
    const outside = external.length === 0 ? '' : `, outside: ${external.join(', ')}`;
    notes.push(`${subpath.specifier.padEnd(24)} ${gzip} of ${allowed.gzip} bytes${outside}`);
    if (gzip > allowed.gzip) {
      problems.push(`${subpath.specifier} is ${gzip} bytes after gzip; its budget is ${allowed.gzip}.`);
    }
    for (const name of external) {
      if (!allowed.external.includes(name)) problems.push(`${subpath.specifier} pulls in ${name}.`);
    }
  }
  for (const key of Object.keys(budget)) {
    if (!subpaths.some((subpath) => subpath.key === key)) {
      problems.push(`${budgetFile} has an entry "${key}" that the package does not export.`);
    }
  }
  return { problems, notes };
}

export const gate: Gate = { check };
if (import.meta.main) process.exitCode = await runGate(gate, process.argv.slice(2));
