/** Invariant 2 under load: a store that fails is 503, never "signed out", and nobody waits for it. */
import { expect, test } from 'vitest';
import { goThrough } from './outage.ts';
import { clusterScene, networkScene, type Scene, sentinelScene } from './scenes.ts';

/** A sign-in asks the store three times, for at most a second each; whatever takes longer hangs. */
const HANGS = 4_000;

const scenes: readonly { readonly name: string; start(): Promise<Scene> }[] = [
  {
    name: 'the primary behind Sentinel is killed (node-redis)',
    start: () => sentinelScene({ client: 'node-redis', downAfterMs: 500 }),
  },
  {
    name: 'a primary of a cluster is killed (ioredis)',
    start: () => clusterScene({ client: 'ioredis', nodeTimeoutMs: 1000 }),
  },
  {
    name: 'the network goes silent (ioredis)',
    start: () => networkScene({ client: 'ioredis', how: 'hang', lasts: 2000 }),
  },
  {
    name: 'the network is cut (node-redis)',
    start: () => networkScene({ client: 'node-redis', how: 'cut', lasts: 2000 }),
  },
];

test.concurrent.each(
  scenes,
)('$name: some requests are answered with 503, none as signed out, and none hangs', async ({ start }) => {
  const { apps, fault, stop } = await start();
  try {
    const port = apps[0]?.port ?? 0;
    const outage = await goThrough({ port, browsers: 20, think: 150, seed: 42, calm: 1_500, ...fault });
    expect(outage.signedOut).toEqual([]);
    expect(Object.keys(outage.statuses)).toEqual(['200', '503']);
    expect(outage.longest).toBeLessThan(HANGS);
    // Nobody has forgotten anything while only the way was broken.
    if (fault.loses === 'nothing') expect(outage.lost).toEqual({ writes: 0, signIns: 0, ends: 0 });
  } finally {
    await stop();
  }
}, 30_000);
