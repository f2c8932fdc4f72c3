/** What is dropped, and when: by the instants the caller gives, never by the store's own clock. */
import { assertEqual } from './assert.ts';
import type { Promised } from './harness.ts';
import { end, HOUR, idOf, MINUTE, sampleRecord, START, update, userRecord } from './samples.ts';

export const expiry: readonly Promised[] = [
  {
    name: 'a record is dropped from its absolute deadline on, not before',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      assertEqual(await store.prune(START + 8 * HOUR - 1, 10), 0, 'just before the deadline');
      assertEqual(await store.prune(START + 8 * HOUR, 10), 1, 'at the deadline');
      assertEqual(await store.read(idOf('one')), undefined, 'the record');
    },
  },
  {
    name: 'idleness alone drops nothing: whether an idle session ends or is locked is for the caller to judge',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      assertEqual(await store.prune(START + 7 * HOUR, 10), 0, 'an idle session');
      assertEqual(await store.read(idOf('one')), sampleRecord('one'), 'the record');
    },
  },
  {
    name: 'a tombstone is dropped when its time is over, not before',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      await store.apply(idOf('one'), { end: end('revoked', START, HOUR) });
      assertEqual(await store.prune(START + HOUR - 1, 10), 0, 'just before');
      assertEqual(await store.prune(START + HOUR, 10), 1, 'at the time');
      assertEqual(await store.read(idOf('one')), undefined, 'the tombstone');
    },
  },
  {
    name: 'a deadline that a re-authentication has moved is the one that counts',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      const { lineageHash, secretHash, csrfSeed, client } = sampleRecord('two');
      const at = START + MINUTE;
      const privilege = {
        lineageHash,
        secretHash,
        csrfSeed,
        client,
        at,
        absoluteExpiresAt: START + 20 * HOUR,
      };
      await store.apply(idOf('one'), update({ privilege }));
      assertEqual(await store.prune(START + 8 * HOUR, 10), 0, 'at the old deadline');
      assertEqual(await store.prune(START + 20 * HOUR, 10), 1, 'at the new one');
    },
  },
  {
    name: 'no more records are dropped at once than the limit says',
    keeps: async ({ store }) => {
      for (let i = 0; i < 5; i++) await store.insert(sampleRecord(i));
      await store.insert(sampleRecord('young', { absoluteExpiresAt: START + 99 * HOUR }));
      assertEqual(await store.prune(START + 9 * HOUR, 2), 2, 'the first round');
      assertEqual(await store.prune(START + 9 * HOUR, 2), 2, 'the second round');
      assertEqual(await store.prune(START + 9 * HOUR, 2), 1, 'the third round');
      assertEqual(await store.prune(START + 9 * HOUR, 2), 0, 'the fourth round');
      assertEqual((await store.read(idOf('young')))?.id, idOf('young'), 'the record that is not due');
    },
  },
  {
    name: 'a dropped record leaves its indexes too: it counts against no limit and is not found again under a new record',
    keeps: async ({ store }) => {
      await store.admit('user:alice', idOf('old'), START);
      await store.insert(userRecord('old', 'alice'));
      await store.prune(START + 8 * HOUR, 10);
      assertEqual(await store.listBy('user:alice'), [], 'the list');
      // The same id with the same index, but never admitted: only an entry that was left behind would list it.
      await store.insert(userRecord('old', 'alice', { absoluteExpiresAt: START + 99 * HOUR }));
      assertEqual(await store.listBy('user:alice'), [], 'the list after another record has that id');
      const { displaced } = await store.admit('user:alice', idOf('new'), START + 8 * HOUR, 1);
      assertEqual(displaced, [], 'what the limit displaces');
    },
  },
];
