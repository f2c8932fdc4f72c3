import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/stores/memory.ts';
import type { SessionStore } from '../../src/store.ts';
import { LONG } from '../support/long.ts';
import { onSqliteFile } from '../support/stores.ts';
import { everyOrder } from './every-order.ts';
import { atCalls, atCommands } from './gate.ts';
import { type OpenedForInterleavings, playEvery } from './play.ts';
import { crowded, packed, type Scenario, scenarios } from './scenario.ts';
import { Commands, COMMANDS, type Flaw, flaws, storeOfCommands } from './store-of-commands.ts';

function callByCall(open: () => { readonly store: SessionStore; close(): Promise<void> }) {
  return async (): Promise<OpenedForInterleavings> => {
    const { store, close } = open();
    return { store, gated: (gate) => atCalls(store, gate), close };
  };
}

function commandByCommand(flaw?: Flaw) {
  return async (): Promise<OpenedForInterleavings> => {
    const commands = new Commands();
    return {
      store: storeOfCommands(commands, flaw),
      gated: (gate) => storeOfCommands(atCommands(commands, COMMANDS, gate), flaw),
      close: async () => undefined,
    };
  };
}

/** Each store with what is played on it: everything in the long form. */
const stores: readonly (readonly [string, () => Promise<OpenedForInterleavings>, readonly Scenario[]])[] = [
  [
    'memory, call by call',
    callByCall(() => ({ store: memoryStore(), close: async () => undefined })),
    [...scenarios, ...crowded, ...(LONG ? packed : [])],
  ],
  [
    'sqlite file, call by call',
    callByCall(() => onSqliteFile.open()),
    LONG ? [...scenarios, ...crowded] : scenarios,
  ],
  [
    'a store of several commands, command by command',
    commandByCommand(),
    LONG ? [...scenarios, ...crowded] : scenarios,
  ],
];

test('every order of choices is played, and each once', async () => {
  const seen: string[] = [];
  const count = await everyOrder(async (choose) => {
    const first = choose(3);
    seen.push(`${first}${first === 1 ? choose(2) : ''}`);
  });
  expect([count, seen]).toEqual([4, ['0', '10', '11', '2']]);
});

describe('nothing is live and unlisted, and nothing outlives the end of all', () => {
  let orders = 0;
  const plays = stores.flatMap(([kind, open, all]) =>
    all.map((scenario) => ({ kind, open, scenario, of: scenario.name })),
  );

  test.each(
    plays,
  )('in any order of steps, whoever is killed between two: $kind: $of (ASVS-7.1.2, ASVS-7.4.3, ASVS-7.5.2)', async ({
    open,
    scenario,
  }) => {
    orders += await playEvery(scenario, open);
  }, 3_600_000);

  test('in so many orders', () => {
    console.log(`${orders} orders of steps, crashes among them, were played`);
    expect(orders).toBeGreaterThan(3_000);
  });
});

describe('playing every order finds', () => {
  async function broken(flaw: Flaw): Promise<string | undefined> {
    for (const scenario of [...scenarios, ...crowded]) {
      try {
        await playEvery(scenario, commandByCommand(flaw));
      } catch (error) {
        return (error as Error).message;
      }
    }
    return undefined;
  }

  test.each(Object.keys(flaws))('%s', async (name) => {
    const message = await broken(flaws[name] as Flaw);
    if (process.env['HOLDFAST_SHOW']) console.log(`${name}: ${message}`);
    expect(message).toMatch(/ after\n/);
  }, 60_000);
});
