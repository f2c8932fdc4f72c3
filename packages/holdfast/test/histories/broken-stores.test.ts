import { describe, expect, test } from 'vitest';
import { storeHistories } from '../../src/testing/index.ts';
import { type Flaw, flaws, plainStore } from './broken-stores.ts';

/** As many as the short form plays on each store of ours. */
const HISTORIES = 300;

/** The first failure, and how many histories of its kind it took. */
async function failure(
  flaw?: Flaw,
): Promise<{ readonly after: number; readonly message: string } | undefined> {
  const open = async () => ({ store: plainStore(flaw), close: async () => undefined });
  // Most need few of either kind.
  for (const histories of [20, HISTORIES]) {
    for (const { run } of storeHistories({ open, histories })) {
      try {
        await run();
      } catch (error) {
        const { message } = error as Error;
        return { after: Number(/^history (\d+) /.exec(message)?.[1]), message };
      }
    }
  }
  return undefined;
}

describe('random histories find', () => {
  test.each(Object.keys(flaws))('%s', async (name) => {
    const found = await failure(flaws[name]);
    expect(found?.after).toBeLessThanOrEqual(HISTORIES);
    if (process.env['HOLDFAST_SHOW']) console.log(`${name}: after ${found?.after}\n${found?.message}`);
  });

  test('nothing in the store that is broken there', async () => {
    expect(await failure()).toBeUndefined();
  });

  test('the same failure again from the seed that it names, and shows little more than what is wrong', async () => {
    const flaw = flaws['two ends of an index at once raise its epoch once'];
    const open = async () => ({ store: plainStore(flaw), close: async () => undefined });
    const message = (await failure(flaw))?.message ?? '';
    const seed = Number(/seed (\d+)/.exec(message)?.[1]);
    const again = storeHistories({ open, seed, histories: 1 }).map(({ run }) =>
      run().catch((error: Error) => error.message),
    );
    const messages = (await Promise.all(again)).map((each) => each?.split('\n').slice(1));
    const calls = message.split('\n').slice(1);
    expect(messages).toContainEqual(calls);
    expect(calls.length).toBeLessThan(8);
  });
});
