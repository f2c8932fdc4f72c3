// Documentation that does not compile teaches the wrong thing, and what compiles may still not do what the page says. Every
// block marked `ts` is compiled against the built package, as a reader would paste it; those marked `ts run` are run too, and
// each how-to shows its promise in one of them. Every relative link must lead somewhere.
// A block is a module of its own; `ts continue` goes on where the block before it ended, and is run where that is.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { startMariadb } from '../../packages/holdfast/test/support/mysql/server.ts';
import { startPostgres } from '../../packages/holdfast/test/support/postgres/server.ts';
import { startRedis } from '../../packages/holdfast/test/support/redis/server.ts';
import { type Example, fileOf, runExamples } from '../lib/examples.ts';
import { type Gate, type Report, runGate } from '../lib/gate.ts';
import { anchorsOf, type Block, documents, linksOf, splitMarkdown } from '../lib/markdown.ts';
import { run, workspace } from '../lib/workspace.ts';

export interface Module {
  code: string;
  isRun: boolean;
}

/** Each module stands on the lines it has in its document, so that an error's line needs no translation. */
export function modulesOf(blocks: Block[]): Module[] {
  const modules: Module[] = [];
  for (const { info, line, code } of blocks) {
    const [language, ...marks] = info.split(/\s+/);
    if (language !== 'ts' && language !== 'typescript') continue;
    const before = marks.includes('continue') ? modules.pop() : undefined;
    const start = before?.code ?? '';
    modules.push({
      code: start + '\n'.repeat(Math.max(0, line - 1 - newlines(start))) + code,
      isRun: before?.isRun === true || marks.includes('run'),
    });
  }
  return modules;
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}

function compilerOptions(): object {
  return {
    extends: join(workspace, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: true,
      // An example shows a value without using it.
      noUnusedLocals: false,
      noUnusedParameters: false,
      types: ['node'],
      typeRoots: [join(workspace, 'node_modules/@types')],
    },
    include: ['.'],
  };
}

/** Compiles the examples, and runs those that are to be run. */
async function tryOut(root: string, modules: Map<string, Module>): Promise<string[]> {
  // Inside the workspace, because packages are found by walking up from the importing file.
  const parent = join(root, '.docs-check');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'run-'));
  try {
    const documentOf = new Map<string, string>();
    const examples: Example[] = [];
    for (const [name, { code, isRun }] of modules) {
      const file = fileOf(name, code);
      const document = name.replace(/#\d+$/, '');
      documentOf.set(file, document);
      await writeFile(join(folder, file), code);
      if (isRun) examples.push({ document, file: join(folder, file) });
    }
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(compilerOptions()));
    const problems = await compile(folder, documentOf);
    return problems.length > 0 ? problems : await runWithServers(examples, [...modules.values()]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whoever runs an example has these; the gate starts one for each that is named and not there. */
const SERVERS: Readonly<Record<string, () => Promise<{ readonly url: string; stop(): Promise<void> }>>> = {
  REDIS_URL: startRedis,
  POSTGRES_URL: startPostgres,
  MYSQL_URL: startMariadb,
};

/** Examples that name `REDIS_URL` find a Redis there: the one that it names here, or one of their own; and so with the others. */
async function runWithServers(examples: readonly Example[], modules: readonly Module[]): Promise<string[]> {
  const variables: Record<string, string> = {};
  const started: { stop(): Promise<void> }[] = [];
  try {
    for (const [variable, start] of Object.entries(SERVERS)) {
      if (!modules.some(({ code, isRun }) => isRun && code.includes(variable))) continue;
      const named = process.env[variable];
      const server = named ? { url: named, stop: async () => undefined } : await start();
      started.push(server);
      variables[variable] = server.url;
    }
    return await runExamples(examples, undefined, variables);
  } finally {
    await Promise.all(started.map((server) => server.stop()));
  }
}

async function compile(folder: string, documentOf: ReadonlyMap<string, string>): Promise<string[]> {
  const { code, output } = await run('tsc', ['-p', folder, '--pretty', 'false'], { cwd: folder });
  if (code === 0) return [];
  return output
    .trim()
    .split('\n')
    .map((line) =>
      line.replace(/^(\S+?\.ts)\((\d+),(\d+)\)/, (whole, file: string, row: string, column: string) => {
        const document = documentOf.get(basename(file));
        return document === undefined ? whole : `${document}:${row}:${column}`;
      }),
    );
}

async function deadLinks(root: string, file: string, markdown: string): Promise<string[]> {
  const problems: string[] = [];
  for (const link of linksOf(markdown)) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(link)) continue;
    const [path = '', anchor] = decodeURI(link).split('#');
    const target = path === '' ? join(root, file) : join(root, dirname(file), path);
    if (!existsSync(target) || relative(root, target).startsWith('..')) {
      problems.push(`${file} links to ${link}, which does not exist.`);
    } else if (anchor !== undefined && target.endsWith('.md')) {
      const anchors = anchorsOf(await readFile(target, 'utf8'));
      if (!anchors.has(anchor)) problems.push(`${file} links to ${link}, but no heading has that anchor.`);
    }
  }
  return problems;
}

async function check(root: string): Promise<Report> {
  const problems: string[] = [];
  const modules = new Map<string, Module>();
  const files = documents(root);
  if (files.length === 0) problems.push('There is no documentation.');
  for (const file of files) {
    const markdown = await readFile(join(root, file), 'utf8');
    problems.push(...(await deadLinks(root, file, markdown)));
    const own = modulesOf(splitMarkdown(markdown).blocks);
    if (isHowTo(file) && !own.some(({ isRun }) => isRun)) {
      problems.push(`${file} has no example marked \`ts run\`, so nothing shows that it holds.`);
    }
    for (const [index, module] of own.entries()) modules.set(`${file}#${index + 1}`, module);
  }
  if (modules.size > 0) problems.push(...(await tryOut(root, modules)));
  const runs = [...modules.values()].filter(({ isRun }) => isRun).length;
  return { problems, notes: [`${files.length} documents, ${modules.size} examples, ${runs} of them run`] };
}

function isHowTo(file: string): boolean {
  return file.startsWith('docs/howto/') && basename(file) !== 'README.md';
}

export const gate: Gate = { check };
if (import.meta.main) process.exitCode = await runGate(gate, process.argv.slice(2));
