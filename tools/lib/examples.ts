// Runs the examples of the documentation, as a reader would who pastes them into a file.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { workspace } from './workspace.ts';

export interface Example {
  /** The document it stands in, relative to the workspace. */
  document: string;
  /** The file it was written to, on the lines that it has in its document. */
  file: string;
}

/** In milliseconds. An example that has not ended by then keeps something open: a server, a timer. */
const TIME_LIMIT = 10_000;

/** The name of an example's file says who runs it: tests for vitest are not run by Node alone. */
export function fileOf(name: string, code: string): string {
  const isVitest = /^import .* from 'vitest';$/m.test(code);
  return `${name.replace(/[^\w]+/g, '-')}${isVitest ? '.test' : ''}.ts`;
}

/**
 * One problem for each example that fails or does not end; as many at once as there are cores.
 *
 * @param variables what the environment of each has beside the usual
 */
export async function runExamples(
  examples: readonly Example[],
  timeLimit: number = TIME_LIMIT,
  variables: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const problems: string[] = [];
  const queue = examples.values();
  const worker = async (): Promise<void> => {
    for (const example of queue) {
      const problem = await runExample(example, timeLimit, variables);
      if (problem !== undefined) problems.push(problem);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return problems.toSorted();
}

async function runExample(
  { document, file }: Example,
  timeLimit: number,
  variables: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  // A folder of its own: two examples may both write a `sessions.db`.
  const cwd = file.replace(/\.ts$/, '');
  await mkdir(cwd, { recursive: true });
  const { failure, output } = await finish(commandOf(file), cwd, timeLimit, variables);
  if (failure === undefined) return undefined;
  // The lines are those of the document already.
  const told = output.replaceAll(`file://${file}`, document).replaceAll(file, document);
  return `${document}: an example ${failure}.\n${told}`.trim();
}

function commandOf(file: string): string[] {
  if (!file.endsWith('.test.ts')) return [file];
  const vitest = join(workspace, 'node_modules/vitest/vitest.mjs');
  return [vitest, 'run', '--root', join(file, '..'), basename(file)];
}

function finish(
  args: readonly string[],
  cwd: string,
  timeLimit: number,
  variables: Readonly<Record<string, string>>,
): Promise<{ failure?: string; output: string }> {
  // What the machine sets for itself is none of the example's business. The examples import much the same: compiled once.
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, NO_COLOR: '1', NODE_COMPILE_CACHE: join(cwd, '../compiled'), ...variables };
  return new Promise((done) => {
    // A group of its own, so that what it starts ends with it.
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let isLate = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const timer = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, timeLimit);
    child.on('error', (error) => (output += error.message));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (isLate) done({ failure: `did not end within ${timeLimit / 1000} s`, output });
      else if (code !== 0) done({ failure: `ended with ${code ?? signal ?? 'an error'}`, output });
      else done({ output });
    });
  });
}
