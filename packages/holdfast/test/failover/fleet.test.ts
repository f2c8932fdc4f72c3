/** Several processes on one Redis: what one of them has ended, no other serves (invariants 6, 8, 10). */
import { expect, test } from 'vitest';
import { runFleet } from './fleet.ts';
import { clusterScene, standaloneScene } from './scenes.ts';

test.each([
  {
    name: 'standalone, node-redis',
    start: () => standaloneScene({ client: 'node-redis', processes: 2, renewAfter: '1s' }),
  },
  {
    name: 'cluster, ioredis',
    start: () => clusterScene({ client: 'ioredis', processes: 2, renewAfter: '1s' }),
  },
])('with renewals every second, revocations and a process that dies, nobody is signed out who should not be, and nothing ended is alive ($name)', async ({
  start,
}) => {
  const { apps, stop } = await start();
  try {
    const report = await runFleet({ apps, browsers: 30, lasts: 4000, think: 300, seed: 7 });
    expect(report).toMatchObject({ signedOut: [], revived: [], listedWrongly: [], faults: [] });
    expect(report.renewals).toBeGreaterThan(30);
    expect(report.revocations + report.revocationsOfAll + report.signOuts).toBeGreaterThan(0);
    expect(report.retried).toBeGreaterThan(0);
  } finally {
    await stop();
  }
}, 30_000);
