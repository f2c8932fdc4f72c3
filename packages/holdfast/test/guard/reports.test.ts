import { expect, test, vi } from 'vitest';
import { guarded, turn, watch } from '../support/guarded.ts';

test('each call is told of once, with how long it took and what became of it', async () => {
  const { store, timer, held, reports } = guarded({ breaker: { failures: 2 } });
  const end = { reason: 'revoked', at: 0, tombstoneFor: 0 } as const;
  void store.read('A');
  timer.advance(0.25);
  await held[0]?.answer();
  await turn();
  void watch(store.endBy('user:ada', end));
  held[1]?.refuse();
  await turn();
  await held[2]?.answer();
  await turn();
  void watch(store.prune(0, 100));
  held[3]?.refuse();
  await turn();
  void watch(store.epochOf('user:ada'));
  void watch(store.listBy('user:ada'));
  timer.advance('1s');
  void watch(store.read('B'));
  await turn();
  expect(reports).toEqual([
    { operation: 'read', duration: 250, outcome: 'ok', retried: false },
    { operation: 'endBy', duration: 0, outcome: 'ok', retried: true },
    { operation: 'prune', duration: 0, outcome: 'failed', retried: false },
    { operation: 'epochOf', duration: 1_000, outcome: 'timed_out', retried: false },
    { operation: 'listBy', duration: 1_000, outcome: 'timed_out', retried: false },
    { operation: 'read', duration: 0, outcome: 'refused', retried: false },
  ]);
});

test('a listener that throws changes nothing, and is reported', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const broken = new Error('the metrics are down');
  const { store, held } = guarded({
    onCall: () => {
      throw broken;
    },
  });
  const call = watch(store.epochOf('user:ada'));
  await held[0]?.answer();
  await turn();
  expect(call).toEqual({ settled: 'answered', value: 0 });
  expect(log.mock.calls).toEqual([['holdfast: storeGuard.onCall threw', broken]]);
  log.mockRestore();
});
