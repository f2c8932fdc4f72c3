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
  readonly results: readonly Result[];
}

/** So many of the sessions are visited, spread over all of them. */
const VISITED = 20_000;

export async function fillAndMeasure(
  chosen: readonly Variant[],
  bare: Variant,
  sessions: number,
  loads: readonly LoadName[],
  plan: Plan,
  places: Places,
  say: (text: string) => void,
): Promise<{ bare: readonly Result[]; filled: Filled[] }> {
  const filled: Filled[] = [];
  const alone: Result[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  try {
    for (const variant of chosen) {
      await places.empty();
      const env = { BENCH_SQLITE: join(folder, `${nameOf(variant).replaceAll(' ', '-')}-${sessions}.db`) };
      const execArgv = ['--expose-gc', '--max-old-space-size=12000'];
      const server = await ServerProcess.start(variant, places, { cpu: plan.serverCpu, env, execArgv });
      const beside = await ServerProcess.start(bare, places, { cpu: plan.serverCpu });
      try {
        say(`${nameOf(variant)}: filling with ${sessions.toLocaleString('en')} sessions`);
        const isInProcess = variant.store === 'memory';
        const bytes = async (): Promise<number> =>
          isInProcess ? (await server.ask({ ask: 'memory' })).heapUsed : places.redisBytes();
        const before = await bytes();
        const file = join(folder, 'cookies');
        await server.ask({ ask: 'fill', count: sessions, file });
        const isCounted = isInProcess || /redis|cached/.test(variant.store);
        const bytesEach = isCounted ? ((await bytes()) - before) / sessions : undefined;
        const cookies = (await readFile(file, 'utf8')).split('\n');
        const step = Math.max(1, Math.floor(cookies.length / VISITED));
        const visitors = cookies.flatMap((cookie, i) =>
          i % step === 0 ? [visitor(`user-${i}`, cookie)] : [],
        );
        const nobody = Array.from({ length: plan.browsers }, () => visitor('user-0'));
        await signInAll(beside, nobody, true);
        const running: Running[] = [
          { variant: bare, server: beside, visitors: nobody },
          { variant, server, visitors },
        ];
        const results: Result[] = [];
        for (const load of loads) {
          const [own, theirs] = await measure(running, load, plan, places, (text) =>
            say(`${nameOf(variant)}: ${text}`),
          );
          if (own) alone.push(own);
          if (theirs) results.push(theirs);
        }
        filled.push({ variant, sessions, bytesEach, results });
      } finally {
        await server.stop();
        await beside.stop();
      }
    }
    return { bare: alone, filled };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
