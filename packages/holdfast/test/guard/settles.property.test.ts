/**
 * Whatever the store does, and in whichever order: each call settles once and by its deadline, and with nothing that the store
 * did not say.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { guardStore } from '../../src/guard/guarded-store.ts';
import { resolveGuard, type StoreCallReport } from '../../src/guard/options.ts';
import type { SessionRecord } from '../../src/record.ts';
import type { SessionStore } from '../../src/store.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { manualTimer } from '../../src/testing/index.ts';
import { turn } from '../support/guarded.ts';
import { property } from '../support/long.ts';
import { record } from '../support/records.ts';

const TIMEOUT = 1_000;

/** What happens next: a call comes in, time passes, or one of the calls at the store is answered, wrongly or not at all. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('read' as const, 'insert' as const) },
  { weight: 2, arbitrary: fc.record({ passes: fc.integer({ min: 1, max: 1_500 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      which: fc.nat(50),
      fate: fc.constantFrom('answer', 'refuse', 'damage'),
    }),
  },
);

interface Attempt {
  readonly of: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

test('each call settles by its deadline, and with what the store has said to it', async () => {
  const options = fc.record({ retry: fc.boolean(), failures: fc.integer({ min: 1, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(options, fc.array(step, { maxLength: 60 }), async ({ retry, failures }, steps) => {
      const timer = manualTimer();
      const open: Attempt[] = [];
      /** What the store has said in answer to each call. */
      const said = new Map<number, unknown[]>();
      let current = 0;
      const hold = () => {
        const of = current;
        return new Promise<never>((resolve, reject) => void open.push({ of, resolve, reject }));
      };
      const store: SessionStore = { ...memoryStore(), read: hold, insert: hold };
      const reports: StoreCallReport[] = [];
      const policy = resolveGuard({
        timer,
        retry,
        breaker: { failures },
        onCall: (report) => void reports.push(report),
      });
      const guard = guardStore(store, policy, () => undefined, { now: () => 0 });
      const results = new Map<number, { value: unknown; at: number } | { error: unknown; at: number }>();
      const beganAt: number[] = [];

      for (const next of steps) {
        if (typeof next === 'string') {
          const id = beganAt.push(timer.now()) - 1;
          current = id;
          const call: unknown = next === 'read' ? guard.read('A') : guard.insert(record());
          Promise.resolve(call).then(
            (value) => results.set(id, { value, at: timer.now() }),
            (error: unknown) => results.set(id, { error, at: timer.now() }),
          );
        } else if ('passes' in next) {
          for (let i = 0; i < next.passes; i += 250) {
            timer.advance(Math.min(250, next.passes - i) / 1_000);
            await turn();
          }
        } else if (open.length > 0) {
          const attempt = open.splice(next.which % open.length, 1)[0];
          if (!attempt) continue;
          const word: Partial<SessionRecord> = {};
          if (next.fate === 'answer') said.set(attempt.of, [...(said.get(attempt.of) ?? []), word]);
          // A second attempt of this call begins in the same turn.
          current = attempt.of;
          if (next.fate === 'answer') attempt.resolve(word as never);
          else attempt.reject(next.fate === 'refuse' ? new Error('refused') : new SyntaxError('damaged'));
        }
        await turn();
        for (const [id, at] of beganAt.entries()) {
          if (timer.now() >= at + TIMEOUT) expect(results.has(id)).toBe(true);
        }
      }
      for (const [id, result] of results) {
        expect(result.at).toBeLessThanOrEqual((beganAt[id] ?? 0) + TIMEOUT + 250);
        if ('value' in result) expect(said.get(id)).toContain(result.value);
        else expect(result.error).toBeInstanceOf(StoreUnavailableError);
      }
      expect(reports).toHaveLength(results.size);
    }),
    { ...property, numRuns: Math.min(property.numRuns, 2_000) },
  );
});
