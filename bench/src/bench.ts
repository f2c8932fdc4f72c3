/**
 * Everything side by side: `npm run bench -w bench` writes `docs/benchmarks.md`, `-- --short` checks that all answer rightly.
 *
 * `--rounds 5`, `--only express,hono` and `--out folder` are for work on the benchmark itself.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run, workspace } from '../../tools/lib/workspace.ts';
import type { LoadName } from './browsers.ts';
import { fillAndMeasure, type Filled, type Filling } from './filled.ts';
import { bind, describeMachine } from './machine.ts';
import { installPeers, peerVersions } from './peers.ts';
import { type Places, startPlaces } from './places.ts';
import { profile } from './profile.ts';
import { report } from './report.ts';
import { measure, type Plan, type Result, startAll } from './rounds.ts';
import { type Framework, FRAMEWORKS, nameOf, titleOf, type Variant, variants } from './variants.ts';
import { lookAtWire, type Wire } from './wire.ts';
import { letThemWrite, type Survivors, WRITERS } from './writers.ts';

const FULL: Omit<Plan, 'serverCpu'> = {
  rounds: 15,
  slices: 4,
  sliceMs: 200,
  rampRequests: 200,
  warmUpMs: 3_000,
  browsers: 16,
};
const SHORT: Omit<Plan, 'serverCpu'> = {
  rounds: 1,
  slices: 1,
  sliceMs: 20,
  rampRequests: 5,
  warmUpMs: 20,
  browsers: 4,
};
const LOADS: readonly LoadName[] = ['read', 'write', 'sign-in', 'anonymous'];
/** Without what takes long to start. */
const SHORT_STORES = new Set(['none', 'memory', 'sqlite', 'redis', 'ioredis', 'cached']);

const say = (text: string): void => console.log(text);

async function measureFramework(
  chosen: readonly Variant[],
  plan: Plan,
  places: Places,
  leftOut: string[],
  tell: (text: string) => void = say,
): Promise<Result[]> {
  const { running, failed } = await startAll(chosen, plan, places);
  for (const { why } of failed) leftOut.push(why);
  const results: Result[] = [];
  try {
    for (const load of LOADS) {
      const taking = running.filter(({ variant }) => variant.loads.includes(load));
      results.push(
        ...(await measure(taking, load, plan, places, (text) => tell(`${chosen[0]?.framework}: ${text}`))),
      );
    }
    return results;
  } finally {
    for (const { server } of running) await server.stop();
  }
}

