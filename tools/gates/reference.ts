// A reference that is written by hand is wrong by the next release. These pages are generated from what the package
// declares, one for each subpath: every name with its doc comment and its declaration. The gate sees that they are up to date.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Declaration, declarationsOf } from '../lib/declarations.ts';
import { type Gate, type Report, runGate } from '../lib/gate.ts';
import { library, readManifest, type Subpath, subpathsOf } from '../lib/package.ts';

const folder = 'docs/reference';

function pageOf(subpath: Subpath): string {
  return `${subpath.specifier.replaceAll('/', '-')}.md`;
}

function isValue({ kind }: Declaration): boolean {
  return kind === 'function' || kind === 'const' || kind === 'class';
}

/** Doc comments are prose with a few tags at their end. */
function proseOf(doc: string): string {
  return doc
    .replace(/^@throws\s+/gm, '\n**Throws** ')
    .replace(/^@param\s+(\S+)\s+/gm, '\n**`$1`**: ')
    .replace(/^@returns\s+/gm, '\n**Returns** ')
    .trim();
}

function entry(declaration: Declaration): string {
  const { name, doc, code } = declaration;
  // `tsx` is coloured as TypeScript, and is not one of the examples that are compiled.
  return [`## ${name}`, '', ...(doc === '' ? [] : [proseOf(doc), '']), '```tsx', code, '```', ''].join('\n');
}

async function render(root: string, subpath: Subpath): Promise<string> {
  const all = await declarationsOf(join(root, library, subpath.types));
  const byName = (a: Declaration, b: Declaration): number => (a.name < b.name ? -1 : 1);
  const ordered = [
    ...all.filter(isValue).toSorted(byName),
    ...all.filter((each) => !isValue(each)).toSorted(byName),
  ];
  const list = ordered.map(({ name }) => `[\`${name}\`](#${name.toLowerCase()})`).join(' · ');
  const head = [
    `# ${subpath.specifier}`,
    '',
    'Generated from the declarations: `npm run gates -- reference --write`.',
    '',
    list,
    '',
  ];
  return [...head, ...ordered.map(entry)].join('\n');
}

function index(subpaths: readonly Subpath[]): string {
  const rows = subpaths.map((subpath) => `- [\`${subpath.specifier}\`](${pageOf(subpath)})`);
  return ['# Reference', '', ...rows, '', 'Every name at a glance: [exports](exports.md).', ''].join('\n');
}

async function pages(root: string): Promise<Map<string, string>> {
  const { subpaths } = subpathsOf(await readManifest(root));
  const rendered = new Map([['README.md', index(subpaths)]]);
  for (const subpath of subpaths) rendered.set(pageOf(subpath), await render(root, subpath));
  return rendered;
}

async function check(root: string): Promise<Report> {
  const problems: string[] = [];
  const expected = await pages(root);
  for (const [name, text] of expected) {
    const path = join(root, folder, name);
    const actual = existsSync(path) ? await readFile(path, 'utf8') : '';
    if (actual !== text) {
      problems.push(
        `${folder}/${name} is not what the package declares. Run \`npm run gates -- reference --write\`.`,
      );
    }
  }
  return { problems, notes: [`${expected.size} pages`] };
}

async function write(root: string): Promise<void> {
  for (const [name, text] of await pages(root)) {
    const path = join(root, folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

export const gate: Gate = { check, write };
if (import.meta.main) process.exitCode = await runGate(gate, process.argv.slice(2));
