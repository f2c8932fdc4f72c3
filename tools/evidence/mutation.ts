// `npm run mutation`: mutation testing of what decides; writes docs/evidence/mutation.md. Stryker brings more packages than the
// whole workspace, so it lives in tools/mutation and is installed there when it is first needed.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { run, workspace } from '../lib/workspace.ts';

interface Mutant {
  mutatorName: string;
  replacement?: string;
  status: string;
  location: { start: { line: number; column: number }; end: { line: number; column: number } };
}

interface Report {
  files: Record<string, { source: string; mutants: Mutant[] }>;
}

const home = join(workspace, 'tools/mutation');
const stryker = join(home, 'node_modules/@stryker-mutator/core/bin/stryker.js');
const SOURCE = 'packages/holdfast/src';

/** Only writes the page again, from the report of the last run. */
const isPageOnly = process.argv.includes('--page');

let code = 0;
if (!isPageOnly) {
  if (!existsSync(stryker)) {
    const installed = await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: home, show: true });
    if (installed.code !== 0) process.exit(installed.code);
  }
  ({ code } = await run('node', [stryker, 'run', 'tools/mutation/stryker.config.json'], { show: true }));
}

const report = JSON.parse(await readFile(join(home, 'report.json'), 'utf8')) as Report;
const reasons = JSON.parse(await readFile(join(home, 'survivors.json'), 'utf8')) as Record<string, string>;
await writeFile(join(workspace, 'docs/evidence/mutation.md'), page());
process.exitCode = code;

function page(): string {
  const files = Object.entries(report.files).toSorted(([a], [b]) => a.localeCompare(b));
  const survivors = files.flatMap(([file, { source, mutants }]) =>
    mutants.filter(isAlive).map((mutant) => describe(file, source, mutant)),
  );
  return `# Mutation testing

Written by \`npm run mutation\`: [Stryker](https://stryker-mutator.io) with vitest breaks the files that decide, one operator, literal or statement at a time, and
runs the tests that cover it (\`tools/mutation/vitest.config.ts\` lists them). Below 90 % it fails.

| file | killed | by timeout | survived | not covered | score |
|---|---|---|---|---|---|
${files.map(([file, { mutants }]) => row(`\`${relative(SOURCE, file)}\``, mutants)).join('\n')}
${row(
  '**all**',
  files.flatMap(([, { mutants }]) => mutants),
)}

## What survives

${survivors.length === 0 ? 'Nothing.' : survivors.join('\n')}
`;
}

function isAlive({ status }: Mutant): boolean {
  return status === 'Survived' || status === 'NoCoverage';
}

function row(name: string, mutants: readonly Mutant[]): string {
  const count = (status: string): number => mutants.filter((mutant) => mutant.status === status).length;
  const [killed, timeout] = [count('Killed'), count('Timeout')];
  const [survived, uncovered] = [count('Survived'), count('NoCoverage')];
  const score = (100 * (killed + timeout)) / (killed + timeout + survived + uncovered);
  return `| ${name} | ${killed} | ${timeout} | ${survived} | ${uncovered} | ${score.toFixed(1)} % |`;
}

function describe(file: string, source: string, { location, replacement = '' }: Mutant): string {
  const { start, end } = location;
  const line = source.split('\n')[start.line - 1] ?? '';
  const original = start.line === end.line ? line.slice(start.column - 1, end.column - 1) : 'the block';
  const name = relative(SOURCE, file);
  const key = `${name}: ${original} → ${replacement.replaceAll(/\s+/g, ' ')}`;
  const reason = reasons[key] ?? '**not explained**';
  return `- \`${key.replaceAll('`', "'")}\` (line ${start.line}): ${reason}`;
}
