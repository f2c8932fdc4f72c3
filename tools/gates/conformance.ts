// "We meet the standard" is worth what shows it. Tests name the requirement they prove, and docs/conformance.md is
// made from those names, so that the page cannot claim what no test shows, nor a test an id that does not exist.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Gate, type Report, runGate } from '../lib/gate.ts';
import { stringLiterals } from '../lib/string-literals.ts';
import { filesUnder } from '../lib/workspace.ts';

const page = 'docs/conformance.md';
const catalogue = 'tools/conformance/requirements.json';

interface Requirement {
  level: string;
  asks: string;
}

interface Proof {
  file: string;
  title: string;
}

const id =
  /\b(?:ASVS-\d+(?:\.\d+)+|(?:NIST|RFC\d{4}(?:bis)?)-\d+(?:\.\d+)*(?:-(?:\d+|[a-z])\b)?|(?:SM|CSRF|LV|FM|CH|CSD)-\d+)(?!\.?\d)/g;

/** The requirement ids that a test title names, each once. */
export function idsIn(title: string): string[] {
  return [...new Set(title.match(id) ?? [])];
}

function isTest(path: string): boolean {
  return (
    /^(?:packages|apps)\/[^/]+\/test\/.*\.test\.ts$/.test(path) ||
    /^packages\/[^/]+\/src\/testing\//.test(path)
  );
}

async function collect(root: string): Promise<Map<string, Proof[]>> {
  const proofs = new Map<string, Proof[]>();
  const files = ['packages', 'apps'].flatMap((folder) => filesUnder(root, folder, isTest));
  for (const file of files) {
    for (const title of new Set(stringLiterals(await readFile(join(root, file), 'utf8')))) {
      for (const name of idsIn(title)) proofs.set(name, [...(proofs.get(name) ?? []), { file, title }]);
    }
  }
  return proofs;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/\s+/g, ' ').trim();
}

function render(requirements: Map<string, Requirement>, proofs: Map<string, Proof[]>): string {
  const lines = [
    '# Conformance',
    '',
    'What standards ask of sessions, and the tests that show it. Generated from the requirement ids in test titles:',
    '`npm run gates -- conformance --write`. The ids, and our paraphrases of what they ask, are in',
    '[requirements.json](../tools/conformance/requirements.json).',
    '',
    '| requirement | level | it asks | shown by |',
    '|---|---|---|---|',
  ];
  const open: string[] = [];
  for (const [name, { level, asks }] of requirements) {
    const shown = proofs.get(name);
    if (shown === undefined) {
      open.push(name);
      continue;
    }
    const tests = shown.map(({ file, title }) => `${cell(title)} ([test](../${file}))`).join('<br>');
    lines.push(`| ${name} | ${cell(level)} | ${cell(asks)} | ${tests} |`);
  }
  lines.push('', '## Not shown by a test', '');
  lines.push(open.length === 0 ? 'None.' : `${open.join(', ')}.`, '');
  return lines.join('\n');
}

async function expectation(
  root: string,
): Promise<{ text: string; unknown: [string, Proof[]][]; shown: number }> {
  const parsed = JSON.parse(await readFile(join(root, catalogue), 'utf8')) as Record<string, Requirement>;
  const requirements = new Map(Object.entries(parsed));
  const proofs = await collect(root);
  const unknown = [...proofs].filter(([name]) => !requirements.has(name));
  return { text: render(requirements, proofs), unknown, shown: proofs.size };
}

async function check(root: string): Promise<Report> {
  const { text, unknown, shown } = await expectation(root);
  const problems = unknown.map(
    ([name, proofs]) => `${proofs[0]?.file} names ${name}, which is not in ${catalogue}.`,
  );
  if (shown === 0) problems.push('No test names a requirement.');
  const actual = existsSync(join(root, page)) ? await readFile(join(root, page), 'utf8') : '';
  if (actual !== text) {
    problems.push(`${page} is not what the tests show. Run \`npm run gates -- conformance --write\`.`);
  }
  return { problems, notes: [`${shown} requirements shown`] };
}

async function write(root: string): Promise<void> {
  await writeFile(join(root, page), (await expectation(root)).text);
}

export const gate: Gate = { check, write };
if (import.meta.main) process.exitCode = await runGate(gate, process.argv.slice(2));
