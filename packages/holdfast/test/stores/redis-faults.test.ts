/**
 * Faults between the application and Redis, on the wire. Random histories run while one happens: there must be an order of
 * the calls that explains every answer, in which a call of unknown outcome took effect once at most.
 */
import { describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { guardStore } from '../../src/guard/guarded-store.ts';
import { resolveGuard, type StoreCallReport } from '../../src/guard/options.ts';
import type { SessionStore } from '../../src/store.ts';
import { redisStore } from '../../src/stores/redis/index.ts';
import { dice } from '../../src/testing/contract/random.ts';
import { type Faults, storeHistories } from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { type Connected, connections } from '../support/redis/clients.ts';
import { type Proxied, proxied } from '../support/redis/proxied.ts';
import { keyPrefix } from '../support/redis/shared.ts';
import { until } from '../support/until.ts';

/** Shorter than by default: what hangs is waited for. */
const DEADLINE = 150;

type Outcome = StoreCallReport['outcome'];

/** As the pipeline has it, without second attempts: those are two calls to a history, and answer for both. */
function guarded(store: SessionStore, onCall: (report: StoreCallReport) => void): SessionStore {
  const policy = resolveGuard({ timeout: DEADLINE / 1000, retry: false, breaker: false, onCall });
  const { readFresh: _, ...guard } = guardStore(store, policy, () => undefined, {
    now: () => Date.now(),
  }) as ReturnType<typeof guardStore> & { readonly readFresh?: unknown };
  return { ...guard, endBy: async (...call) => (await guard.endBy(...call)).count };
}

type Kind = 'refused' | 'reset in the middle of a reply' | 'replies lost' | 'hanging';

/** Begins with calls that are under way. */
function faultsOf(kind: Kind, net: Proxied, answers: () => Promise<boolean>): Faults {
  const chance = dice(11);
  const each = (act: (proxy: Proxied['proxies'][number]) => unknown): Promise<unknown> =>
    Promise.all(net.proxies.map(act));
  return {
    async begin() {
      if (kind === 'refused') void each((proxy) => proxy.cut());
      if (kind === 'replies lost') void each((proxy) => proxy.dropReplies());
      if (kind === 'hanging') void each((proxy) => proxy.hang());
      if (kind === 'reset in the middle of a reply')
        void each((proxy) => proxy.resetAfterBytes(chance.roll(80)));
    },
    async end() {
      // A connection that has had the beginning of its last reply would break in the last look.
      await each((proxy) => proxy.cut());
      await each((proxy) => proxy.mend());
      await until('the store answers again', answers, { timeoutMs: 60_000 });
    },
  };
}

const kinds: readonly (readonly [Kind, histories: number, felt: readonly Outcome[]])[] = [
  ['reset in the middle of a reply', LONG ? 200 : 4, ['failed']],
  // Some clients keep what they can not send until it is too late.
  ['refused', LONG ? 50 : 1, ['failed', 'timed_out']],
  ['replies lost', LONG ? 50 : 1, ['timed_out']],
  ['hanging', LONG ? 50 : 1, ['timed_out']],
];

/** What is told of iovalkey is told of ioredis, from which it comes. */
const apart = connections.filter(({ name }) => LONG || !name.includes('iovalkey'));

describe.concurrent.each(apart)('a fault on the wire: $name', ({ topology, connect }) => {
  async function open(kind: Kind, outcomes: Set<Outcome>) {
    const net = await proxied(topology);
    const prefix = keyPrefix();
    const clients: Connected[] = [];
    const stores: SessionStore[] = [];
    const another = async (): Promise<SessionStore> => {
      const connected = await connect(net.addresses);
      clients.push(connected);
      const bare = redisStore(connected.client, { prefix, onWarning: () => undefined });
      const store = guarded(bare, ({ outcome, duration }) => {
        outcomes.add(outcome);
        // A busy machine looks late: that is no reason to fail, and hanging is.
        expect(duration).toBeLessThan(20 * DEADLINE);
      });
      stores.push(store);
      return store;
    };
    // On every server of a cluster.
    const everywhere = Array.from({ length: 20 }, (_, i) => `${i}`);
    const answers = async (): Promise<boolean> => {
      const asked = stores.map((store) => Promise.all(everywhere.map((id) => store.read(id))));
      return Promise.all(asked).then(
        () => true,
        () => false,
      );
    };
    return {
      store: await another(),
      another,
      faults: faultsOf(kind, net, answers),
      async close() {
        for (const { close } of clients) close();
        await net.close();
      },
    };
  }

  const isUnknown = (error: unknown): boolean => error instanceof StoreUnavailableError;
  test.each(kinds)(
    '%s: every call is answered rightly or fails as unavailable, within its deadline (ASVS-16.5.3)',
    async (kind, histories, felt) => {
      const outcomes = new Set<Outcome>();
      const harness = { open: () => open(kind, outcomes), histories, isUnknown };
      for (const { run } of storeHistories(harness)) await run();
      expect(felt.some((outcome) => outcomes.has(outcome))).toBe(true);
    },
    600_000,
  );
});
