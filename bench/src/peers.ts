/** What is measured beside, in a folder of its own: installed when it is first asked for, never with the workspace. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { run } from '../../tools/lib/workspace.ts';
import { load } from '../peers/load.ts';

const folder = fileURLToPath(new URL('../peers/', import.meta.url));

function hasPeers(): boolean {
  return existsSync(`${folder}node_modules/.package-lock.json`);
}

/** Exactly what the lock file says. */
export async function installPeers(): Promise<void> {
  if (hasPeers()) return;
  const { code, output } = await run('npm', ['ci', '--workspaces=false', '--prefix', folder]);
  if (code !== 0) throw new Error(output);
}

/** A module of a peer. */
export async function peer<Module>(name: string): Promise<Module> {
  await installPeers();
  return (await load(name)) as Module;
}

/** `name version`, of each. */
export async function peerVersions(): Promise<string[]> {
  const { dependencies } = JSON.parse(await readFile(`${folder}package.json`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
}