/** What fails in one variant is told, and the others go on. */
async function each<T>(
  chosen: readonly Variant[],
  leftOut: string[],
  what: string,
  work: (variant: Variant) => Promise<T>,
): Promise<T[]> {
  const found: T[] = [];
  for (const variant of chosen) {
    try {
      found.push(await work(variant));
    } catch (error) {
      leftOut.push(`${nameOf(variant)}, ${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return found;
}

/** Ours on each store and by hand on two through `node:http`, and ours on each framework that the workspace has. */
const SHORT_VARIANTS: readonly Variant[] = variants.filter(({ framework, kind, store }) => {
  if (kind === 'by-hand' && store !== 'memory' && store !== 'redis') return false;
  if (framework === 'node') return kind !== 'peer' && SHORT_STORES.has(store);
  return (framework === 'express' || framework === 'hono') && kind === 'holdfast' && store === 'memory';
});

/** Throws what is not as it must be; returns how many loads were answered rightly. */
export async function checkAll(): Promise<number> {
  const places = await startPlaces({ postgres: false });
  try {
    const plan: Plan = { ...SHORT, serverCpu: undefined };
    const problems: string[] = [];
    const results: Result[] = [];
    for (const framework of FRAMEWORKS) {
      const own = SHORT_VARIANTS.filter((variant) => variant.framework === framework);
      if (own.length > 0)
        results.push(...(await measureFramework(own, plan, places, problems, () => undefined)));
    }
    for (const { variant, load, wrong } of results) {
      if (wrong !== undefined) problems.push(`${nameOf(variant)}, ${load}: ${wrong}`);
    }
    const writing = SHORT_VARIANTS.filter(
      ({ framework, kind, store }) => framework === 'node' && kind === 'holdfast' && store === 'redis',
    );
    const survivors = await each(writing, problems, 'writers', (one) => letThemWrite(one, places, undefined));
    for (const { variant, keys, count } of survivors) {
      if (keys !== WRITERS || count !== WRITERS) {
        problems.push(`${nameOf(variant)} kept ${keys} of ${WRITERS} keys, and counted to ${count}`);
      }
    }
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return results.length;
  } finally {
    await places.stop();
  }
}

async function everything(options: {
  rounds: number;
  only: readonly string[];
  out: string;
  sizes: readonly number[];
}): Promise<void> {
  const startedAt = performance.now();
  const leftOut: string[] = [];
  const serverCpu = bind();
  const plan: Plan = { ...FULL, rounds: options.rounds, serverCpu };
  await installPeers();
  const places = await startPlaces({ postgres: true });
  try {
    const chosen = variants.filter(
      ({ framework }) => options.only.length === 0 || options.only.includes(framework),
    );
    const results: Result[] = [];
    for (const framework of FRAMEWORKS) {
      const own = chosen.filter((variant) => variant.framework === framework);
      if (own.length > 1) results.push(...(await measureFramework(own, plan, places, leftOut)));
    }
    say('on the wire');
    const wires: Wire[] = await each(chosen, leftOut, 'on the wire', (variant) =>
      lookAtWire(variant, places, serverCpu),
    );
    say('writers');
    const writing = chosen.filter(({ kind, loads }) => kind !== 'bare' && loads.includes('write'));
    const survivors: Survivors[] = await each(writing, leftOut, 'writers', (variant) =>
      letThemWrite(variant, places, serverCpu),
    );
    const filling = chosen.filter(
      ({ framework, kind, store }) =>
        framework === 'node' && kind === 'holdfast' && store !== 'ioredis' && store !== 'cached',
    );
    const bare = variants.find(({ framework, kind }) => framework === 'node' && kind === 'bare');
    const filled: Filled[] = [];
    for (const sessions of options.sizes) {
      if (!bare) break;
      const many: Filling = { sessions, loads: ['read', 'mixed'], bare };
      const what = `${sessions.toLocaleString('en')} sessions`;
      filled.push(
        ...(await each(filling, leftOut, what, (variant) =>
          fillAndMeasure(variant, many, plan, places, say),
        )),
      );
    }
    const profiles = [];
    for (const framework of ['express', 'node'] as const satisfies Framework[]) {
      const variant = chosen.find(
        (one) => one.framework === framework && one.library === 'holdfast' && one.store === 'memory',
      );
      if (!variant) continue;
      const { svg, table } = await profile(variant, places, { cpu: serverCpu, seconds: 10, top: 10 });
      const title = `${framework}: ${titleOf(variant).replaceAll('*', '')}, read`;
      profiles.push({ file: `flame-${framework}.svg`, title, svg, table });
    }
    const micro = await run(process.execPath, ['--expose-gc', join(workspace, 'bench/src/micro.ts')]);
    const { markdown, charts } = report({
      command: 'npm run bench -w bench',
      machine: describeMachine(serverCpu),
      versions: [...places.versions, ...(await peerVersions())],
      rounds: plan.rounds,
      minutes: (performance.now() - startedAt) / 60_000,
      results,
      wires,
      survivors,
      filled,
      micro: micro.code === 0 ? micro.output.trim() : '',
      profiles,
      leftOut,
    });
    await rm(join(options.out, 'benchmarks'), { recursive: true, force: true });
    await mkdir(join(options.out, 'benchmarks'), { recursive: true });
    await writeFile(join(options.out, 'benchmarks.md'), markdown);
    for (const [file, svg] of Object.entries(charts))
      await writeFile(join(options.out, 'benchmarks', file), svg);
    say(`written: ${join(options.out, 'benchmarks.md')}`);
  } finally {
    await places.stop();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      rounds: { type: 'string', default: String(FULL.rounds) },
      only: { type: 'string', default: '' },
      sizes: { type: 'string', default: '1000,100000,1000000' },
      out: { type: 'string', default: join(workspace, 'docs') },
    },
  });
  const build = await run('tsc', ['-b']);
  if (build.code !== 0) throw new Error(build.output);
  if (values.short) say(`${await checkAll()} loads answered rightly`);
  else {
    await everything({
      rounds: Number(values.rounds),
      only: values.only.split(',').filter(Boolean),
      sizes: values.sizes.split(',').filter(Boolean).map(Number),
      out: values.out,
    });
  }
}
