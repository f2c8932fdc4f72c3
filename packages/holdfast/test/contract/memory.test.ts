import { describe, test } from 'vitest';
import { storeContract } from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { inMemory } from '../support/stores.ts';

describe('the store contract: memory', () => {
  const histories = LONG ? 2_000 : 50;
  for (const { name, run } of storeContract({ open: async () => inMemory.open(), histories }))
    test(name, run);
});
