import { expect, test, vi } from 'vitest';
import { guardStore } from '../../src/guard/guarded-store.ts';
import { resolveGuard, type StoreGuardOptions } from '../../src/guard/options.ts';
import { type GuardTimer, systemTimer } from '../../src/guard/timer.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { guarded, turn, watch } from '../support/guarded.ts';
import { holding } from '../support/wrapped-stores.ts';

const LATE = 'no answer within 1000 ms';

test('a store that never answers fails the call after a second, not before', async () => {
  const { store, timer } = guarded();
  const call = watch(store.read('A'));
  timer.advance(0.999);
  await turn();
  expect(call.settled).toBe('not yet');
  timer.advance(0.001);
  await turn();
  expect(call.settled).toBe(LATE);
});

test('the error says what was asked, and that it is the store', async () => {
  const { store, timer } = guarded({ timeout: '250s' });
  const call = store.listBy('user:ada');
  timer.advance('250s');
  await expect(call).rejects.toMatchObject({
    code: 'store_unavailable',
    message: 'the session store failed to list sessions',
    cause: { message: 'no answer within 250000 ms' },
  });
});

test('each call has the whole time, however many wait and whenever they came', async () => {
  const { store, timer } = guarded({ breaker: false });
  const calls = [];
  for (let i = 0; i < 10; i++) {
    calls.push(watch(store.read(`${i}`)));
    timer.advance(0.1);
  }
  for (let late = 1; late <= 10; late++) {
    await turn();
    expect(calls.map(({ settled }) => settled === LATE).lastIndexOf(true)).toBe(late - 1);
    timer.advance(0.1);
  }
});

test('a slow store that answers in time is answered', async () => {
  const { store, timer, held } = guarded();
  const call = watch(store.epochOf('user:ada'));
  timer.advance(0.9);
  await held[0]?.answer();
  await turn();
  timer.advance('1m');
  expect(call).toEqual({ settled: 'answered', value: 0 });
});

test('what answers later is ignored: the call stays failed, and a late rejection troubles nobody', async () => {
  const { store, timer, held, reports } = guarded();
  const unhandled = vi.fn<() => void>();
  process.on('unhandledRejection', unhandled);
  const calls = [watch(store.read('A')), watch(store.read('B')), watch(store.read('C'))];
  timer.advance('1s');
  await held[0]?.answer();
  held[1]?.refuse();
  await held[2]?.lose();
  await turn();
  process.off('unhandledRejection', unhandled);
  expect(calls.map(({ settled }) => settled)).toEqual([LATE, LATE, LATE]);
  expect(held).toHaveLength(3);
  expect(reports).toHaveLength(3);
  expect(unhandled).not.toHaveBeenCalled();
});

test('an answer that leaves the middle of the queue takes nobody with it', async () => {
  const { store, timer, held } = guarded();
  const calls = Array.from({ length: 5 }, (_, i) => watch(store.read(`${i}`)));
  for (const i of [2, 0, 4]) await held[i]?.answer();
  await turn();
  timer.advance('1s');
  await turn();
  expect(calls.map(({ settled }) => settled)).toEqual(['answered', LATE, 'answered', LATE, 'answered']);
});

/** Counts the timers that are set, and forgets those of a request when it ends. */
function countingTimer(diesWithRequest: boolean) {
  let now = 0;
  let wakes: { at: number; callback: () => void }[] = [];
  let set = 0;
  const timer: GuardTimer = {
    now: () => now,
    wake(callback, ms) {
      set++;
      wakes.push({ at: now + ms, callback });
    },
    diesWithRequest,
  };
  return {
    timer,
    count: () => set,
    endRequest: () => void (wakes = []),
    /** Time passes, and nothing runs: the process is busy or asleep. */
    standStill: (ms: number) => void (now += ms),
    /** What is due runs, once. */
    run() {
      const due = wakes.filter(({ at }) => at <= now);
      wakes = wakes.filter(({ at }) => at > now);
      for (const { callback } of due) callback();
    },
  };
}

function guardedBy(options: StoreGuardOptions) {
  const { wrap, held } = holding();
  const policy = resolveGuard(options);
  return { store: guardStore(wrap(memoryStore()), policy, () => undefined, { now: () => 0 }), held };
}

test('one timer serves all calls, and none is set where nothing waits', async () => {
  const { timer, count, standStill, run } = countingTimer(false);
  const { store, held } = guardedBy({ timer });
  expect(count()).toBe(0);
  for (let i = 0; i < 1_000; i++) {
    const call = store.read('A');
    await held[i]?.answer();
    await call;
  }
  expect(count()).toBe(1);
  standStill(1_000);
  run();
  expect(count()).toBe(1);
});

test('where a timer dies with its request, each call has its own', async () => {
  const { timer, standStill, endRequest, run } = countingTimer(true);
  const { store, held } = guardedBy({ timer });
  const first = store.read('A');
  await held[0]?.answer();
  await first;
  endRequest();
  const second = watch(store.read('B'));
  standStill(1_000);
  run();
  await turn();
  expect(second.settled).toBe(LATE);
});

test('answers that arrived while the process stood still count, though their time has run out', async () => {
  const { timer, standStill, run } = countingTimer(false);
  const { store, held } = guardedBy({ timer });
  // It may happen again.
  for (const i of [0, 2]) {
    const [read, lost] = [watch(store.read('A')), watch(store.read('B'))];
    standStill(30_000);
    // Node runs timers before it looks at its sockets.
    run();
    await held[i]?.answer();
    await turn();
    run();
    await turn();
    expect([read.settled, lost.settled]).toEqual(['answered', LATE]);
  }
});

test('a call that is made while others run out of time has a time of its own, by the same timer', async () => {
  const { timer, count, standStill, run } = countingTimer(false);
  let again: ReturnType<typeof watch> | undefined;
  const { store } = guardedBy({ timer, onCall: () => (again ??= watch(store.read('C'))) });
  void watch(store.read('A'));
  standStill(1);
  void watch(store.read('B'));
  standStill(999);
  run();
  expect(count()).toBe(2);
  standStill(999);
  run();
  await turn();
  expect(again?.settled).toBe('not yet');
  standStill(1);
  run();
  await turn();
  expect(again?.settled).toBe(LATE);
});

test('the timer of the runtime runs, and keeps no process alive', async () => {
  const before = systemTimer.now();
  // Without this, nothing would wait for it.
  const alive = setInterval(() => undefined, 1_000);
  await new Promise<void>((resolve) => systemTimer.wake(resolve, 5));
  clearInterval(alive);
  expect(systemTimer.now() - before).toBeGreaterThan(3);
  const set = vi.spyOn(globalThis, 'setTimeout');
  systemTimer.wake(() => undefined, 60_000);
  const handle: unknown = set.mock.results[0]?.value;
  expect((handle as NodeJS.Timeout).hasRef()).toBe(false);
  set.mockRestore();
  expect(systemTimer.diesWithRequest).toBe(false);
});
