import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import { LONG } from '../support/long.ts';
import { connectNodeRedis, sharedAddresses } from '../support/redis/clients.ts';
import { keyPrefix } from '../support/redis/shared.ts';
import { atCommands } from './gate.ts';
import { playEvery } from './play.ts';
import { crowded, scenarios } from './scenario.ts';

/** One client is enough: what is played is every order in which the commands of several servers can arrive. */
describe('nothing is live and unlisted on Redis, and nothing outlives the end of all', () => {
  let connected: Awaited<ReturnType<typeof connectNodeRedis>>;
  let client: (typeof connected)['client'];
  let orders = 0;
  beforeAll(async () => {
    connected = await connectNodeRedis(await sharedAddresses('standalone'));
    ({ client } = connected);
  }, 60_000);
  afterAll(() => connected.close());

  test.each(
    LONG ? [...scenarios, ...crowded] : scenarios,
  )('in any order of commands, whoever is killed between two: $name (ASVS-7.1.2, ASVS-7.4.3, ASVS-7.5.2)', async (scenario) => {
    orders += await playEvery(scenario, async () => {
      const options = { prefix: keyPrefix(), onWarning: () => undefined };
      return {
        store: redisStore(client, options),
        gated: (gate) => redisStore(atCommands(client, ['sendCommand'], gate), options),
        close: async () => undefined,
      };
    });
  }, 3_600_000);

  test('in so many orders', () => {
    console.log(`${orders} orders of commands, crashes among them, were played on Redis`);
    expect(orders).toBeGreaterThan(1_000);
  });
});
