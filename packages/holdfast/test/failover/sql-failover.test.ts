/** Invariants 2 and 8 under load: a database that fails is 503, never "signed out", and what it has answered it still has. */
import { expect, test } from 'vitest';
import { LONG } from '../support/long.ts';
import { databases } from '../support/sql/drivers.ts';
import { goThrough } from './outage.ts';
import { sqlScene } from './sql-scenes.ts';

/** A sign-in asks the store some times, for at most a second each; whatever takes longer hangs. */
const HANGS = 6_000;

const cases = databases.flatMap((database) =>
  (LONG ? (['kill', 'cut', 'hang'] as const) : (['kill', 'cut'] as const)).map((how) => ({
    database,
    name: database.name,
    how,
  })),
);

test.concurrent.each(
  cases,
)('$name, $how: some requests are answered with 503, none as signed out, and nothing acknowledged is lost (ASVS-16.5.3)', async ({
  database,
  how,
}) => {
  const [driver] = database.drivers;
  const { apps, fault, stop } = await sqlScene({ database, driver, how, lasts: 1_500 });
  try {
    const port = apps[0]?.port ?? 0;
    const outage = await goThrough({ port, browsers: 15, think: 150, seed: 42, calm: 1_200, ...fault });
    expect(outage.signedOut).toEqual([]);
    expect(Object.keys(outage.statuses)).toEqual(['200', '503']);
    expect(outage.lost).toEqual({ writes: 0, signIns: 0, ends: 0 });
    expect(outage.longest).toBeLessThan(HANGS);
  } finally {
    await stop();
  }
}, 60_000);
