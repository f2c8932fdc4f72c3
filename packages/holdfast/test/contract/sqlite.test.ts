import { describe, test } from 'vitest';
import { storeContract } from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { onBetterSqliteFile, onSqliteFile, onSqliteMemory } from '../support/stores.ts';

for (const { name: kind, open } of [onSqliteFile, onBetterSqliteFile, onSqliteMemory]) {
  describe(`the store contract: ${kind}`, () => {
    const histories = LONG ? 500 : 10;
    for (const { name, run } of storeContract({ open: async () => open(), histories })) test(name, run);
  });
}
