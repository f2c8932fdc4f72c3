/**
 * Everything side by side: `npm run bench -w bench` writes `docs/benchmarks.md`, its charts and `docs/benchmarks/figures.json`.
 *
 * `-- --short` checks that all answer rightly. `-- --resume` goes on with a run that was cut short, `-- --render` writes the page
 * again from what there is. `--rounds 2`, `--only express,filled`, `--sizes 1000,100000` and `--out folder` are for work on the
 * benchmark itself.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run, workspace } from '../../tools/lib/workspace.ts';
import type { LoadName } from './browsers.ts';
import { checkAll } from './check.ts';
import { startCold } from './cold-start.ts';
import { fillAndMeasure } from './filled.ts';
import { type Findings, noFindings, Notebook } from './findings.ts';
import { each, measureFramework } from './frameworks.ts';
import { bind, describeMachine } from './machine.ts';
import { installPeers, peerVersions } from './peers.ts';
import { type Places, startPlaces } from './places.ts';
import { profile } from './profile.ts';
import { report } from './report/page.ts';
import type { Plan } from './rounds.ts';
import { sessionMemories } from './session-memory.ts';
import { bundleAll } from './sizes.ts';
import { FRAMEWORKS, isMeasured, nameOf, titleOf, type Variant, variants } from './variants.ts';
import { lookAtWire } from './wire.ts';
import { letThemWrite } from './writers.ts';

const ROUNDS = 15;
const ROUND = { sliceMs: 80, rampRequests: 200 };
/** The main load. */
const READ = {
  ...ROUND,
  starts: 2,
  shareMs: 250,
  warmUp: { leastMs: 10_000, answers: 10_000, mostMs: 20_000 },
};
/** The others are there to be compared with it, and take half the time. */
const OTHER = {
  ...ROUND,
  starts: 1,
  shareMs: 100,
  warmUp: { leastMs: 0, answers: 15_000, mostMs: 10_000 },
};
const COLD_ROUNDS = 11;
const LOADS: readonly LoadName[] = ['read', 'write', 'sign-in', 'anonymous'];

const say = (text: string): void => console.log(text);

interface Options {
  readonly rounds: number;
  readonly only: readonly string[];
  readonly sizes: readonly number[];
  readonly out: string;
}

/** One run: what it measures goes into its findings, and they into the notebook. */
class Run {
  readonly #options: Options;
  readonly #findings: Findings;
  readonly #notebook: Notebook;
  readonly #places: Places;
  readonly #cpu: number | undefined;

  constructor(
    options: Options,
    findings: Findings,
    notebook: Notebook,
    places: Places,
    cpu: number | undefined,
  ) {
    this.#options = options;
    this.#findings = findings;
    this.#notebook = notebook;
    this.#places = places;
    this.#cpu = cpu;
  }

