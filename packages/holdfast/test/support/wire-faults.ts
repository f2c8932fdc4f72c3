/**
 * Faults between the application and its store, on the wire. Random histories run while one happens: there must be an order of
 * the calls that explains every answer, in which a call of unknown outcome took effect once at most.
 */
import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import type { StoreCallReport } from '../../src/guard/options.ts';
import type { SessionStore } from '../../src/store.ts';
import { dice } from '../../src/testing/contract/random.ts';
import { type Faults, type OpenedForHistories, storeHistories } from '../../src/testing/index.ts';
import { guardedOnce } from './guarded-once.ts';
import { LONG } from './long.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

/** Shorter than by default: what hangs is waited for. In milliseconds. */
export const DEADLINE = 150;

type Outcome = StoreCallReport['outcome'];
type Kind = 'refused' | 'reset in the middle of a reply' | 'replies lost' | 'hanging';

const kinds: readonly (readonly [Kind, felt: readonly Outcome[]])[] = [
  ['reset in the middle of a reply', ['failed']],
  // Some clients keep what they can not send until it is too late.
  ['refused', ['failed', 'timed_out']],
  ['replies lost', ['timed_out']],
  ['hanging', ['timed_out']],
];

export interface BehindProxies {
  readonly proxies: readonly TcpProxy[];
  /** Through the proxies, on connections of its own. */
  connect(): Promise<SessionStore>;
  /** Whether these answer on all their connections. */
  answer(stores: readonly SessionStore[]): Promise<boolean>;
  close(): Promise<void>;
}

/** @param resets how many histories the kind that differs most from time to time is given; the others get one */
export function testWireFaults(behindProxies: () => Promise<BehindProxies>, resets: number): void {
  test.each(kinds)(
    '%s: every call is answered rightly or fails as unavailable, within its deadline (ASVS-16.5.3)',
    async (kind, felt) => {
      const outcomes = new Set<Outcome>();
      const isReset = kind === 'reset in the middle of a reply';
      const harness = {
        open: async () => openOn(await behindProxies(), kind, outcomes),
        histories: isReset ? (LONG ? 200 : resets) : LONG ? 50 : 1,
        isUnknown: (error: unknown): boolean => error instanceof StoreUnavailableError,
      };
      for (const { run } of storeHistories(harness)) await run();
      expect(felt.some((outcome) => outcomes.has(outcome))).toBe(true);
    },
    600_000,
  );
}

async function openOn(
  ground: BehindProxies,
  kind: Kind,
  outcomes: Set<Outcome>,
): Promise<OpenedForHistories> {
  const stores: SessionStore[] = [];
  const answers = (): Promise<boolean> => ground.answer(stores);
  async function another(): Promise<SessionStore> {
    const store = guardedOnce(await ground.connect(), DEADLINE, ({ outcome, duration }) => {
      outcomes.add(outcome);
      // A busy machine looks late: that is no reason to fail, and hanging is.
      expect(duration).toBeLessThan(20 * DEADLINE);
    });
    // A store's first call may have to look at its tables.
    await until('the store answers', () => ground.answer([store]), { everyMs: 5 });
    stores.push(store);
    return store;
  }
  return {
    store: await another(),
    another,
    faults: faultsOf(kind, ground.proxies, answers),
    close: ground.close,
  };
}

/** Begins with calls that are under way. */
function faultsOf(kind: Kind, proxies: readonly TcpProxy[], answers: () => Promise<boolean>): Faults {
  const chance = dice(11);
  const each = (act: (proxy: TcpProxy) => unknown): Promise<unknown> => Promise.all(proxies.map(act));
  const begin: Readonly<Record<Kind, (proxy: TcpProxy) => unknown>> = {
    refused: (proxy) => proxy.cut(),
    'replies lost': (proxy) => proxy.dropReplies(),
    hanging: (proxy) => proxy.hang(),
    'reset in the middle of a reply': (proxy) => proxy.resetAfterBytes(chance.roll(80)),
  };
  return {
    begin: async () => void each(begin[kind]),
    async end() {
      // A connection that has had the beginning of its last reply would break in the last look.
      await each((proxy) => proxy.cut());
      await each((proxy) => proxy.mend());
      await until('the store answers again', answers, { timeoutMs: 60_000, everyMs: 5 });
    },
  };
}
