/**
 * Where the time of a request goes: a CPU profile of one server under load, as a flame graph and a list.
 *
 * `npm run profile -w bench -- express holdfast memory [read] [seconds]`
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { browsersFor, type LoadName, visitor } from './browsers.ts';
import {
  allocationsOf,
  byOwner,
  costliest,
  type CpuProfile,
  flameGraph,
  type Frame,
  framesOf,
  type HeapProfile,
  ownerOf,
} from './flame.ts';
import { bind } from './machine.ts';
import { startPlaces, type Urls } from './places.ts';
import { signInAll } from './rounds.ts';
import { ServerProcess } from './server-process.ts';
import type { Framework } from './variants.ts';

const WARM_UP = 2_000;
const ALLOCATING = 10_000;

function placeOf(one: Pick<Frame, 'name' | 'place'>): string {
  const place = one.place.replace(/^.*\/(?:packages\/holdfast\/dist|node_modules|bench\/src)\//, '');
  return /\d/.test(place) && place !== ':0' ? place : ownerOf(one);
}

export interface Profiled {
  readonly requests: number;
  readonly table: string;
  readonly svg: string;
}

export interface ProfileOptions {
  readonly load?: LoadName;
  readonly seconds?: number;
  readonly cpu?: number | undefined;
  readonly top?: number;
}

export async function profile(
  which: { framework: Framework; library: string; store: string },
  places: Urls,
  { load = 'read', seconds = 5, cpu, top = 40 }: ProfileOptions = {},
): Promise<Profiled> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-profile-'));
  const server = await ServerProcess.start(which, places, { cpu });
  try {
    const visitors = Array.from({ length: 16 }, (_, i) => visitor(`user-${i}`));
    const isBare = which.library === 'bare';
    await signInAll(server, visitors, isBare);
    const browsers = browsersFor(load, { visitors, count: 16, isBare });
    const run = async (until: { milliseconds?: number; requests?: number }): Promise<number> => {
      const { requests, firstWrong } = await server.connections.run(browsers, until);
      if (firstWrong !== undefined) throw new Error(firstWrong);
      return requests;
    };
    await run({ milliseconds: WARM_UP });
    const files = { times: join(folder, 'times'), bytes: join(folder, 'bytes') };
    await server.ask({ ask: 'startProfile' });
    const requests = await run({ milliseconds: seconds * 1000 });
    await server.ask({ ask: 'stopProfile', file: files.times });
    await server.ask({ ask: 'startAllocations' });
    const allocating = await run({ requests: ALLOCATING });
    await server.ask({ ask: 'stopAllocations', file: files.bytes });
    const root = framesOf(JSON.parse(await readFile(files.times, 'utf8')) as CpuProfile);
    const heap = allocationsOf(JSON.parse(await readFile(files.bytes, 'utf8')) as HeapProfile);
    const perRequest = (time: number): string => (time / requests).toFixed(2);
    const owners = [...byOwner(root)].toSorted((a, b) => b[1] - a[1]);
    const functions = costliest(root).slice(0, top);
    const table = [
      `${requests} requests, ${perRequest(root.total)} µs each, the profiler's own cost included; ${(heap.total / allocating).toFixed(0)} bytes allocated.`,
      '',
      '| whose | µs a request | bytes a request |\n|---|---|---|',
      ...owners.map(
        ([owner, time]) =>
          `| ${owner} | ${perRequest(time)} | ${((byOwner(heap).get(owner) ?? 0) / allocating).toFixed(0)} |`,
      ),
      '',
      '| function | where | µs a request, itself |\n|---|---|---|',
      ...functions.map((one) => `| ${one.name} | ${placeOf(one)} | ${perRequest(one.self)} |`),
      '',
      '| function | where | bytes a request, itself |\n|---|---|---|',
      ...costliest(heap)
        .slice(0, top)
        .map((one) => `| ${one.name} | ${placeOf(one)} | ${(one.self / allocating).toFixed(0)} |`),
    ].join('\n');
    const title = `${which.framework}, ${which.library}, ${which.store}: ${load}, ${perRequest(root.total)} µs a request`;
    return { requests, table, svg: flameGraph(root, title, requests) };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const cpu = bind();
  const [framework = 'express', library = 'holdfast', store = 'memory', load = 'read', seconds = '5'] =
    process.argv.slice(2);
  const places = await startPlaces({ postgres: store === 'postgres', mysql: store === 'mysql' });
  try {
    const which = { framework: framework as Framework, library, store };
    const { table, svg } = await profile(which, places, {
      load: load as LoadName,
      seconds: Number(seconds),
      cpu,
    });
    const file = resolve(`${framework}-${library.replace(/\W/g, '')}-${store}-${load}.svg`);
    await writeFile(file, svg);
    console.log(`${table}\n\n${file}`);
  } finally {
    await places.stop();
  }
}
