/** Replication is asynchronous: what a failover forgets, and what `acknowledged` changes about it. */
import { expect, test } from 'vitest';
import { forgottenByFailover } from './forgotten.ts';

test('a failover forgets what the replica has not received: an ended session lives again', async () => {
  expect(await forgottenByFailover('node-redis')).toEqual({
    signOut: { answered: 200, afterwards: 'signed in' },
    signOutAgain: { answered: 200, afterwards: 'signed in' },
    signIn: { answered: 200, afterwards: 'refused: unknown' },
    write: { answered: 200, afterwards: 'lost' },
    renewal: { answered: 200, afterwards: 'refused: reused' },
  });
}, 30_000);

test('where replicas have to acknowledge, a sign-in or an end that could be forgotten is answered with 503', async () => {
  expect(await forgottenByFailover('ioredis', 1)).toMatchObject({
    signOut: { answered: 503, afterwards: 'signed in' },
    signIn: { answered: 503, afterwards: 'refused: no cookie' },
    write: { answered: 200, afterwards: 'lost' },
  });
}, 30_000);
