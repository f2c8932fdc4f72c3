/** One of several processes on one database file: writes keys of its own, and counts up a shared one. */
import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import type { SessionRecord } from '../../src/record.ts';
import { sqliteStore } from '../../src/stores/sqlite.ts';

const { file, name, count } = workerData as { file: string; name: number; count: number };
const store = sqliteStore(new DatabaseSync(file));
const id = 'A'.repeat(22);

const record: SessionRecord = {
  id,
  lineageHash: '',
  secretHash: '',
  renewedAt: 0,
  renewals: 0,
  reuse: { incidents: 0 },
  epoch: 0,
  authentications: [],
  createdAt: 0,
  lastSeenAt: 0,
  idleTimeout: 1,
  absoluteExpiresAt: 1_000,
  client: {},
  data: new Map(),
  dataVersion: 0,
  persistent: false,
  csrfSeed: '',
  indexes: [],
  system: new Map(),
};
// All of them try; one succeeds.
await store.insert(record).catch(() => undefined);

for (let i = 0; i < count; i++) {
  const own = new Map([[`key-${name}-${i}`, { value: '1', schemaVersion: 1 }]]);
  await store.apply(id, { epoch: 0, at: 1, set: own });
  for (;;) {
    const n = (await store.read(id))?.data.get('n');
    const set = new Map([['n', { value: `${Number(n?.value ?? 0) + 1}`, schemaVersion: 1 }]]);
    const expect = new Map([['n', n?.version ?? 0]]);
    if ((await store.apply(id, { epoch: 0, at: 1, set, expect })).status === 'applied') break;
  }
}
