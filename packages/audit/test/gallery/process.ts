/** Sites in other languages, each a process of its own that says where it listens. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Running } from './exhibit.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Finds the port in what the program writes. */
  readonly port: RegExp;
}

/** @throws Error with what it wrote, for a program that ends before it listens. */
export async function startProcess({ command, args, env, port }: Program): Promise<Running> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Some start workers of their own: the whole group is ended.
    detached: true,
  });
  const exited = once(child, 'exit').catch(() => undefined);
  const stop = async (): Promise<void> => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    await exited;
  };
  const found = await new Promise<string>((resolve, reject) => {
    let output = '';
    const read = (text: string): void => {
      // Once it listens, what it logs is not looked at.
      if (output.length > 100_000) return;
      output += text;
      const [, number] = port.exec(output) ?? [];
      if (number !== undefined) resolve(number);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${command} did not start: ${output.slice(-2_000)}`)));
  });
  return { url: `http://localhost:${found}/`, stop };
}

/** The same, with a folder of its own for what it writes, which goes with it. */
export async function startInFolder(
  name: string,
  program: (folder: string) => Program | Promise<Program>,
): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), `holdfast-${name}-`));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const { url, stop } = await startProcess(await program(folder));
    return { url, stop: () => stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The Python that a program of a Debian package runs on: another one on PATH has not its modules. */
export function pythonOf(script: string): string {
  const [first = ''] = readFileSync(script, 'utf8').split('\n', 1);
  const [, interpreter = '/usr/bin/python3'] = /^#!\s*(\S+)/.exec(first) ?? [];
  return interpreter;
}
