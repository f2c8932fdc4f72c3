import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';

/** The root of this repository, whatever the working directory is. */
export const workspace: string = resolve(import.meta.dirname, '../..');

export interface Finished {
  code: number;
  /** Standard output and standard error, in the order they came; empty where `show` passed them on. */
  output: string;
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Pass the output on as it comes instead of keeping it. */
  show?: boolean;
}

/** Runs a program: a path, a name on PATH, or one of the tools in `node_modules/.bin`. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const local = join(workspace, 'node_modules/.bin', command);
  // Tools start `node` by name: they get the one that runs this file, not an older one of the machine.
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return new Promise((done) => {
    const child = spawn(existsSync(local) ? local : command, args, {
      cwd: options.cwd ?? workspace,
      env: { ...process.env, ...options.env, PATH: path },
      stdio: options.show === true ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', (error) => done({ code: 127, output: `${command}: ${error.message}` }));
    child.on('close', (code) => done({ code: code ?? 1, output }));
  });
}

const notOurs = new Set(['node_modules', 'dist', '.git', '.data', '.canary', '.docs-check']);

/** Files below a folder, sorted, relative to `root` with forward slashes; none where the folder is missing. */
export function filesUnder(root: string, folder: string, accept: (path: string) => boolean): string[] {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  const found: string[] = [];
  const visit = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!notOurs.has(entry.name)) visit(path);
      } else {
        const name = relative(root, path).replaceAll('\\', '/');
        if (accept(name)) found.push(name);
      }
    }
  };
  visit(start);
  return found.toSorted();
}
