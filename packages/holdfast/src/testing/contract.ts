/** The contract of `SessionStore` as a suite that any author can run with any runner. */
import { agreement } from './contract/agreement.ts';
import { behaviour } from './contract/behaviour.ts';
import { ends } from './contract/ends.ts';
import { expiry } from './contract/expiry.ts';
import type { ContractCase, StoreHarness } from './contract/harness.ts';
import { indexes } from './contract/indexes.ts';
import { races } from './contract/races.ts';
import { rawLook } from './contract/raw-look.ts';
import { signInRaces } from './contract/sign-in-races.ts';
import { values } from './contract/values.ts';
import { watchingCases } from './contract/watching.ts';

/**
 * The cases of the contract, each on a store of its own:
 *
 *     for (const { name, run } of storeContract({ open })) test(name, run);
 *
 * A store that passes them all can be given to `createSessions`.
 */
export function storeContract(harness: StoreHarness): readonly ContractCase[] {
  const { forgetsByItself = false, seed = 1, histories = 25 } = harness;
  const promises = [
    ...behaviour,
    ...values,
    ...races,
    ...ends,
    ...indexes,
    ...signInRaces,
    ...(forgetsByItself ? [] : expiry),
    ...agreement(seed, histories),
    ...rawLook,
    ...watchingCases,
  ];
  return promises.map(({ name, keeps }) => ({
    name,
    async run() {
      const opened = await harness.open();
      try {
        await keeps(opened);
      } finally {
        await opened.close();
      }
    },
  }));
}
