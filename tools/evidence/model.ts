// `npm run evidence`, the model: the long form, and one run for every broken rule; writes docs/evidence/model.md.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, workspace } from '../lib/workspace.ts';

interface Counted {
  numRuns: number;
  seed: number;
  counted: Record<string, number>;
}

const TESTS = ['packages/holdfast/test/model/model.test.ts', 'packages/holdfast/test/model/mutants.test.ts'];
const COMMAND = 'HOLDFAST_LONG=1 npx vitest run packages/holdfast/test/model';

const folder = await mkdtemp(join(tmpdir(), 'holdfast-evidence-'));
try {
  const env = { HOLDFAST_LONG: '1', HOLDFAST_EVIDENCE: folder };
  const { code } = await run('vitest', ['run', ...TESTS], { env, show: true });
  if (code !== 0) process.exit(code);
  await writeFile(join(workspace, 'docs/evidence/model.md'), await page());
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function read<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as T;
}

async function page(): Promise<string> {
  const [invariants, honest] = await Promise.all([read<Counted>('invariants'), read<Counted>('honest')]);
  const mutants = await read<{ rule: string; said: string; after: number }[]>('mutants');
  const names = Object.keys({ ...invariants.counted, ...honest.counted }).toSorted();
  const rows = names.map(
    (name) => `| \`${name}\` | ${invariants.counted[name] ?? 0} | ${honest.counted[name] ?? 0} |`,
  );
  const broken = mutants.map(({ rule, said, after }) => `| ${rule} | ${said} | ${after} |`);
  return `# The model

Written by \`node tools/evidence/model.ts\`, which runs

\`\`\`sh
${COMMAND}
\`\`\`

Random worlds: browsers with several tabs, lost, late and reordered answers, restored jars, thieves and guesses, revocations, two servers whose clocks
differ, a store that fails before and after its writes. Beside each session and each cookie a ghost keeps what must be true, without
any of the library's code. ${invariants.numRuns} worlds of up to 80 steps for the invariants, ${honest.numRuns} in which everybody is honest, seed ${invariants.seed}; a failure prints the seed and the
shortest world that fails. \`HOLDFAST_SEED\` chooses another.

## What it visits

Each verdict and each outcome of \`applyChange\`; the short form asserts that none is missing.

| verdict or outcome | in any world | among the honest |
|---|---|---|
${rows.join('\n')}

## What it notices

Each rule of the verdict and of \`applyChange\` below is broken alone, and the model runs until it objects: for at most 60 honest worlds, then for at
most 2,000 of any kind. With no rule broken it runs through them all and has nothing to say.

| rule, and how it is broken | what the model says | in world |
|---|---|---|
${broken.join('\n')}
`;
}
