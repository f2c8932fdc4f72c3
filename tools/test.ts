// `npm test`: everything that must hold, in one command that needs nothing made by hand. Each gate counts as a test, a
// skipped test counts as a failed one, and the last line is always `N passed, N failed`.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gates, gatesAfterTests } from './gates.ts';
import { chromium } from './lib/chromium.ts';
import { libfaketime } from './lib/faketime.ts';
import { type Gate, reportOf } from './lib/gate.ts';
import { mariadbServer } from './lib/mariadb.ts';
import { findProgram, type Program } from './lib/program.ts';
import { redisServer } from './lib/redis.ts';
import { stackPrograms } from './lib/stacks.ts';
import { countTests, type VitestReport } from './lib/vitest-report.ts';
import { run, workspace } from './lib/workspace.ts';

interface Result {
  passed: number;
  failed: number;
  /** What went wrong, or what is worth reading. */
  text?: string;
}

const total = { passed: 0, failed: 0 };

async function step(name: string, work: () => Promise<Result>): Promise<boolean> {
  const start = performance.now();
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    result = { passed: 0, failed: 1, text: error instanceof Error ? error.message : String(error) };
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${result.failed === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
  if (result.text !== undefined) console.log(result.text.replace(/^/gm, '  '));
  total.passed += result.passed;
  total.failed += result.failed;
  return result.failed === 0;
}

function command(name: string, args: string[]): () => Promise<Result> {
  return async () => {
    const { code, output } = await run(name, args);
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, text: output.trim() };
  };
}

function gateStep(gate: Gate): () => Promise<Result> {
  return async () => {
    const { problems, notes = [] } = await reportOf(gate, workspace);
    if (problems.length > 0) return { passed: 0, failed: 1, text: problems.join('\n') };
    return notes.length > 0 ? { passed: 1, failed: 0, text: notes.join('\n') } : { passed: 1, failed: 0 };
  };
}

/** What the tests need beside npm's packages, found or installed; where it is goes into `env`. */
function programStep(program: Program, env: NodeJS.ProcessEnv): () => Promise<Result> {
  return async () => {
    env[program.variable] = await findProgram(program);
    return { passed: 1, failed: 0 };
  };
}

async function vitest(env: NodeJS.ProcessEnv): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  const file = join(folder, 'report.json');
  try {
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await run('vitest', args, { env, show: true });
    const report = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as VitestReport,
      () => undefined,
    );
    const { passed, failed, skipped } = countTests(report, code);
    const result = { passed, failed: failed + skipped };
    return skipped === 0
      ? result
      : { ...result, text: `${skipped} skipped: a skipped test counts as failed.` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function everything(): Promise<void> {
  await rm(join(workspace, '.canary'), { recursive: true, force: true });

  const env: NodeJS.ProcessEnv = {};
  // Nothing after these could say anything but the same again.
  if (!(await step('browser', programStep(chromium, env)))) return;
  if (!(await step('redis', programStep(redisServer, env)))) return;
  if (!(await step('mariadb', programStep(mariadbServer, env)))) return;
  for (const [name, program] of Object.entries(stackPrograms)) {
    if (!(await step(name, programStep(program, env)))) return;
  }
  if (!(await step('libfaketime', programStep(libfaketime, env)))) return;
  if (!(await step('build', command('tsc', ['-b'])))) return;

  await step('format', command('biome', ['format', '--colors=off']));
  await step('lint', command('oxlint', ['--deny-warnings']));
  await step('types: core without Node', command('tsc', ['-p', 'packages/holdfast/tsconfig.core.json']));
  await step('types: tests, tools, bench', command('tsc', ['-p', 'tsconfig.check.json']));
  for (const [name, gate] of Object.entries(gates)) await step(`gate: ${name}`, gateStep(gate));
  await step('tests', () => vitest(env));
  for (const [name, gate] of Object.entries(gatesAfterTests)) await step(`gate: ${name}`, gateStep(gate));
}

await everything();
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`\n${total.passed} passed, ${total.failed} failed`);
