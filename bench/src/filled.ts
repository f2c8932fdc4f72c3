/**
 * Whether a request costs the same among a million sessions: servers on stores with a thousand, a hundred thousand and a million,
 * under load at once.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { visitor } from './browsers.ts';
import type { Places } from './places.ts';
import { measure, type Plan, type Result, type Running, signInAll } from './rounds.ts';
import { ServerProcess } from './server-process.ts';
import type { Variant } from './variants.ts';

export interface Filled {
  readonly variant: Variant;
  /** From the fewest sessions to the most. */
  readonly sizes: readonly {
    readonly sessions: number;
    /** Bytes that each takes: in the process, in Redis, or in tables and indexes. */
    readonly bytesEach: number;
    readonly result: Result;
  }[];
}

/** So many of the sessions are visited, spread over all of them. */
const VISITED = 20_000;

export interface Filling {
  readonly sizes: readonly number[];
  /** The framework alone, to compare with. */
  readonly bare: Variant;
  readonly say: (text: string) => void;
}

export async function fillAndMeasure(
  variant: Variant,
  { sizes, bare, say }: Filling,
  plan: Plan,
  places: Places,
): Promise<Filled> {
  await places.empty();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const servers: ServerProcess[] = [];
  try {
    const cpu = plan.serverCpu;
    const beside = await ServerProcess.start(bare, places, { cpu });
    servers.push(beside);
    const nobody = Array.from({ length: plan.browsers }, () => visitor('user-0'));
    await signInAll(beside, nobody, true);
    const running: Running[] = [{ variant: bare, server: beside, visitors: nobody }];
    const bytes: number[] = [];
    for (const [i, sessions] of sizes.entries()) {
      const env = { BENCH_FILL: '1', BENCH_SQLITE: join(folder, `${sessions}.db`) };
      const execArgv = ['--expose-gc', '--max-old-space-size=12000'];
      const server = await ServerProcess.start(variant, await places.apart(i + 1), { cpu, env, execArgv });
      servers.push(server);
      const startedAt = performance.now();
      const file = join(folder, 'cookies');
      bytes.push(await server.ask({ ask: 'fill', count: sessions, file }));
      const cookies = (await readFile(file, 'utf8')).split('\n');
      const step = Math.max(1, Math.floor(sessions / VISITED));
      const visitors = cookies.flatMap((cookie, j) => (j % step === 0 ? [visitor(`user-${j}`, cookie)] : []));
      running.push({ variant, server, visitors });
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      say(`  ${variant.store}: ${sessions.toLocaleString('en')} sessions in ${seconds} s`);
    }
    // The bare framework is in the rounds of each.
    const [, ...own] = await measure(running, 'mixed', plan, places);
    const measured = own.map((result, i) => ({
      sessions: sizes[i] ?? 0,
      bytesEach: bytes[i] ?? Number.NaN,
      result,
    }));
    return { variant, sizes: measured };
  } finally {
    for (const server of servers) await server.stop();
    await rm(folder, { recursive: true, force: true });
    // What was measured stands, whatever becomes of this.
    await places.empty().catch(() => undefined);
  }
}
