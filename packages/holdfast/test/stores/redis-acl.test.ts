/** The user that docs/howto/run-on-redis.md makes for an application: it may do what the store needs, and nothing else. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import { storeContract } from '../../src/testing/index.ts';
import { connections, type RedisAddresses } from '../support/redis/clients.ts';
import { call } from '../support/redis/resp.ts';
import { startTopologies, type Topologies } from '../support/redis/topologies.ts';

const HOW_TO = resolve(import.meta.dirname, '../../../../docs/howto/run-on-redis.md');

/** As the how-to has it. */
function setUser(): readonly string[] {
  const [, command = ''] =
    /^redis-cli ACL (SETUSER shop (?:.*\\\n)*.*)$/m.exec(readFileSync(HOW_TO, 'utf8')) ?? [];
  return command.replaceAll(/\\\n/g, ' ').replaceAll("'", '').trim().split(/\s+/);
}

const user = { username: 'shop', password: 'a-long-password' };

/** Whoever is refused anything is written into their logs, so they are nobody else's. */
let servers: Topologies;
let addresses: RedisAddresses;
beforeAll(async () => {
  servers = await startTopologies();
  addresses = { ...servers.addresses, user };
  for (const port of Object.values(servers.all).flat()) await call(port, 'ACL', ...setUser());
}, 60_000);
afterAll(() => servers?.stop());

describe.each(connections)('a user of few rights: $name', ({ name, topology, connect }) => {
  const refused = async (): Promise<string[]> => {
    const logs = await Promise.all(servers.all[topology].map((port) => call(port, 'ACL', 'LOG')));
    return (logs as unknown as string[][][]).flat().map((entry) => entry.join(' '));
  };

  test('is refused nothing that the store or the client asks', async () => {
    const [one, two, own] = await Promise.all([connect(addresses), connect(addresses), connect(addresses)]);
    const warnings: string[] = [];
    const replicas = 1;
    const acknowledged = topology === 'standalone' ? undefined : { client: own.client, replicas };
    let cases = 0;
    const open = async () => {
      const prefix = `shop:${name}:${cases++}:`;
      const on = ({ client }: typeof one) =>
        redisStore(client, {
          prefix,
          onWarning: (message) => void warnings.push(message),
          ...(acknowledged && { acknowledged }),
        });
      return { store: on(one), another: async () => on(two), close: async () => undefined };
    };
    try {
      for (const each of storeContract({ open, histories: 2, forgetsByItself: true })) await each.run();
      const { store } = await open();
      const stop = await store.watch?.(() => undefined);
      await stop?.();
      expect(await refused()).toEqual([]);
      expect(warnings.filter((warning) => warning.includes('may not'))).toEqual([]);
    } finally {
      for (const { close } of [one, two, own]) close();
    }
  }, 60_000);
});

test.each([
  ['another prefix', ['GET', 'blog:s:1']],
  ['another channel', ['PUBLISH', 'blog:watch', 'x']],
  ['a list of all keys', ['KEYS', 'shop:*']],
  ['deletion', ['DEL', 'shop:s:1']],
  ['the end of everything', ['FLUSHALL']],
  ['the configuration', ['CONFIG', 'GET', '*']],
  ['a script on another prefix', ['EVAL', "return redis.call('GET', KEYS[1])", '1', 'blog:s:1']],
])('it is refused %s', async (_, command) => {
  const client = createClient({ ...user, socket: addresses.standalone });
  await client.connect();
  try {
    await expect(client.sendCommand([...command])).rejects.toThrow(/NOPERM|ACL/);
  } finally {
    client.destroy();
  }
});
