/** The bound that docs/howto/cache-sessions-locally.md states, on real servers and in several processes. The long form: docs/evidence/cache.md. */
import { expect, test } from 'vitest';
import type { BackendName } from './backends.ts';
import { startFleet, type Way } from './revocations.ts';

const MAX_AGE = 1_000;
const COUNT = 50;

test.concurrent.each<readonly [BackendName, Way]>([
  ['Redis', 'open'],
  ['Redis', 'silent'],
  ['PostgreSQL', 'open'],
  ['PostgreSQL', 'silent'],
])(
  'on %s, with the way of notices %s: what has ended is accepted for at most maxAge, at home not at all, and nobody else is signed out (ASVS-7.4.1)',
  async (backend, way) => {
    const fleet = await startFleet({ backend, processes: 2, maxAge: MAX_AGE });
    try {
      const { late, lateAtHome, signedOut } = await fleet.revoke({ count: COUNT, batch: COUNT, way });
      expect(late).toHaveLength(COUNT);
      // Whether anything is late at all says whether the caches were in use.
      if (way === 'silent') expect(Math.max(...late)).toBeGreaterThan(0);
      expect(Math.max(...late)).toBeLessThan(MAX_AGE);
      expect(Math.max(...lateAtHome)).toBe(0);
      expect(signedOut).toEqual([]);
    } finally {
      await fleet.stop();
    }
  },
  60_000,
);
