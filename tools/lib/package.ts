import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const library = 'packages/holdfast';

export interface Manifest {
  name: string;
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export async function readManifest(root: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, library, 'package.json'), 'utf8')) as Manifest;
}

export interface Subpath {
  /** As in the export map: `./fetch`. */
  key: string;
  /** As a user imports it: `holdfast/fetch`. */
  specifier: string;
  types: string;
  default: string;
}

/** The entries of the export map that are modules, and what is wrong with the others. */
export function subpathsOf(manifest: Manifest): { subpaths: Subpath[]; problems: string[] } {
  const subpaths: Subpath[] = [];
  const problems: string[] = [];
  for (const [key, value] of Object.entries(manifest.exports)) {
    if (key === './package.json') continue;
    if (key.includes('*')) {
      problems.push(`Export "${key}" is a wildcard: every subpath is listed by name.`);
      continue;
    }
    const entry = value as Record<string, string>;
    if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'types,default') {
      problems.push(`Export "${key}" must have the conditions "types" and "default", in this order.`);
      continue;
    }
    const specifier = manifest.name + key.slice(1);
    subpaths.push({ key, specifier, types: entry['types'] ?? '', default: entry['default'] ?? '' });
  }
  return { subpaths, problems };
}
