// The rounds of the benchmark, on servers that are made up: what is asked of whom, when, and what counts.
import { expect, test } from 'vitest';
import type { Outcome, Until } from '../../bench/src/load.ts';
import type { Places } from '../../bench/src/places.ts';
import { measure, type Plan, type Running } from '../../bench/src/rounds.ts';
import { type Variant, variants } from '../../bench/src/variants.ts';

const PLAN: Plan = {
  rounds: 3,
  starts: 1,
  browsers: 1,
  serverCpu: undefined,
  warmUp: { leastMs: 0, answers: 0, mostMs: 0 },
  shareMs: 100,
  sliceMs: 7,
  rampRequests: 2,
};

/** A machine: whoever is asked alone takes `alone` microseconds a request, and all who are asked together take `together`. */
class Machine {
  readonly running: Running[];
  /** Who was asked, a list for each time that somebody was. */
  readonly asked: string[][] = [];
  #commands = 0;
  #now: string[] = [];

  constructor(costs: Record<string, { together: number; alone: number; outcome?: () => Partial<Outcome> }>) {
    const variant = variants.find(({ kind }) => kind === 'bare') as Variant;
    this.running = Object.entries(costs).map(([name, { together, alone, outcome }]) => {
      let cpu = 0;
      const run = async (_: unknown, { requests = 10 }: Until): Promise<Outcome> => {
        if (this.#now.length === 0) this.asked.push(this.#now);
        this.#now.push(name);
        const now = this.#now;
        await new Promise((done) => setImmediate(done));
        this.#now = [];
        this.#commands += requests;
        cpu += requests * (now.length > 1 ? together : alone);
        const said = { requests, seconds: 0.01, latencies: [now.length], wrong: 0, firstWrong: undefined };
        return { ...said, ...outcome?.() };
      };
      const server = { cpu: () => Promise.resolve(cpu), connections: { run } };
      return { variant, server: server as unknown as Running['server'], visitors: [] };
    });
  }

  measure(plan: Partial<Plan> = {}) {
    const places: Pick<Places, 'commands'> = { commands: async () => ({ GET: this.#commands }) };
    return measure(this.running, 'read', { ...PLAN, ...plan }, places);
  }
}

const TWO = { a: { together: 50, alone: 90 }, b: { together: 60, alone: 20 } };

test('in a round all are under load at once, and then each by itself, in turns', async () => {
  const machine = new Machine(TWO);
  await machine.measure({ rounds: 2 });
  // By itself twice: before its slice come answers that are not counted.
  const first = [['a', 'b'], ['a'], ['a'], ['b'], ['b']];
  const second = [['a', 'b'], ['b'], ['b'], ['a'], ['a']];
  expect(machine.asked).toEqual([...first, ...second]);
});

test('the CPU of a request is what it took while all were under load; all else is from the slices', async () => {
  const [a, b] = await new Machine(TWO).measure();
  const round = { requests: 10, throughput: 1_000, p50: 1, p99: 1 };
  expect(a?.rounds).toEqual(Array.from({ length: 3 }, () => ({ ...round, cpu: 50, bareCpu: 50 })));
  expect(b?.rounds).toEqual(Array.from({ length: 3 }, () => ({ ...round, cpu: 60, bareCpu: 50 })));
  expect([a?.requests, a?.commands]).toEqual([30, { GET: 30 }]);
});

test.each([
  ['until each has answered often enough', { leastMs: 0, answers: 35, mostMs: 9_000 }, 4],
  [
    'for a time, and then until each has answered often enough',
    { leastMs: 1_200, answers: 15, mostMs: 9_000 },
    8,
  ],
  ['no longer than it may', { leastMs: 0, answers: 1_000, mostMs: 500 }, 3],
])('they are warmed up together, %s', async (_, warmUp, times) => {
  const machine = new Machine(TWO);
  await machine.measure({ rounds: 0, warmUp });
  expect(machine.asked).toEqual(Array.from({ length: times }, () => ['a', 'b']));
});

test.each([
  ['answers wrongly', (): Partial<Outcome> => ({ wrong: 1, firstWrong: 'expected blue' }), 'expected blue'],
  [
    'answers no more',
    (): Partial<Outcome> => {
      throw new Error('no answer for 20 s');
    },
    'no answer for 20 s',
  ],
])('who %s is thrown out and asked no more, and the others go on', async (_, outcome, why) => {
  const machine = new Machine({ ...TWO, c: { together: 1, alone: 1, outcome } });
  const [a, b, c] = await machine.measure({ warmUp: { leastMs: 0, answers: 35, mostMs: 9_000 } });
  expect([a?.rounds.length, b?.rounds.length, c?.rounds.length]).toEqual([3, 3, 0]);
  expect([a?.wrong, b?.wrong]).toEqual([undefined, undefined]);
  expect(c?.wrong).toContain(why);
  expect(machine.asked.filter((names) => names.includes('c'))).toHaveLength(1);
});
