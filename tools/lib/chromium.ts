import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './workspace.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const advice =
  'Install Chromium (on Debian: apt-get install chromium), or set HOLDFAST_CHROMIUM to the path of a Chromium or Chrome.';

/** What of the machine decides where Chromium is and whether it may be installed. */
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

/** The path of a Chromium: the one that is named, one that is installed, or one installed now. Throws what to do. */
export async function findChromium(machine: Machine = thisMachine): Promise<string> {
  const named = machine.env['HOLDFAST_CHROMIUM'];
  if (named !== undefined && named !== '') {
    if (machine.exists(named)) return named;
    throw new Error(`HOLDFAST_CHROMIUM names ${named}, which does not exist.`);
  }
  const installed = installedChromium(machine);
  if (installed !== undefined) return installed;

  const onDebian = machine.exists('/etc/debian_version') && machine.exists('/usr/bin/apt-get');
  if (!onDebian || !machine.isRoot) throw new Error(`No Chromium was found. ${advice}`);
  machine.say('  installing Chromium from the Debian packages …');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    // Another package manager may be at work on a machine that has just started.
    const { code, output } = await machine.run(
      'apt-get',
      ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args],
      env,
    );
    if (code !== 0) throw new Error(`apt-get ${args[0]} failed. ${advice}\n${output.trim()}`);
  }
  const path = installedChromium(machine);
  if (path === undefined) throw new Error(`Chromium was installed but not found. ${advice}`);
  return path;
}

function installedChromium(machine: Machine): string | undefined {
  const folders = ['/usr/bin', ...(machine.env['PATH'] ?? '').split(':').filter((folder) => folder !== '')];
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => machine.exists(path));
}