  async everything(): Promise<void> {
    const found = this.#findings;
    for (const framework of FRAMEWORKS) await this.#framework(framework);
    await this.#filled();
    const leftOut = (part: string) => (variant: Variant, why: string) =>
      this.#leaveOut(part, `${nameOf(variant)}, ${part}: ${why}`);
    await this.#part('wire', async () => {
      const wires = await each(variants, (one) => lookAtWire(one, this.#places, this.#cpu), leftOut('wire'));
      found.wires.push(...wires);
    });
    await this.#part('writers', async () => {
      const writing = variants.filter(({ kind, loads }) => kind !== 'bare' && loads.includes('write'));
      const survivors = await each(
        writing,
        (one) => letThemWrite(one, this.#places, this.#cpu),
        leftOut('writers'),
      );
      found.survivors.push(...survivors);
    });
    await this.#part('sizes', async () => {
      const { sizes, failed } = await bundleAll();
      found.sizes.push(...sizes);
      for (const why of failed) this.#leaveOut('sizes', why);
    });
    await this.#part('memory', async () => void found.memories.push(...(await sessionMemories())));
    await this.#part('start', async () => {
      const rounds = Math.min(COLD_ROUNDS, this.#options.rounds);
      const { starts, imports, failed } = await startCold(rounds, this.#cpu);
      found.starts.push(...starts);
      found.imports.push(...imports);
      for (const why of failed) this.#leaveOut('start', why);
    });
    await this.#part('profiles', () => this.#profiles());
    await this.#part('micro', async () => {
      const micro = join(workspace, 'bench/src/micro.ts');
      const { code, output } = await run(process.execPath, ['--expose-gc', micro]);
      if (code !== 0) throw new Error(output);
      found.micro = output.trim();
    });
  }

  #plan(load: LoadName): Plan {
    const own = load === 'read' ? READ : OTHER;
    return { rounds: this.#options.rounds, browsers: 16, serverCpu: this.#cpu, ...own };
  }

  #isAsked(name: string): boolean {
    const { only } = this.#options;
    return only.length === 0 || only.includes(name);
  }

  #leaveOut(part: string, why: string): void {
    say(`left out: ${why}`);
    this.#findings.leftOut.push({ part, why });
  }

  /** What was left out of an earlier run is tried again. */
  #begin(part: string): void {
    this.#findings.leftOut = this.#findings.leftOut.filter((one) => one.part !== part);
  }

  /** Once, and kept. What fails is told, and the run goes on; `--resume` tries it again. */
  async #part(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.#findings.done[name] !== undefined) return;
    if (!this.#isAsked(name) && !this.#isAsked(name.split(' ')[0] ?? '')) return;
    const startedAt = performance.now();
    this.#begin(name);
    try {
      await work();
      this.#finish(name, startedAt);
    } catch (error) {
      this.#leaveOut(name, `${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    await this.#notebook.save(this.#findings);
  }

  #finish(name: string, startedAt: number): void {
    const minutes = (performance.now() - startedAt) / 60_000;
    this.#findings.done[name] = minutes;
    say(`${new Date().toISOString().slice(11, 19)} ${name}: ${minutes.toFixed(1)} minutes`);
  }

  async #framework(framework: Variant['framework']): Promise<void> {
    if (!this.#isAsked(framework)) return;
    const found = this.#findings;
    const own = variants.filter((variant) => variant.framework === framework);
    const loads = LOADS.filter(
      (load) =>
        found.done[`${framework} ${load}`] === undefined &&
        own.some((one) => one.kind === 'holdfast' && isMeasured(one, load)),
    );
    if (loads.length === 0) return;
    this.#begin(framework);
    let startedAt = performance.now();
    const measuring = measureFramework(own, this.#places, {
      loads,
      plan: (load) => this.#plan(load),
      takes: isMeasured,
      leftOut: (why) => this.#leaveOut(framework, why),
      done: async (load, results) => {
        found.results.push(...results);
        for (const { variant, wrong } of results) {
          if (wrong !== undefined) say(`thrown out: ${nameOf(variant)}, ${load}: ${wrong}`);
        }
        this.#finish(`${framework} ${load}`, startedAt);
        startedAt = performance.now();
        await this.#notebook.save(found);
      },
    });
    await measuring.catch((error: unknown) => this.#leaveOut(framework, `${framework}: ${String(error)}`));
  }

  async #filled(): Promise<void> {
    const bare = variants.find(({ framework, kind }) => framework === 'node' && kind === 'bare');
    const filling = variants.filter(
      ({ framework, kind, store }) =>
        framework === 'node' && kind === 'holdfast' && store !== 'ioredis' && store !== 'cached',
    );
    if (!bare) return;
    for (const variant of filling) {
      await this.#part(`filled ${variant.store}`, async () => {
        const many = { sizes: this.#options.sizes, bare, say };
        this.#findings.filled.push(await fillAndMeasure(variant, many, this.#plan('mixed'), this.#places));
      });
    }
  }

  async #profiles(): Promise<void> {
    for (const [framework, store] of [
      ['express', 'memory'],
      ['express', 'sqlite'],
      ['express', 'redis'],
      ['express', 'ioredis'],
      ['express', 'postgres'],
      ['node', 'memory'],
    ] as const) {
      const variant = variants.find(
        (one) => one.framework === framework && one.kind === 'holdfast' && one.store === store,
      );
      if (!variant) continue;
      const { svg, table } = await profile(variant, this.#places, { cpu: this.#cpu, seconds: 8, top: 10 });
      const title = `${framework}: ${titleOf(variant).replaceAll('*', '')}, read`;
      const file = `flame-${framework}-${store}.svg`;
      await this.#notebook.put(file, svg);
      this.#findings.profiles.push({ file, title, table });
    }
  }
}

async function render(out: string): Promise<void> {
  const notebook = new Notebook(out);
  const findings = await notebook.load();
  if (!findings) throw new Error(`there are no figures in ${notebook.folder}`);
  const remarks = await readFile(join(workspace, 'bench/remarks.md'), 'utf8').catch(() => '');
  const { markdown, charts } = report(findings, remarks);
  for (const [file, svg] of Object.entries(charts)) await notebook.put(file, svg);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'benchmarks.md'), markdown);
  say(`written: ${join(out, 'benchmarks.md')}`);
}

async function measureAll(options: Options, isResumed: boolean): Promise<void> {
  const cpu = bind();
  await installPeers();
  const places = await startPlaces({ postgres: true, mysql: true });
  try {
    const notebook = new Notebook(options.out);
    const before = isResumed ? await notebook.load() : undefined;
    if (!before) await notebook.clear();
    const versions = [...places.versions, ...(await peerVersions())];
    const findings =
      before ?? noFindings({ machine: describeMachine(cpu), versions, rounds: options.rounds });
    await new Run(options, findings, notebook, places, cpu).everything();
  } finally {
    await places.stop();
  }
  await render(options.out);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      render: { type: 'boolean', default: false },
      rounds: { type: 'string', default: String(ROUNDS) },
      only: { type: 'string', default: '' },
      sizes: { type: 'string', default: '1000,100000,1000000' },
      out: { type: 'string', default: join(workspace, 'docs') },
    },
  });
  if (values.render) await render(values.out);
  else {
    const build = await run('tsc', ['-b']);
    if (build.code !== 0) throw new Error(build.output);
    if (values.short) say(`${await checkAll()} loads answered rightly`);
    else {
      const options = {
        rounds: Number(values.rounds),
        only: values.only.split(',').filter(Boolean),
        sizes: values.sizes.split(',').filter(Boolean).map(Number),
        out: values.out,
      };
      await measureAll(options, values.resume);
    }
  }
}
