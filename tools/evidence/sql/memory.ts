import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memoryStore } from '../../../packages/holdfast/src/stores/memory.ts';
import { indexAt, recordAt, SEEN_AT } from './place.ts';

/** Bytes of the heap that so many sessions take in the memory store, each. */
export async function memoryEach(count: number): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const store = memoryStore({ maxSessions: count, maxBytes: Number.MAX_SAFE_INTEGER });
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < count; n++) {
    // As from a request: nothing is shared with another session.
    const record = structuredClone(recordAt(n));
    await store.admit(indexAt(n), record.id, SEEN_AT);
    await store.insert(record);
  }
  collect();
  const each = (process.memoryUsage().heapUsed - before) / count;
  if ((await store.listBy(indexAt(0))).length === 0) throw new Error('it is empty');
  return each;
}
