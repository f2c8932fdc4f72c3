import { expect, test } from 'vitest';
import type { Pacer } from '../../bench/src/pacer.ts';
import type { Places } from '../../bench/src/places.ts';
import { measure, type Plan, type Running } from '../../bench/src/rounds.ts';
import { type Variant, variants } from '../../bench/src/variants.ts';

/** A server that takes so many microseconds for each request, slice by slice. */
function serverOf(costs: readonly number[]): Running['server'] {
  let slice = 0;
  let cpu = 0;
  return {
    cpu: () => Promise.resolve(cpu),
    connections: {
      run: (_: unknown, until: { milliseconds?: number }) => {
        if (until.milliseconds === 100) cpu += 10 * (costs[slice++] ?? 0);
        return Promise.resolve({ requests: 10, seconds: 1, latencies: [1], wrong: 0 });
      },
    },
  } as unknown as Running['server'];
}

async function measuredWith(costs: readonly number[], paces: readonly number[]) {
  const variant = variants.find(({ kind }) => kind === 'bare') as Variant;
  const left = [...paces];
  const pace = () => Promise.resolve(left.shift() ?? 1);
  const pacer = { pace, whenQuiet: pace } as unknown as Pacer;
  const plan: Plan = {
    rounds: 1,
    starts: 1,
    browsers: 1,
    serverCpu: undefined,
    slices: 1,
    sliceMs: 100,
    rampRequests: 1,
    warmUpMs: 1,
    pacer,
  };
  const places = { commands: () => Promise.resolve({}) } as unknown as Places;
  const [result] = await measure([{ variant, server: serverOf(costs), visitors: [] }], 'read', plan, places);
  return [result?.rounds[0]?.cpu, result?.quiet];
}

test('a slice in a quiet moment counts as it is', async () => {
  expect(await measuredWith([50, 40], [1, 1.1])).toEqual([50, 1]);
});

test('one in a slow moment is measured again, before or behind it', async () => {
  expect(await measuredWith([100, 60], [1.9, 1, 1, 1])).toEqual([60, 1]);
  expect(await measuredWith([100, 60], [1, 1.9, 1, 1])).toEqual([60, 1]);
});

test('of two slow ones that in the faster moment counts, cheap or dear', async () => {
  expect(await measuredWith([80, 90, 10], [1.6, 1.6, 1.3, 1.3])).toEqual([90, 0]);
  expect(await measuredWith([90, 80, 10], [1.3, 1.3, 1.6, 1.6])).toEqual([90, 0]);
});
