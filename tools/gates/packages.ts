// A package can pass every test here and still break for whoever installs it: a file left out of the tarball, types
// that do not resolve, a condition in the wrong order. This gate looks at the packed tarball, as a user gets it.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { type Gate, type Report, runGate } from '../lib/gate.ts';
import { library } from '../lib/package.ts';
import { run } from '../lib/workspace.ts';

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}

/** What is published. */
const shipped = [library, 'packages/audit'];

async function check(root: string): Promise<Report> {
  const report: Required<Report> = { problems: [], notes: [] };
  for (const name of shipped.filter((each) => existsSync(join(root, each, 'package.json')))) {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-pack-'));
    try {
      const { problems, notes = [] } = await checkPacked(join(root, name), folder);
      report.problems.push(...problems);
      report.notes.push(...notes);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return report;
}

async function checkPacked(packageFolder: string, folder: string): Promise<Report> {
  const args = ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const { code, output } = await run('npm', args, { cwd: packageFolder });
  const packed = code === 0 ? packedIn(output) : undefined;
  if (packed === undefined) return { problems: [`npm pack failed: ${output.trim()}`] };

  const problems = missingFiles(packed.files.map((file) => file.path));
  const tarball = join(folder, packed.filename);
  const bytes = await readFile(tarball);
  const { messages, pkg } = await publint({
    strict: true,
    pack: {
      tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    },
  });
  if (pkg !== undefined) {
    for (const message of messages)
      problems.push(`publint: ${formatMessage(message, pkg, { color: false })}`);
  }
  const attw = await run('attw', [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color']);
  if (attw.code !== 0) problems.push(`attw:\n${attw.output.trim()}`);
  return { problems, notes: [`${packed.filename}: ${packed.files.length} files, ${packed.size} bytes`] };
}

/** npm writes a list with one entry; warnings may stand before it. */
function packedIn(output: string): Packed | undefined {
  const start = output.search(/^[[{]/m);
  if (start === -1) return undefined;
  return Object.values(JSON.parse(output.slice(start)) as Record<string, Packed>)[0];
}

function missingFiles(paths: string[]): string[] {
  const problems: string[] = [];
  for (const wanted of ['README.md', 'LICENSE']) {
    if (!paths.includes(wanted)) problems.push(`The package ships no ${wanted}.`);
  }
  for (const path of paths) {
    const source = path.replace(/^dist\//, 'src/').replace(/\.js$/, '.ts');
    // A leftover of a source file that was renamed or deleted since `dist` was first built.
    if (path.startsWith('dist/') && path.endsWith('.js') && !paths.includes(source)) {
      problems.push(`${path} has no source file ${source}: delete dist and build again.`);
    }
  }
  return problems;
}

export const gate: Gate = { check };
if (import.meta.main) process.exitCode = await runGate(gate, process.argv.slice(2));
