/** Applications of other people, installed into a folder of their own: nothing else on the machine changes. */
import { mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../lib/workspace.ts';

/**
 * Unpacks packages of Debian below `folder`, as any user may, and makes their absolute paths lead to there.
 * @returns the version of each
 */
export async function unpackDebian(folder: string, names: readonly string[]): Promise<Map<string, string>> {
  const downloads = join(folder, 'packages');
  await mkdir(downloads, { recursive: true });
  await must('apt-get', ['-qq', 'download', ...names], downloads);
  const versions = new Map<string, string>();
  for (const file of await readdir(downloads)) {
    const path = join(downloads, file);
    await must('dpkg', ['-x', path, folder]);
    const fields = await must('dpkg-deb', ['-f', path, 'Package', 'Version']);
    const [, name = ''] = /^Package: (.*)$/m.exec(fields) ?? [];
    const [, version = ''] = /^Version: (.*)$/m.exec(fields) ?? [];
    versions.set(name, version);
  }
  await relocate(folder, join(folder, 'usr/share'));
  await relocate(folder, join(folder, 'etc'));
  await relocate(folder, join(folder, 'var'));
  return versions;
}

/** `/usr/share/…`, `/etc/…` and `/var/lib/…` in links and in quoted texts of PHP. */
async function relocate(root: string, folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) {
      const target = await readlink(path);
      if (!target.startsWith('/')) continue;
      await rm(path);
      await symlink(join(root, target), path);
    } else if (entry.isDirectory()) await relocate(root, path);
    else if (/\.(?:php|inc)$/.test(entry.name)) {
      const text = await readFile(path, 'utf8');
      const moved = text.replace(/(['"])(\/(?:usr\/share|etc|var\/lib|var\/cache)\/)/g, `$1${root}$2`);
      if (moved !== text) await writeFile(path, moved);
    }
  }
}

/** Installs packages of npm below `folder`; what they run at their installation is left out. */
export async function installNpm(folder: string, packages: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await must('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], folder);
}

/** @throws Error with what it said, for a program that failed. */
export async function must(command: string, args: readonly string[], cwd?: string): Promise<string> {
  const { code, output } = await run(command, args, { ...(cwd !== undefined && { cwd }) });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output.slice(-2_000)}`);
  return output;
}
