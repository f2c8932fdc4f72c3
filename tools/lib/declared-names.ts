import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const declaration =
  /^export (?:declare )?(?:abstract )?(?:const|let|function|class|interface|type|enum|namespace) ([\w$]+)/gm;
const namespaceExport = /^export \* as ([\w$]+) from/gm;
const starExport = /^export \* from '([^']+)'|^export \* from "([^"]+)"/gm;
const list = /^export (?:type )?\{([^}]*)\}/gm;

/** The names that a declaration file exports, types and values alike, through `export *` as well. */
export async function declaredNames(file: string, seen = new Set<string>()): Promise<Set<string>> {
  const names = new Set<string>();
  if (seen.has(file)) return names;
  seen.add(file);
  const text = await readFile(file, 'utf8');
  for (const [, name = ''] of text.matchAll(declaration)) names.add(name);
  for (const [, name = ''] of text.matchAll(namespaceExport)) names.add(name);
  for (const [, inside = ''] of text.matchAll(list)) {
    for (const item of inside.split(',')) {
      const name = item
        .trim()
        .replace(/^type /, '')
        .split(' as ')
        .at(-1);
      if (name !== undefined && name !== '') names.add(name);
    }
  }
  for (const [, single, double] of text.matchAll(starExport)) {
    const target = resolve(dirname(file), (single ?? double ?? '').replace(/\.(js|ts)$/, '.d.ts'));
    for (const name of await declaredNames(target, seen)) names.add(name);
  }
  return names;
}
