/** A user's sessions: admission, listing and the end of all of them. */
import type { SessionRecord } from '../../record.ts';
import { assertEqual, present } from './assert.ts';
import { handles, type Promised } from './harness.ts';
import { end, HOUR, idOf, MINUTE, sampleRecord, START, update, signIn, userRecord } from './samples.ts';
import type { SessionStore } from '../../store.ts';

const INDEX = 'user:alice';

async function admitted(
  store: SessionStore,
  names: readonly (string | number)[],
  userId = 'alice',
): Promise<void> {
  for (const [i, name] of names.entries()) {
    await store.admit(`user:${userId}`, idOf(name), START + i);
    await store.insert(userRecord(name, userId));
  }
}

function ids(records: readonly SessionRecord[]): string[] {
  return records.map(({ id }) => id).toSorted();
}

function idsOf(...names: (string | number)[]): string[] {
  return names.map(idOf).toSorted();
}

export const indexes: readonly Promised[] = [
  {
    name: 'a list shows every live session of its index and no other (ASVS-7.5.2)',
    keeps: async ({ store }) => {
      await admitted(store, ['a1', 'a2', 'a3']);
      await admitted(store, ['b1'], 'bob');
      await store.insert(sampleRecord('anonymous'));
      await store.apply(idOf('a2'), { end: end() });
      assertEqual(ids(await store.listBy(INDEX)), idsOf('a1', 'a3'), 'alice’s sessions');
      assertEqual(await store.listBy('user:bob'), [userRecord('b1', 'bob')], 'bob’s session, whole');
      assertEqual(await store.listBy('user:nobody'), [], 'an unknown index');
    },
  },
  {
    name: 'an entry whose record is missing, or carries another index, is not listed',
    keeps: async ({ store }) => {
      await store.admit(INDEX, idOf('missing'), START);
      await store.admit(INDEX, idOf('foreign'), START);
      await store.insert(userRecord('foreign', 'bob'));
      await store.admit(INDEX, idOf('unfinished'), START);
      await store.insert(sampleRecord('unfinished'));
      assertEqual(await store.listBy(INDEX), [], 'the list');
      assertEqual(await store.endBy(INDEX, end('revoked')), 0, 'how many were ended');
      assertEqual((await store.read(idOf('foreign')))?.ended, undefined, 'the end of another user’s session');
      assertEqual(
        (await store.read(idOf('unfinished')))?.ended,
        undefined,
        'the end of an anonymous session',
      );
    },
  },
  {
    name: 'an admission is on the list as soon as the record carries the index',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      await store.admit(INDEX, idOf('one'), START);
      await store.apply(idOf('one'), update({ privilege: signIn('one', 'alice') }));
      assertEqual(ids(await store.listBy(INDEX)), idsOf('one'), 'the list');
    },
  },
  {
    name: 'the epoch of an index is 0 at first and rises with each end of all its sessions, even where there are none',
    keeps: async ({ store }) => {
      assertEqual(await store.epochOf(INDEX), 0, 'at first');
      assertEqual((await store.admit(INDEX, idOf('one'), START)).epoch, 0, 'at an admission');
      assertEqual(await store.epochOf(INDEX), 0, 'after an admission');
      await store.endBy(INDEX, end('revoked'));
      await store.endBy(INDEX, end('revoked'));
      assertEqual(await store.epochOf(INDEX), 2, 'after two ends');
      assertEqual((await store.admit(INDEX, idOf('one'), START)).epoch, 2, 'at the next admission');
      assertEqual(await store.epochOf('user:bob'), 0, 'of another index');
    },
  },
  {
    name: 'ending an index ends each of its sessions but the excepted one, and says how many (ASVS-7.4.2, ASVS-7.4.3)',
    keeps: async ({ store }) => {
      await admitted(store, ['a1', 'a2', 'a3', 'a4']);
      await admitted(store, ['b1'], 'bob');
      await store.apply(idOf('a4'), { end: end('signed_out') });
      assertEqual(await store.endBy(INDEX, end('revoked'), idOf('a2')), 2, 'how many were ended');
      const reasons: unknown[] = [];
      for (const name of ['a1', 'a2', 'a3', 'a4', 'b1'])
        reasons.push((await store.read(idOf(name)))?.ended?.reason);
      assertEqual(reasons, ['revoked', undefined, 'revoked', 'signed_out', undefined], 'how each ended');
      assertEqual(ids(await store.listBy(INDEX)), idsOf('a2'), 'the list after it');
      assertEqual(await store.endBy(INDEX, end('revoked')), 1, 'without an exception');
      assertEqual(await store.listBy(INDEX), [], 'the list in the end');
    },
  },
  {
    name: 'of many callers that end one index, each session is ended by exactly one',
    keeps: async (opened) => {
      await admitted(opened.store, ['a1', 'a2', 'a3', 'a4', 'a5']);
      const stores = await handles(opened, 10);
      const counts = await Promise.all(stores.map((store) => store.endBy(INDEX, end('revoked'))));
      assertEqual(
        counts.reduce((sum, count) => sum + count, 0),
        5,
        'how many were ended by all of them',
      );
      assertEqual(await opened.store.epochOf(INDEX), 10, 'the epoch');
    },
  },
  {
    name: 'a limit displaces the oldest admissions, and they stay listed until they are ended (ASVS-7.1.2)',
    keeps: async ({ store }) => {
      await admitted(store, ['first', 'second', 'third']);
      const at = START + MINUTE;
      assertEqual((await store.admit(INDEX, idOf('new'), at)).displaced, [], 'without a limit');
      assertEqual((await store.admit(INDEX, idOf('new'), at, 4)).displaced, [], 'within the limit');
      assertEqual((await store.admit(INDEX, idOf('new'), at, 3)).displaced, [idOf('first')], 'one over it');
      assertEqual(
        (await store.admit(INDEX, idOf('new'), at, 2)).displaced,
        [idOf('first'), idOf('second')],
        'two over it',
      );
      assertEqual(ids(await store.listBy(INDEX)), idsOf('first', 'second', 'third'), 'the list');
    },
  },
  {
    name: 'an id that is admitted again counts once, and keeps its place',
    keeps: async ({ store }) => {
      await admitted(store, ['first', 'second']);
      assertEqual((await store.admit(INDEX, idOf('first'), START + MINUTE, 2)).displaced, [], 'itself again');
      const { displaced } = await store.admit(INDEX, idOf('new'), START + 2 * MINUTE, 2);
      assertEqual(displaced, [idOf('first')], 'what a new one displaces then');
    },
  },
  {
    name: 'sessions that have ended, are past their deadline or belong to someone else count against no limit',
    keeps: async ({ store }) => {
      await admitted(store, ['ended', 'expired', 'foreign', 'live']);
      await store.apply(idOf('ended'), { end: end() });
      const moved = signIn('x', 'bob', { absoluteExpiresAt: START + 99 * HOUR });
      await store.apply(idOf('foreign'), update({ privilege: moved }));
      const { secretHash, lineageHash } = userRecord('live', 'alice');
      const extended = {
        ...signIn('live', 'alice', { absoluteExpiresAt: START + 99 * HOUR }),
        secretHash,
        lineageHash,
      };
      await store.apply(idOf('live'), update({ privilege: extended }));
      assertEqual(
        (await store.admit(INDEX, idOf('new'), START + 9 * HOUR, 2)).displaced,
        [],
        'a limit of two',
      );
      assertEqual(
        (await store.admit(INDEX, idOf('new'), START + 9 * HOUR, 1)).displaced,
        [idOf('live')],
        'a limit of one',
      );
    },
  },
  {
    name: 'of two admissions at one instant the one with the lesser id is the older; the admitted one itself may be displaced',
    keeps: async ({ store }) => {
      for (const name of ['b', 'c', 'a']) {
        await store.admit(INDEX, idOf(name), START);
        await store.insert(userRecord(name, 'alice'));
      }
      assertEqual((await store.admit(INDEX, idOf('b'), START, 2)).displaced, [idOf('a')], 'a limit of two');
      assertEqual(
        (await store.admit(INDEX, idOf('b'), START, 1)).displaced,
        [idOf('a'), idOf('b')],
        'a limit of one',
      );
    },
  },
  {
    name: 'of many sign-ins at once under a limit, the last to ask sees them all: together they name all but the youngest',
    keeps: async (opened) => {
      const stores = await handles(opened, 10);
      const displaced = await Promise.all(
        stores.map(async (store, i) => {
          await store.admit(INDEX, idOf(i), START + i);
          await store.insert(userRecord(i, 'alice'));
          return (await store.admit(INDEX, idOf(i), START + i, 1)).displaced;
        }),
      );
      assertEqual(
        [...new Set(displaced.flat())].toSorted(),
        idsOf(0, 1, 2, 3, 4, 5, 6, 7, 8),
        'who has to go',
      );
    },
  },
  {
    name: 'an admission whose record is not in the store counts against no limit, and is listed when it is',
    keeps: async ({ store }) => {
      await store.admit(INDEX, idOf('late'), START);
      assertEqual(
        (await store.admit(INDEX, idOf('soon'), START + MINUTE, 1)).displaced,
        [],
        'a limit of one',
      );
      await store.insert(userRecord('soon', 'alice'));
      await store.insert(userRecord('late', 'alice'));
      assertEqual(ids(await store.listBy(INDEX)), idsOf('late', 'soon'), 'the list');
      assertEqual(
        (await store.admit(INDEX, idOf('soon'), START + MINUTE, 1)).displaced,
        [idOf('late')],
        'the limit then',
      );
    },
  },
  {
    name: 'a sign-in that an ended session refuses gives it no place among those that live',
    keeps: async ({ store }) => {
      await admitted(store, ['a', 'b']);
      await store.apply(idOf('a'), { end: end() });
      const late = START + MINUTE;
      const privilege = signIn('a', 'alice', { at: late, absoluteExpiresAt: late + 8 * HOUR });
      assertEqual(
        (await store.apply(idOf('a'), update({ at: late, privilege }))).status,
        'gone',
        'the sign-in',
      );
      const { displaced } = await store.admit(INDEX, idOf('a'), START, 1);
      assertEqual(displaced, [idOf('a')], 'who has to go under a limit of one');
    },
  },
  {
    name: 'an ended session is off the list for good, even where it is admitted again',
    keeps: async ({ store }) => {
      await admitted(store, ['one']);
      await store.apply(idOf('one'), { end: end() });
      await store.admit(INDEX, idOf('one'), START + MINUTE);
      assertEqual(await store.listBy(INDEX), [], 'the list');
      assertEqual(
        present(await store.read(idOf('one')), 'the tombstone').ended?.reason,
        'signed_out',
        'the end',
      );
    },
  },
];
