/** What a store that can `watch` tells. A store that can not promises nothing here. */
import type { Notice, SessionStore } from '../../store.ts';
import { assert, assertEqual } from './assert.ts';
import type { Promised } from './harness.ts';
import { end, idOf, renewal, sampleRecord, setting, START, update, userRecord } from './samples.ts';

const PATIENCE = 10_000;
const PAUSE = 5;

/** Notices come in their own time. */
async function until(promise: string, isSo: () => boolean): Promise<void> {
  for (const begin = Date.now(); !isSo(); ) {
    assert(Date.now() - begin < PATIENCE, `${promise}, within ${PATIENCE} ms`);
    await new Promise<void>((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** What is told of one session. */
function of(id: string, notices: readonly Notice[]): string[] {
  return notices.flatMap((notice) => ('id' in notice && notice.id === id ? [notice.kind] : []));
}

interface Watching {
  readonly notices: readonly Notice[];
  stop(): Promise<void>;
}

async function watching(store: SessionStore): Promise<Watching | undefined> {
  const notices: Notice[] = [];
  const stop = await store.watch?.((notice) => void notices.push(notice));
  return stop && { notices, stop };
}

export const watchingCases: readonly Promised[] = [
  {
    name: 'a store that can watch tells of ends and changes made on another handle, after `up`, and of no touch',
    keeps: async ({ store, another }) => {
      const watched = await watching(store);
      if (!watched) return;
      const { notices, stop } = watched;
      const [first] = notices;
      assertEqual(first, { kind: 'up' }, 'the first notice, when `watch` has resolved');
      const there = (await another?.()) ?? store;
      const [id, other] = [idOf('one'), idOf('two')];
      await there.insert(sampleRecord('one'));
      await there.admit('user:ada', other, START);
      await there.insert(userRecord('two', 'ada'));
      await there.apply(id, update({ touch: START + 61_000 }));
      await there.apply(id, update({ renew: renewal(sampleRecord('one').secretHash, 'x') }));
      await there.apply(id, setting({ a: '1' }));
      await there.apply(id, update({ touch: START + 122_000 }));
      await there.apply(id, { end: end() });
      await there.endBy('user:ada', end('revoked'));
      await until('both ends are told', () =>
        [id, other].every((each) => of(each, notices).includes('ended')),
      );
      const [last] = of(id, notices).slice(-1);
      assertEqual(last, 'ended', 'the last that is told of a session');
      assertEqual(
        of(id, notices).filter((kind) => kind === 'changed').length,
        2,
        'the changes that are told, touches left out',
      );
      await stop();
    },
  },
  {
    name: 'a store that can watch tells nothing after the stop, and can be watched again and by several',
    keeps: async ({ store }) => {
      const [first, second] = [await watching(store), await watching(store)];
      if (!first || !second) return;
      await first.stop();
      const told = first.notices.length;
      await store.insert(sampleRecord('one'));
      await store.apply(idOf('one'), { end: end() });
      await until('the other hears of it', () => of(idOf('one'), second.notices).includes('ended'));
      assertEqual(first.notices.length, told, 'what the first was told');
      await second.stop();
      const third = await watching(store);
      assertEqual(third?.notices[0], { kind: 'up' }, 'the first notice of the next');
      await third?.stop();
    },
  },
];
