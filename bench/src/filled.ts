/** Whether a request costs the same among a million sessions: stores filled with more and more of them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadName, visitor } from './browsers.ts';
import type { Places } from './places.ts';
import { measure, type Plan, type Result, type Running, signInAll } from './rounds.ts';
import { ServerProcess } from './server-process.ts';
import { nameOf, type Variant } from './variants.ts';

export interface Filled {
  readonly variant: Variant;
  readonly sessions: number;
  /** Bytes a session takes in the process, or in Redis. */
  readonly bytesEach: number | undefined;
  /** Of each load, with the bare framework's in the same rounds. */
  readonly results: readonly { readonly own: Result; readonly bare: Result }[];
}

/** So many of the sessions are visited, spread over all of them. */
const VISITED = 20_000;

export interface Filling {
  readonly sessions: number;
  readonly loads: readonly LoadName[];
  /** The framework alone, to compare with. */
  readonly bare: Variant;
}

export async function fillAndMeasure(
  variant: Variant,
  { sessions, loads, bare }: Filling,
  plan: Plan,
  places: Places,
  say: (text: string) => void,
): Promise<Filled> {
  await places.empty();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const servers: ServerProcess[] = [];
  try {
    const env = { BENCH_SQLITE: join(folder, 'sessions.db') };
    const execArgv = ['--expose-gc', '--max-old-space-size=12000'];
    const server = await ServerProcess.start(variant, places, { cpu: plan.serverCpu, env, execArgv });
    servers.push(server);
    const beside = await ServerProcess.start(bare, places, { cpu: plan.serverCpu });
    servers.push(beside);

    say(`${nameOf(variant)}: filling with ${sessions.toLocaleString('en')} sessions`);
    const bytes = async (): Promise<number> =>
      variant.store === 'memory'
        ? (await server.ask({ ask: 'memory' })).heapUsed
        : variant.store === 'redis'
          ? places.redisBytes()
          : Number.NaN;
    const before = await bytes();
    const file = join(folder, 'cookies');
    await server.ask({ ask: 'fill', count: sessions, file });
    const bytesEach = ((await bytes()) - before) / sessions;

    const cookies = (await readFile(file, 'utf8')).split('\n');
    const step = Math.max(1, Math.floor(cookies.length / VISITED));
    const visitors = cookies.flatMap((cookie, i) => (i % step === 0 ? [visitor(`user-${i}`, cookie)] : []));
    const nobody = Array.from({ length: plan.browsers }, () => visitor('user-0'));
    await signInAll(beside, nobody, true);
    const running: Running[] = [
      { variant: bare, server: beside, visitors: nobody },
      { variant, server, visitors },
    ];
    const results: { own: Result; bare: Result }[] = [];
    for (const load of loads) {
      const tell = (text: string): void => say(`${nameOf(variant)}: ${text}`);
      const [alone, own] = await measure(running, load, plan, places, tell);
      if (alone && own) results.push({ own, bare: alone });
    }
    return { variant, sessions, bytesEach: Number.isNaN(bytesEach) ? undefined : bytesEach, results };
  } finally {
    for (const server of servers) await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
