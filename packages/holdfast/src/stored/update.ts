import type { Update } from '../change.ts';
import type { Pending, RequestData } from '../data.ts';
import { afterChange, type Core, type Held } from './core.ts';
import { sessionChanged } from './faults.ts';

/** Someone wins each round, so N concurrent callers need at most N; the bound only stops what should not happen. */
const MOST_ROUNDS = 10_000;

/**
 * Replaces one key by a function of its newest value: compare-and-set on the key's version until it holds. Everything
 * else that was buffered goes along.
 */
export async function updateKey(
  core: Core,
  start: Held,
  data: RequestData,
  key: string,
  change: (value: unknown) => unknown,
  seenAt: number,
): Promise<{ held: Held; value: unknown; flushed: Pending }> {
  let held = start;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const value = change(data.get(key));
    const pending = data.pending();
    const update: Update = {
      epoch: held.record.epoch,
      at: core.policy.clock.now(),
      ...(pending.remove && { remove: pending.remove.filter((each) => each !== key) }),
      set: new Map([...(pending.set ?? []), [key, data.encode(key, value)]]),
      expect: new Map([[key, data.versionOf(key)]]),
      ...(held.due.touch && { touch: seenAt }),
      ...(held.due.confirm && { confirm: held.secretHash }),
    };
    const { status, dataVersion } = await core.store.apply(held.record.id, update);
    if (status === 'applied') {
      const record = afterChange(held.record, update, dataVersion);
      const due = { ...held.due, touch: false, confirm: false };
      return { held: { ...held, record, due }, value, flushed: pending };
    }
    if (status !== 'conflict') throw sessionChanged(status);
    const record = await core.store.read(held.record.id);
    if (record === undefined || record.ended) throw sessionChanged('gone');
    if (record.epoch !== held.record.epoch) throw sessionChanged('stale');
    held = { ...held, record };
    data.reread(record.data);
  }
  throw sessionChanged('conflict');
}
