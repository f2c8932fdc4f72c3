import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSessions } from '../../src/sessions.ts';
import { redisStore } from '../../src/stores/redis/index.ts';
import { manualClock, storeContract } from '../../src/testing/index.ts';
import { Browser } from '../support/browser.ts';
import { type Connected, connections } from '../support/redis/clients.ts';
import { Monitor } from '../support/redis/monitor.ts';
import { call } from '../support/redis/resp.ts';
import { startTopologies, type Topologies } from '../support/redis/topologies.ts';

/** Their statistics are counted, so nobody else may ask them. */
let servers: Topologies;
beforeAll(async () => {
  servers = await startTopologies();
}, 60_000);
afterAll(() => servers?.stop());

/** What the clients and the servers ask for themselves. */
const HOUSEKEEPING =
  /^(info|ping|hello|auth|select|client|cluster|config|command|role|replconf|psync|publish|slowlog|readonly)\b/;

/** How often each command has run since the last reset, those inside scripts included. */
async function counted(ports: readonly number[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const port of ports) {
    const text = String(await call(port, 'INFO', 'commandstats'));
    for (const [, name = '', calls] of text.matchAll(/^cmdstat_(\S+):calls=(\d+)/gm)) {
      if (!HOUSEKEEPING.test(name)) counts[name] = (counts[name] ?? 0) + Number(calls);
    }
  }
  return counts;
}

describe.each(connections)('commands: $name', ({ topology, connect }) => {
  let connected: Connected;
  beforeAll(async () => {
    connected = await connect(servers.addresses);
  });
  afterAll(() => connected?.close());

  test('a request that reads costs one GET, and once per touch interval one EVALSHA more', async () => {
    const ports = servers.primaries[topology];
    const clock = manualClock();
    const store = redisStore(connected.client, {
      prefix: 'shop:',
      onWarning: () => undefined,
    });
    const sessions = createSessions({ store, clock, onEvent: () => undefined });
    const browser = new Browser(sessions);
    await browser.request(async (session) => session.signIn({ userId: 'ada' }));
    // A server is sent the text of a script once.
    clock.advance('1m');
    await browser.request((session) => session.userId);
    const reset = async (): Promise<void> => {
      for (const port of ports) await call(port, 'CONFIG', 'RESETSTAT');
    };

    await reset();
    for (let i = 0; i < 20; i++) await browser.request((session) => session.userId);
    expect(await counted(ports)).toEqual({ get: 20 });

    await reset();
    for (let i = 0; i < 20; i++) {
      clock.advance('15s');
      await browser.request((session) => session.userId);
    }
    // Within the script: the first line is read, the instant written, each without the rest of the record.
    expect(await counted(ports)).toEqual({ get: 20, evalsha: 5, getrange: 5, setrange: 5 });
  });
});

/** Which commands there are is decided by the store: one client of each, and the topology makes a difference. */
const different = connections.filter(({ name }) => /standalone, node-redis|cluster, ioredis/.test(name));

describe.each(different)('slots and scans: $name', ({ topology, connect }) => {
  let connected: Connected;
  let monitor: Monitor;
  beforeAll(async () => {
    connected = await connect(servers.addresses);
    monitor = await Monitor.start(servers.primaries[topology]);
  });
  afterAll(() => {
    connected?.close();
    monitor?.stop();
  });

  test('the whole contract takes single-key commands of a short list', async () => {
    const run = randomUUID();
    let cases = 0;
    const keys = (prefix: string) => redisStore(connected.client, { prefix, onWarning: () => undefined });
    const open = async () => {
      const prefix = `case-${run}-${cases++}:`;
      return { store: keys(prefix), another: async () => keys(prefix), close: async () => undefined };
    };
    for (const each of storeContract({ open, histories: 3, forgetsByItself: true })) await each.run();
    await monitor.caughtUp();

    const asked = monitor.commands.filter(({ name }) => !HOUSEKEEPING.test(name));
    const names = new Set(asked.map(({ name, isInScript }) => (isInScript ? `in a script: ${name}` : name)));
    const isCluster = topology === 'cluster';
    const top = ['eval', 'evalsha', 'get', 'hdel', 'hget', 'hkeys', 'set'];
    const within = [
      'get',
      'getex',
      'getrange',
      'hdel',
      'hget',
      'hgetall',
      'hincrby',
      'hkeys',
      'hset',
      'hsetnx',
    ];
    within.push('pexpire', 'pttl', 'set', 'setrange', ...(isCluster ? ['incr', 'spublish'] : []));
    const expected = [
      ...top,
      isCluster ? 'ssubscribe' : 'subscribe',
      ...within.map((name) => `in a script: ${name}`),
    ];
    expect([...names].toSorted()).toEqual(expected.toSorted());
    const declared = new Set<string | undefined>();
    for (const { name, words } of asked) {
      const [first, count, key] = words;
      if (!name.startsWith('eval')) {
        // Each of the others takes one key, or one channel.
        expect(first).toMatch(/^case-/);
        continue;
      }
      expect(count).toBe('1');
      declared.add(key);
    }
    const touched = asked.filter(({ isInScript }) => isInScript).map(({ words: [key] }) => key);
    expect(touched.filter((key) => !declared.has(key))).toEqual([]);
  }, 120_000);
});
