import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LONG } from '../support/long.ts';
import { type GatedClient, statementwise } from '../support/sql/drivers.ts';
import { playEvery } from './play.ts';
import { crowded, scenarios } from './scenario.ts';

/** One client is enough: what is played is every order in which the statements of several servers can arrive. */
describe.each(statementwise)('nothing is live and unlisted on $name, and nothing outlives the end of all', ({
  name,
  driver,
  connectGated,
}) => {
  let url: string;
  let space: string;
  let client: GatedClient;
  let orders = 0;
  beforeAll(async () => {
    url = await driver.url();
    // Each play has a user of its own.
    space = await driver.newSpace(url);
    client = connectGated(url);
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    await driver.drop(url, space);
  });

  test.each(
    LONG ? [...scenarios, ...crowded] : scenarios,
  )('in any order of statements, whoever is killed between two: $name (ASVS-7.1.2, ASVS-7.4.3, ASVS-7.5.2)', async (scenario) => {
    orders += await playEvery(scenario, async () => ({
      store: client.store(space),
      gated: (gate) => client.gated(space, gate),
      close: async () => undefined,
    }));
  }, 3_600_000);

  test('in so many orders', () => {
    console.log(`${orders} orders of statements, crashes among them, were played on ${name}`);
    expect(orders).toBeGreaterThan(300);
  });
});
