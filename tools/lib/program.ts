import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './workspace.ts';

/** A program that the tests need and npm does not bring. */
export interface Program {
  /** As people call it. */
  readonly title: string;
  /** What its file may be called, the best first. */
  readonly names: readonly string[];
  /** Where it is, beside the places of programs. Default: nowhere else. */
  readonly folders?: readonly string[];
  /** Whether what PATH finds elsewhere than in Debian's folders is another thing: a script of a version manager, say. Default false. */
  readonly isDebianOnly?: boolean;
  /** The environment variable that may name its file. */
  readonly variable: string;
  readonly debianPackage: string;
  /** What to do where it is missing and may not be installed. */
  readonly advice: string;
}

/** What of the machine decides where a program is and whether it may be installed. */
export interface Machine {
  env: NodeJS.ProcessEnv;
  isRoot: boolean;
  exists(path: string): boolean;
  say(text: string): void;
  run(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
  ): Promise<{ code: number; output: string }>;
}

export const thisMachine: Machine = {
  env: process.env,
  isRoot: process.getuid?.() === 0,
  exists: existsSync,
  say: (text) => console.log(text),
  run: (command, args, env) => run(command, args, { env }),
};

/** Where the lists of packages were fetched: a second program needs them no newer. */
const updated = new WeakSet<Machine>();

/** The path of a program: the one that is named, one that is installed, or one installed now. Throws what to do. */
export async function findProgram(program: Program, machine: Machine = thisMachine): Promise<string> {
  const { title, variable, debianPackage, advice } = program;
  const named = machine.env[variable];
  if (named !== undefined && named !== '') {
    if (machine.exists(named)) return named;
    throw new Error(`${variable} names ${named}, which does not exist.`);
  }
  const installed = installedPath(program, machine);
  if (installed !== undefined) return installed;

  const onDebian = machine.exists('/etc/debian_version') && machine.exists('/usr/bin/apt-get');
  if (!onDebian || !machine.isRoot) throw new Error(`No ${title} was found. ${advice}`);
  machine.say(`  installing ${title} from the Debian packages …`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', debianPackage];
  for (const args of updated.has(machine) ? [install] : [['update'], install]) {
    // Another package manager may be at work on a machine that has just started.
    const { code, output } = await machine.run(
      'apt-get',
      ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args],
      env,
    );
    if (code !== 0) throw new Error(`apt-get ${args[0]} failed. ${advice}\n${output.trim()}`);
    updated.add(machine);
  }
  const path = installedPath(program, machine);
  if (path === undefined) throw new Error(`${title} was installed but not found. ${advice}`);
  return path;
}

function installedPath(
  { names, folders: own = [], isDebianOnly }: Program,
  machine: Machine,
): string | undefined {
  // Debian puts servers where only root looks by default.
  const folders = [
    ...own,
    '/usr/bin',
    '/usr/sbin',
    ...(isDebianOnly ? '' : (machine.env['PATH'] ?? '')).split(':').filter((folder) => folder !== ''),
  ];
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => machine.exists(path));
}
