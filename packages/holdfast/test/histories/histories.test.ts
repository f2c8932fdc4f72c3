import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SessionStore } from '../../src/store.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { dice } from '../../src/testing/contract/random.ts';
import {
  type Faults,
  type HistoriesHarness,
  type OpenedForHistories,
  storeHistories,
} from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { inProcess } from '../support/store-process.ts';
import { inMemory, onSqliteFile, temporaryFolder } from '../support/stores.ts';

const HISTORIES = LONG ? 2_000 : 300;
/** For the long form, in milliseconds. */
const PATIENCE = 600_000;

async function inThreeProcesses(): Promise<OpenedForHistories> {
  const folder = temporaryFolder();
  const file = join(folder.path, 'sessions.db');
  const processes = [await inProcess(file)];
  return {
    store: (processes[0] as (typeof processes)[0]).store,
    async another() {
      const next = await inProcess(file);
      processes.push(next);
      return next.store;
    },
    async close() {
      await Promise.all(processes.map(({ stop }) => stop()));
      folder.remove();
    },
  };
}

const harnesses: readonly (readonly [string, HistoriesHarness])[] = [
  ['memory', { open: async () => inMemory.open(), histories: HISTORIES }],
  ['sqlite file, three handles', { open: async () => onSqliteFile.open(), histories: HISTORIES }],
  ['sqlite file, three processes', { open: inThreeProcesses, histories: LONG ? 1_000 : 50 }],
];

describe.each(harnesses)('random histories: %s', (_, harness) => {
  for (const { name, run } of storeHistories(harness)) test(name, run, PATIENCE);
});

class Lost extends Error {}

/**
 * While there are faults, some calls reject: before they take effect, after it, or while they still may. On a busy machine, reads
 * do at any time.
 */
function unreliable(
  store: SessionStore,
  { isBusy = false } = {},
): { readonly store: SessionStore; readonly faults: Faults } {
  const chance = dice(7);
  const late: Promise<unknown>[] = [];
  let isFaulty = false;
  const later = async (run: () => Promise<unknown>): Promise<unknown> => {
    for (let turn = chance.roll(30); turn > 0; turn--) await Promise.resolve();
    return run();
  };
  const around = async (name: unknown, run: () => Promise<unknown>): Promise<unknown> => {
    if (isBusy && !isFaulty && name === 'read' && chance.roll(2) === 0) throw new Lost();
    const fate = isFaulty ? chance.roll(10) : 9;
    if (fate === 0) throw new Lost();
    if (fate === 1) {
      late.push(later(run));
      throw new Lost();
    }
    const answer = await run();
    if (fate === 2) throw new Lost();
    return answer;
  };
  return {
    store: new Proxy(store, {
      get(target, name) {
        if (!(name in target)) return undefined;
        const method = target[name as keyof SessionStore] as (...values: unknown[]) => Promise<unknown>;
        return (...values: unknown[]) => around(name, () => method.apply(target, values));
      },
    }),
    faults: {
      async begin() {
        isFaulty = true;
      },
      async end() {
        isFaulty = false;
        await Promise.allSettled(late.splice(0));
      },
    },
  };
}

describe('random histories of a store whose connection fails', () => {
  const histories = LONG ? 2_000 : 100;
  const open = async () => ({ ...unreliable(memoryStore()), close: async () => undefined });

  test(
    'have an order in which a call of unknown outcome takes effect at any later instant, or never (ASVS-16.5.3)',
    async () => {
      const isUnknown = (error: unknown): boolean => error instanceof Lost;
      for (const { run } of storeHistories({ open, histories, isUnknown })) await run();
    },
    PATIENCE,
  );

  test(
    'are looked at until that is answered, since what nobody has seen explains nothing',
    async () => {
      const isUnknown = (error: unknown): boolean => error instanceof Lost;
      const busy = async () => ({
        ...unreliable(memoryStore(), { isBusy: true }),
        close: async () => undefined,
      });
      for (const { run } of storeHistories({ open: busy, histories, isUnknown })) await run();
    },
    PATIENCE,
  );

  test('fail where the store does not answer when the faults are over', async () => {
    const isUnknown = (error: unknown): boolean => error instanceof Lost;
    const store: SessionStore = {
      ...memoryStore(),
      read: async () => {
        throw new Lost();
      },
    };
    const [first] = storeHistories({
      open: async () => ({ store, close: async () => undefined }),
      isUnknown,
    });
    await expect(first?.run()).rejects.toThrow(/did not answer 100 looks/);
  });

  test('are refused where such a rejection is taken for an answer', async () => {
    for (const { run } of storeHistories({ open, histories }))
      await expect(run()).rejects.toThrow(/^history \d+ /);
  });
});
