/** That all of ours answer rightly: the benchmark's short form, without peers and without figures. */
import type { LoadName } from './browsers.ts';
import { each, measureFramework } from './frameworks.ts';
import { startPlaces } from './places.ts';
import type { Plan, Result } from './rounds.ts';
import { FRAMEWORKS, nameOf, type Variant, variants } from './variants.ts';
import { letThemWrite, WRITERS } from './writers.ts';

const PLAN: Plan = {
  rounds: 1,
  starts: 1,
  browsers: 4,
  serverCpu: undefined,
  warmUp: { leastMs: 0, answers: 0, mostMs: 0 },
  shareMs: 20,
  sliceMs: 20,
  rampRequests: 5,
};
const LOADS: readonly LoadName[] = ['read', 'write', 'sign-in', 'anonymous'];
/** Without what takes long to start. */
const STORES = new Set(['none', 'memory', 'sqlite', 'redis', 'ioredis', 'cached']);

/** Ours on each store and by hand on two through `node:http`, and ours on each framework that the workspace has. */
const CHECKED: readonly Variant[] = variants.filter(({ framework, kind, store }) => {
  if (kind === 'by-hand' && store !== 'memory' && store !== 'redis') return false;
  if (framework === 'node') return kind !== 'peer' && STORES.has(store);
  return (framework === 'express' || framework === 'hono') && kind === 'holdfast' && store === 'memory';
});

/** Throws what is not as it must be; returns how many loads were answered rightly. */
export async function checkAll(): Promise<number> {
  const places = await startPlaces({ postgres: false, mysql: false });
  try {
    const problems: string[] = [];
    const results: Result[] = [];
    for (const framework of FRAMEWORKS) {
      const own = CHECKED.filter((variant) => variant.framework === framework);
      if (own.length === 0) continue;
      await measureFramework(own, places, {
        loads: LOADS,
        plan: () => PLAN,
        takes: ({ loads }, load) => loads.includes(load),
        done: (_load, found) => results.push(...found),
        leftOut: (why) => problems.push(why),
      });
    }
    for (const { variant, load, wrong } of results) {
      if (wrong !== undefined) problems.push(`${nameOf(variant)}, ${load}: ${wrong}`);
    }
    const writing = CHECKED.filter(
      ({ framework, kind, store }) => framework === 'node' && kind === 'holdfast' && store === 'redis',
    );
    const survivors = await each(
      writing,
      (one) => letThemWrite(one, places, undefined),
      (variant, why) => problems.push(`${nameOf(variant)}, writers: ${why}`),
    );
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
