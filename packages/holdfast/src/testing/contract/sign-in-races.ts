/** A sign-in in its steps against the end of all the user's sessions: nothing live may outlive it, in any order. */
import type { SessionStore } from '../../store.ts';
import { assert, assertEqual } from './assert.ts';
import { handles, type Promised } from './harness.ts';
import { end, idOf, sampleRecord, signIn, START, update, userRecord } from './samples.ts';

const INDEX = 'user:alice';

/** The steps of a sign-in, as the library takes them; between two of them anything may happen. */
function* signInSteps(
  store: SessionStore,
  name: string | number,
  isNew: boolean,
): Generator<() => Promise<void>> {
  let epoch = -1;
  let isCurrent = false;
  yield async () => {
    ({ epoch } = await store.admit(INDEX, idOf(name), START));
  };
  yield async () => {
    if (isNew) await store.insert(userRecord(name, 'alice'));
    else await store.apply(idOf(name), update({ privilege: signIn(name, 'alice') }));
  };
  yield async () => {
    isCurrent = (await store.epochOf(INDEX)) === epoch;
  };
  yield async () => {
    if (!isCurrent) await store.apply(idOf(name), { end: end('revoked') });
  };
}

export const signInRaces: readonly Promised[] = [true, false].flatMap((isNew) => [
  ...[0, 1, 2, 3, 4].map(
    (after) =>
      ({
        name: `a sign-in ${isNew ? 'of a new session' : 'within a session'} that is revoked after ${after} of its 4 steps ${after === 0 ? 'stands, having begun later' : 'leaves nothing live'} (ASVS-7.4.3)`,
        keeps: async (opened) => {
          const [mine, theirs] = (await handles(opened, 2)) as [SessionStore, SessionStore];
          if (!isNew) await mine.insert(sampleRecord('one'));
          let taken = 0;
          for (const step of signInSteps(mine, 'one', isNew)) {
            if (taken === after) await theirs.endBy(INDEX, end('revoked'));
            await step();
            taken++;
          }
          if (after === 4) await theirs.endBy(INDEX, end('revoked'));
          const isLive = (await mine.read(idOf('one')))?.ended === undefined;
          assertEqual(isLive, after === 0, 'whether the session lives');
          assertEqual(
            (await theirs.listBy(INDEX)).length,
            after === 0 ? 1 : 0,
            'how many sessions are listed',
          );
        },
      }) satisfies Promised,
  ),
  {
    name: `many sign-ins ${isNew ? 'of new sessions' : 'within sessions'} at once with the end of all: whatever is live is listed, and can be ended`,
    keeps: async (opened: Parameters<Promised['keeps']>[0]) => {
      const stores = await handles(opened, 12);
      if (!isNew) for (const i of stores.keys()) await opened.store.insert(sampleRecord(i));
      await Promise.all(
        stores.map(async (store, i) => {
          if (i % 4 === 3) {
            await store.endBy(INDEX, end('revoked'));
            return;
          }
          for (const step of signInSteps(store, i, isNew)) await step();
        }),
      );
      const listed = new Set((await opened.store.listBy(INDEX)).map(({ id }) => id));
      for (const i of stores.keys()) {
        const record = await opened.store.read(idOf(i));
        const isLive = record?.userId === 'alice' && !record.ended;
        assert(!isLive || listed.has(idOf(i)), 'a live session is not listed');
      }
      assertEqual(await opened.store.endBy(INDEX, end('revoked')), listed.size, 'how many could be ended');
      assertEqual(await opened.store.listBy(INDEX), [], 'the list after it');
    },
  },
]);
