/** How a session ends, under which conditions, and what is left of it. */
import type { EndCondition } from '../../change.ts';
import { assertEqual, present } from './assert.ts';
import type { Promised } from './harness.ts';
import {
  end,
  fullRecord,
  hashOf,
  HOUR,
  idOf,
  MINUTE,
  privilege,
  sampleRecord,
  START,
  update,
  userRecord,
} from './samples.ts';

export const ends: readonly Promised[] = [
  {
    name: 'a tombstone keeps the hashes, so that "has ended" can be told from "never was", and no data',
    keeps: async ({ store }) => {
      const before = fullRecord();
      await store.insert(before);
      const applied = await store.apply(before.id, { end: end('revoked') });
      assertEqual([applied.status, applied.ended], ['applied', 'revoked'], 'the answer');
      const { renewalSalt: _, ...kept } = before;
      assertEqual(
        await store.read(before.id),
        {
          ...kept,
          client: {},
          data: new Map(),
          system: new Map(),
          indexes: [],
          csrfSeed: '',
          ended: { at: START + MINUTE, reason: 'revoked', forgetAt: before.absoluteExpiresAt },
        },
        'the tombstone',
      );
    },
  },
  {
    name: 'a tombstone is kept for the time it was given, never beyond the absolute deadline, never less than nothing',
    keeps: async ({ store }) => {
      const forgetAt = async (name: string, at: number, tombstoneFor: number) => {
        await store.insert(sampleRecord(name));
        await store.apply(idOf(name), { end: end('revoked', at, tombstoneFor) });
        return present(await store.read(idOf(name)), 'the tombstone').ended?.forgetAt;
      };
      assertEqual(
        await forgetAt('short', START + MINUTE, HOUR),
        START + MINUTE + HOUR,
        'a tombstone of an hour',
      );
      assertEqual(
        await forgetAt('long', START + MINUTE, 99 * HOUR),
        START + 8 * HOUR,
        'one beyond the deadline',
      );
      assertEqual(
        await forgetAt('late', START + 9 * HOUR, HOUR),
        START + 9 * HOUR,
        'one of an expired session',
      );
    },
  },
  {
    name: 'an end ignores the epoch: signing out works while the session is re-authenticated elsewhere',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      await store.apply(idOf('one'), update({ privilege: privilege('p') }));
      const late = await store.apply(idOf('one'), update({ touch: START + 2 * MINUTE }));
      assertEqual(late.status, 'stale', 'a touch under the old epoch');
      assertEqual((await store.apply(idOf('one'), { end: end() })).status, 'applied', 'an end after it');
    },
  },
  {
    name: 'an end under a condition holds only while the record is as the decision found it',
    keeps: async ({ store }) => {
      const before = userRecord('one', 'alice', { epoch: 3, lastSeenAt: START + 5 });
      await store.insert(before);
      const failing: EndCondition[] = [
        { index: 'user:bob' },
        { lastSeenAt: START + 4 },
        { lastSeenAt: START + 6 },
        { epoch: 2 },
        { epoch: 0 },
        { index: 'user:alice', lastSeenAt: START + 5, epoch: 4 },
      ];
      for (const condition of failing) {
        const { status } = await store.apply(before.id, { end: end(), while: condition });
        assertEqual(status, 'conflict', `an end while ${JSON.stringify(condition)}`);
      }
      assertEqual(await store.read(before.id), before, 'the record');
      const holding = { index: 'user:alice', lastSeenAt: START + 5, epoch: 3 };
      assertEqual(
        (await store.apply(before.id, { end: end(), while: holding })).status,
        'applied',
        'the right condition',
      );
    },
  },
  {
    name: 'incidents closer together than the grace count once',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      const incident = { apart: MINUTE, limit: 3, tombstoneFor: HOUR };
      for (const seconds of [0, 1, 30, 59.999]) {
        await store.apply(idOf('one'), update({ at: START + seconds * 1000, incident }));
      }
      assertEqual((await store.read(idOf('one')))?.reuse, { incidents: 1, lastAt: START }, 'after a burst');
      await store.apply(idOf('one'), update({ at: START + MINUTE, incident }));
      assertEqual(
        (await store.read(idOf('one')))?.reuse,
        { incidents: 2, lastAt: START + MINUTE },
        'one grace later',
      );
    },
  },
  {
    name: 'the third incident ends the session',
    keeps: async ({ store }) => {
      await store.insert(fullRecord());
      const incident = { apart: MINUTE, limit: 3, tombstoneFor: HOUR };
      const at = START + 10 * MINUTE;
      const second = await store.apply(idOf('full'), update({ epoch: 2, at, incident }));
      assertEqual([second.status, second.ended], ['applied', undefined], 'the second');
      const third = await store.apply(idOf('full'), update({ epoch: 2, at: at + MINUTE, incident }));
      assertEqual([third.status, third.ended], ['applied', 'reused'], 'the third');
      const tombstone = present(await store.read(idOf('full')), 'the tombstone');
      assertEqual(
        tombstone.ended,
        { at: at + MINUTE, reason: 'reused', forgetAt: at + MINUTE + HOUR },
        'its end',
      );
      assertEqual([tombstone.data.size, tombstone.secretHash], [0, hashOf('secret-full')], 'the tombstone');
    },
  },
  {
    name: 'a session past its absolute deadline takes no change but an end (ASVS-7.3.2)',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      const deadline = START + 8 * HOUR;
      const before = await store.apply(idOf('one'), update({ at: deadline - 1, touch: START + 1 }));
      assertEqual(before.status, 'applied', 'a touch just before the deadline');
      const at = await store.apply(idOf('one'), update({ at: deadline, touch: START + 2 }));
      assertEqual(at.status, 'gone', 'a touch at the deadline');
      const revival = privilege('p', { at: deadline, absoluteExpiresAt: deadline + HOUR });
      assertEqual(
        (await store.apply(idOf('one'), update({ at: deadline, privilege: revival }))).status,
        'gone',
        'a re-authentication at it',
      );
      assertEqual((await store.read(idOf('one')))?.lastSeenAt, START + 1, 'lastSeenAt');
      const ended = await store.apply(idOf('one'), { end: end('absolute_timeout', deadline) });
      assertEqual(ended.status, 'applied', 'an end');
    },
  },
];
