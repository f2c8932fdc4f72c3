/** What many callers see at once, on as many handles as the store can give. */
import { assert, assertEqual, present } from './assert.ts';
import { handles, type OpenedStore, type Promised } from './harness.ts';
import {
  end,
  hashOf,
  idOf,
  MINUTE,
  privilege,
  renewal,
  sampleRecord,
  setting,
  START,
  update,
} from './samples.ts';

const MANY = 20;
const HUNDRED = 100;

/** Calls `act` once for each of `count` handles, all at the same time. */
async function atOnce<T>(
  opened: OpenedStore,
  count: number,
  act: (store: OpenedStore['store'], i: number) => Promise<T>,
) {
  return Promise.all((await handles(opened, count)).map(act));
}

export const races: readonly Promised[] = [
  {
    name: 'of many inserts of one id exactly one succeeds (SM-4)',
    keeps: async (opened) => {
      const outcomes = await atOnce(opened, MANY, (store, i) =>
        store.insert(sampleRecord('one', { userId: `user-${i}` })).then(
          () => i,
          () => undefined,
        ),
      );
      const winners = outcomes.filter((outcome) => outcome !== undefined);
      assertEqual(winners.length, 1, 'how many inserts succeeded');
      assertEqual((await opened.store.read(idOf('one')))?.userId, `user-${winners[0]}`, 'whose record it is');
    },
  },
  {
    name: 'of many renewals from one secret exactly one renews; the others learn its secret, and what else they changed is kept',
    keeps: async (opened) => {
      const { id, secretHash } = sampleRecord('one');
      await opened.store.insert(sampleRecord('one'));
      const outcomes = await atOnce(opened, MANY, (store, i) =>
        store.apply(id, { ...setting({ [`key-${i}`]: `${i}` }), renew: renewal(secretHash, i) }),
      );
      const winner = outcomes.findIndex(({ renewed }) => renewed);
      assertEqual(outcomes.filter(({ renewed }) => renewed).length, 1, 'how many renewed');
      for (const { status, secretHash: hash, renewalSalt } of outcomes) {
        assertEqual(
          [status, hash, renewalSalt],
          ['applied', hashOf(`renewed-${winner}`), hashOf(`salt-${winner}`)],
          'what each caller was told',
        );
      }
      const record = present(await opened.store.read(id), 'the record');
      assertEqual(
        [record.renewals, record.previousHash, record.data.size],
        [1, secretHash, MANY],
        'the record',
      );
    },
  },
  {
    name: 'of many privilege changes under one epoch exactly one is applied, and the others are stale',
    keeps: async (opened) => {
      await opened.store.insert(sampleRecord('one'));
      const outcomes = await atOnce(opened, MANY, (store, i) =>
        store.apply(idOf('one'), { ...setting({ by: `${i}` }), privilege: privilege(i) }),
      );
      const winner = outcomes.findIndex(({ status }) => status === 'applied');
      assertEqual(outcomes.filter(({ status }) => status === 'applied').length, 1, 'how many were applied');
      assertEqual(
        outcomes.filter(({ status }) => status === 'stale').length,
        MANY - 1,
        'how many were stale',
      );
      const record = present(await opened.store.read(idOf('one')), 'the record');
      assertEqual(
        [record.epoch, record.secretHash, record.data.get('by')?.value],
        [1, hashOf(`secret-of-${winner}`), `${winner}`],
        'the record is the winner’s',
      );
    },
  },
  {
    name: 'a hundred concurrent writes to a hundred keys keep all hundred',
    keeps: async (opened) => {
      await opened.store.insert(sampleRecord('one'));
      await atOnce(opened, HUNDRED, (store, i) =>
        store.apply(idOf('one'), setting({ [`key-${i}`]: `${i}` })),
      );
      const { data, dataVersion } = present(await opened.store.read(idOf('one')), 'the record');
      for (let i = 0; i < HUNDRED; i++) assertEqual(data.get(`key-${i}`)?.value, `${i}`, `key ${i}`);
      assertEqual(dataVersion, HUNDRED, 'each write has a version of its own');
    },
  },
  {
    name: 'a hundred concurrent compare-and-set increments make a hundred',
    keeps: async (opened) => {
      await opened.store.insert(sampleRecord('one'));
      await atOnce(opened, HUNDRED, async (store) => {
        for (let round = 0; round <= HUNDRED; round++) {
          const n = (await store.read(idOf('one')))?.data.get('n');
          const next = setting({ n: `${Number(n?.value ?? 0) + 1}` });
          const expect = new Map([['n', n?.version ?? 0]]);
          if ((await store.apply(idOf('one'), { ...next, expect })).status === 'applied') return;
        }
        throw new Error('an increment lost more often than there were others to win');
      });
      assertEqual((await opened.store.read(idOf('one')))?.data.get('n')?.value, '100', 'the counter');
    },
  },
  {
    name: 'after an end has returned, every other change is gone, and nothing revives the record (ASVS-7.4.1, NIST-5.1-3)',
    keeps: async (opened) => {
      const { id, secretHash } = sampleRecord('one');
      const [here, there] = (await handles(opened, 2)) as [OpenedStore['store'], OpenedStore['store']];
      await here.insert(sampleRecord('one'));
      await here.apply(id, { end: end('signed_out') });
      const tombstone = present(await there.read(id), 'the tombstone');
      const attempts = {
        write: setting({ a: '1' }),
        touch: update({ touch: START + 5 * MINUTE }),
        confirmation: update({ confirm: secretHash }),
        renewal: update({ renew: renewal(secretHash, 'x') }),
        incident: update({ incident: { apart: 1, limit: 3, tombstoneFor: 1 } }),
        'privilege change': update({ privilege: privilege('p', { absoluteExpiresAt: START * 2 }) }),
        'system key': update({ system: new Map([['k', { from: undefined, to: '1' }]]) }),
        'second end': { end: end('revoked', START + 9 * MINUTE) },
      };
      for (const [name, change] of Object.entries(attempts)) {
        assertEqual(
          await there.apply(id, change),
          { status: 'gone', renewed: false },
          `a ${name} after the end`,
        );
      }
      assertEqual(await here.read(id), tombstone, 'the tombstone');
    },
  },
  {
    name: 'an end among many other changes wins: the record is a tombstone without data, whatever came before or after (ASVS-7.4.1)',
    keeps: async (opened) => {
      const { id, secretHash } = sampleRecord('one');
      await opened.store.insert(sampleRecord('one'));
      const outcomes = await atOnce(opened, MANY, (store, i) => {
        if (i === MANY / 2) return store.apply(id, { end: end('signed_out') });
        if (i % 3 === 0) return store.apply(id, update({ renew: renewal(secretHash, i) }));
        if (i % 3 === 1) return store.apply(id, update({ privilege: privilege(i) }));
        return store.apply(id, setting({ [`key-${i}`]: '1' }));
      });
      assertEqual(outcomes[MANY / 2]?.status, 'applied', 'the end');
      const record = present(await opened.store.read(id), 'the tombstone');
      assertEqual([record.ended?.reason, record.data.size], ['signed_out', 0], 'the record');
      assertEqual((await opened.store.apply(id, setting({ late: '1' }))).status, 'gone', 'a later change');
    },
  },
  {
    name: 'of many ends of one session exactly one ends it',
    keeps: async (opened) => {
      await opened.store.insert(sampleRecord('one'));
      const outcomes = await atOnce(opened, MANY, (store) =>
        store.apply(idOf('one'), { end: end('signed_out') }),
      );
      assertEqual(outcomes.filter(({ status }) => status === 'applied').length, 1, 'how many ended it');
    },
  },
  {
    name: 'a read among changes shows one state of the record, never a mixture of two',
    keeps: async (opened) => {
      await opened.store.insert(sampleRecord('one'));
      const [writer, reader] = (await handles(opened, 2)) as [OpenedStore['store'], OpenedStore['store']];
      const writing = (async () => {
        for (let i = 0; i < 50; i++) await writer.apply(idOf('one'), setting({ a: `${i}`, b: `${i}` }));
      })();
      for (let i = 0; i < 50; i++) {
        const data = (await reader.read(idOf('one')))?.data;
        assert(data?.get('a')?.value === data?.get('b')?.value, 'two keys of one change were read apart');
      }
      await writing;
    },
  },
];
