/** What an index names: whatever comes between two commands of a change, nothing that has ended is put back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrivilegeChange } from '../../src/change.ts';
import { redisStore } from '../../src/stores/redis/index.ts';
import {
  end,
  HOUR,
  idOf,
  privilege,
  signIn,
  START,
  update,
  userRecord,
} from '../../src/testing/contract/samples.ts';
import { atCommands } from '../interleavings/gate.ts';
import { connectNodeRedis, sharedAddresses } from '../support/redis/clients.ts';
import { keyPrefix } from '../support/redis/shared.ts';

let connected: Awaited<ReturnType<typeof connectNodeRedis>>;
let client: (typeof connected)['client'];
beforeAll(async () => {
  connected = await connectNodeRedis(await sharedAddresses('standalone'));
  ({ client } = connected);
}, 60_000);
afterAll(() => connected.close());

const later = { absoluteExpiresAt: START + 9 * HOUR };
const changes: readonly (readonly [name: string, PrivilegeChange])[] = [
  ['a sign-in with a deadline', signIn('new', 'alice', later)],
  ['a sign-in without one', signIn('new', 'alice')],
  ['a new deadline', privilege('new', later)],
];

test.each(
  changes,
)('an end before any command of %s takes the session off its index for good', async (_, change) => {
  const [id, index] = [idOf('one'), 'user:alice'];
  const statuses: string[] = [];
  do {
    const options = { prefix: keyPrefix(), onWarning: () => undefined };
    const other = redisStore(client, options);
    await other.admit(index, id, START);
    await other.insert(userRecord('one', 'alice'));
    let commands = 0;
    const gated = atCommands(client, ['sendCommand'], async (_step, run) => {
      if (commands++ === statuses.length) await other.apply(id, { end: end() });
      return run();
    });
    const { status } = await redisStore(gated, options).apply(id, update({ privilege: change }));
    statuses.push(status);
    const named = await client.hKeys(`${options.prefix}i:${index}`);
    expect(named.includes(id)).toBe(status === 'applied');
  } while (statuses.at(-1) === 'gone');
  expect(statuses.length).toBeGreaterThan(2);
});
