/** What one caller sees: insert, read and each kind of change. */
import type { SessionStore } from '../../store.ts';
import { assertEqual, assertRejects, present } from './assert.ts';
import type { Promised } from './harness.ts';
import {
  entry,
  fullRecord,
  hashOf,
  HOUR,
  idOf,
  MINUTE,
  privilege,
  renewal,
  sampleRecord,
  setting,
  START,
  update,
} from './samples.ts';

async function stored(store: SessionStore, id: string) {
  return present(await store.read(id), 'the record');
}

export const behaviour: readonly Promised[] = [
  {
    name: 'an unknown id is an answer: reading it gives nothing, and a change of it is gone',
    keeps: async ({ store }) => {
      assertEqual(await store.read(idOf('nobody')), undefined, 'reading an unknown id');
      assertEqual(
        await store.apply(idOf('nobody'), setting({ a: '1' })),
        { status: 'gone', renewed: false },
        'a change',
      );
      assertEqual(await store.read(idOf('nobody')), undefined, 'a change never creates a record');
    },
  },
  {
    name: 'a record is read as it was inserted, with every field',
    keeps: async ({ store }) => {
      await store.insert(fullRecord());
      assertEqual(await store.read(idOf('full')), fullRecord(), 'the record');
    },
  },
  {
    name: 'a field that a record does not have is absent when it is read, not undefined or null',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('bare', { client: {} }));
      assertEqual(await store.read(idOf('bare')), sampleRecord('bare', { client: {} }), 'the record');
    },
  },
  {
    name: 'an id that exists is never overwritten by an insert, tombstones included (SM-4)',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      const other = sampleRecord('one', { userId: 'mallory' });
      await assertRejects(() => store.insert(other), 'a second insert of one id must reject');
      assertEqual(await store.read(idOf('one')), sampleRecord('one'), 'the first record stays');
      await store.apply(idOf('one'), { end: { reason: 'revoked', at: START, tombstoneFor: HOUR } });
      await assertRejects(() => store.insert(other), 'an insert over a tombstone must reject');
      assertEqual((await stored(store, idOf('one'))).ended?.reason, 'revoked', 'the tombstone stays');
    },
  },
  {
    name: 'changes of one record leave every other record alone',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      await store.insert(sampleRecord('two'));
      await store.apply(idOf('one'), setting({ a: '1' }));
      await store.apply(idOf('one'), { end: { reason: 'revoked', at: START, tombstoneFor: HOUR } });
      assertEqual(await store.read(idOf('two')), sampleRecord('two'), 'the other record');
    },
  },
  {
    name: 'keys are set and removed one by one, and each is stamped with the version that wrote it',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one', { data: new Map([['old', entry('0', 1)]]), dataVersion: 1 }));
      const first = await store.apply(idOf('one'), setting({ a: '1', b: '2' }));
      assertEqual(first.dataVersion, 2, 'the version after the first change');
      await store.apply(
        idOf('one'),
        update({ set: new Map([['b', { value: '3', schemaVersion: 7 }]]), remove: ['a'] }),
      );
      const { data, dataVersion } = await stored(store, idOf('one'));
      assertEqual(
        data,
        new Map([
          ['old', entry('0', 1)],
          ['b', entry('3', 3, 7)],
        ]),
        'the data',
      );
      assertEqual(dataVersion, 3, 'the version');
    },
  },
  {
    name: 'a change that sets no key leaves the version of the data as it is',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one', { data: new Map([['a', entry('1', 5)]]), dataVersion: 5 }));
      await store.apply(idOf('one'), update({ touch: START + MINUTE, remove: ['absent'] }));
      assertEqual((await stored(store, idOf('one'))).dataVersion, 5, 'the version');
    },
  },
  {
    name: 'a compared key of another version makes the whole change a conflict, and nothing of it is done',
    keeps: async ({ store }) => {
      const before = sampleRecord('one', { data: new Map([['n', entry('1', 4)]]), dataVersion: 4 });
      await store.insert(before);
      const change = { set: new Map([['x', { value: '9', schemaVersion: 1 }]]), touch: START + MINUTE };
      for (const [key, version] of [
        ['n', 3],
        ['n', 5],
        ['n', 0],
        ['absent', 1],
      ] as const) {
        const applied = await store.apply(
          idOf('one'),
          update({ ...change, expect: new Map([[key, version]]) }),
        );
        assertEqual(applied.status, 'conflict', `expecting version ${version} of ${key}`);
      }
      assertEqual(await store.read(idOf('one')), before, 'the record');
      const expect = new Map([
        ['n', 4],
        ['absent', 0],
      ]);
      assertEqual(
        (await store.apply(idOf('one'), update({ ...change, expect }))).status,
        'applied',
        'the right versions',
      );
    },
  },
  {
    name: 'a key that was deleted and set again has another version: no compare-and-set mistakes it for the old one',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      const seen = present((await store.apply(idOf('one'), setting({ n: '1' }))).dataVersion, 'the version');
      await store.apply(idOf('one'), update({ remove: ['n'] }));
      await store.apply(idOf('one'), setting({ n: '1' }));
      const late = { ...setting({ n: '2' }), expect: new Map([['n', seen]]) };
      assertEqual(
        (await store.apply(idOf('one'), late)).status,
        'conflict',
        'a change against the version of before',
      );
    },
  },
  {
    name: 'a system key is replaced only where it still holds what was expected',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      const swap = (from: string | undefined, to: string | undefined) =>
        store.apply(idOf('one'), update({ system: new Map([['binding', { from, to }]]) }));
      assertEqual((await swap('"x"', '"y"')).status, 'conflict', 'a value expected where there is none');
      assertEqual(
        (await swap(undefined, '"x"')).status,
        'applied',
        'nothing expected where there is nothing',
      );
      assertEqual(
        (await swap(undefined, '"y"')).status,
        'conflict',
        'nothing expected where there is a value',
      );
      assertEqual((await swap('"x"', '"y"')).status, 'applied', 'the right value expected');
      assertEqual((await stored(store, idOf('one'))).system, new Map([['binding', '"y"']]), 'the key');
      assertEqual((await swap('"y"', undefined)).status, 'applied', 'a removal');
      assertEqual((await stored(store, idOf('one'))).system, new Map(), 'the keys after it');
    },
  },
  {
    name: 'a touch moves when the user was last seen forward, never back',
    keeps: async ({ store }) => {
      await store.insert(sampleRecord('one'));
      await store.apply(idOf('one'), update({ touch: START + 2 * MINUTE }));
      await store.apply(idOf('one'), update({ touch: START + MINUTE }));
      assertEqual((await stored(store, idOf('one'))).lastSeenAt, START + 2 * MINUTE, 'lastSeenAt');
    },
  },
  {
    name: 'a renewal keeps the old hash and the salt until the new secret is confirmed, then the salt is erased',
    keeps: async ({ store }) => {
      const { id, secretHash } = sampleRecord('one');
      await store.insert(sampleRecord('one', { reuse: { incidents: 2, lastAt: START } }));
      const renewed = await store.apply(id, update({ renew: renewal(secretHash, 'x') }));
      const { secretHash: next, salt } = renewal(secretHash, 'x');
      assertEqual(
        renewed,
        { status: 'applied', renewed: true, secretHash: next, renewalSalt: salt, dataVersion: 0 },
        'the answer',
      );
      const waiting = await stored(store, id);
      assertEqual(
        [waiting.previousHash, waiting.renewalSalt, waiting.renewals],
        [secretHash, salt, 1],
        'the record',
      );
      const early = await store.apply(id, update({ confirm: secretHash }));
      assertEqual(early.renewalSalt, salt, 'confirming the old secret changes nothing: the salt');
      const confirmed = await store.apply(id, update({ confirm: next, at: START + 2 * MINUTE }));
      assertEqual(
        confirmed,
        { status: 'applied', renewed: false, secretHash: next, dataVersion: 0 },
        'the answer',
      );
      const settled = await stored(store, id);
      assertEqual('renewalSalt' in settled, false, 'the salt is still there');
      assertEqual(
        [settled.confirmedAt, settled.previousHash],
        [START + 2 * MINUTE, secretHash],
        'the record',
      );
      assertEqual(settled.reuse, { incidents: 0 }, 'a confirmed renewal forgives: the incidents');
    },
  },
  {
    name: 'an answer that repeats a renewal counts as its making, only while the renewal is pending',
    keeps: async ({ store }) => {
      const { id, secretHash } = sampleRecord('one');
      await store.insert(sampleRecord('one'));
      await store.apply(id, update({ renew: renewal(secretHash, 'x') }));
      await store.apply(id, update({ at: START + 5 * MINUTE, repeat: secretHash }));
      await store.apply(id, update({ at: START + 4 * MINUTE, repeat: secretHash }));
      await store.apply(id, update({ at: START + 9 * MINUTE, repeat: hashOf('none') }));
      assertEqual((await stored(store, id)).renewedAt, START + 5 * MINUTE, 'renewedAt');
      await store.apply(id, update({ at: START + 6 * MINUTE, confirm: hashOf('renewed-x') }));
      await store.apply(id, update({ at: START + 9 * MINUTE, repeat: secretHash }));
      assertEqual(
        (await stored(store, id)).renewedAt,
        START + 5 * MINUTE,
        'renewedAt after the confirmation',
      );
    },
  },
  {
    name: 'only the first confirmation of a renewal counts',
    keeps: async ({ store }) => {
      const { id, secretHash } = sampleRecord('one');
      await store.insert(sampleRecord('one'));
      await store.apply(id, update({ renew: renewal(secretHash, 'x') }));
      const confirm = hashOf('renewed-x');
      await store.apply(id, update({ confirm, at: START + 2 * MINUTE }));
      await store.apply(id, update({ confirm, at: START + 9 * MINUTE }));
      assertEqual((await stored(store, id)).confirmedAt, START + 2 * MINUTE, 'confirmedAt');
    },
  },
  {
    name: 'a privilege change replaces lineage and secret, forgets the retired one, raises the epoch and keeps the data (ASVS-7.2.4, SM-16)',
    keeps: async ({ store }) => {
      const before = fullRecord('full');
      await store.insert(before);
      const { at, client, ...fields } = privilege('p');
      const applied = await store.apply(before.id, update({ epoch: 2, privilege: privilege('p') }));
      assertEqual(
        applied,
        { status: 'applied', renewed: false, secretHash: fields.secretHash, dataVersion: 4 },
        'the answer',
      );
      const { previousHash: _p, renewalSalt: _s, confirmedAt: _c, ...kept } = before;
      assertEqual(
        await store.read(before.id),
        {
          ...kept,
          ...fields,
          client: { ...client, label: 'Ada’s laptop' },
          renewedAt: at,
          lastSeenAt: at,
          renewals: 4,
          reuse: { incidents: 0 },
          epoch: 3,
        },
        'the record',
      );
    },
  },
  {
    name: 'a privilege change keeps only the data keys it names, where it names any',
    keeps: async ({ store }) => {
      await store.insert(fullRecord('full'));
      const change = {
        ...setting({ fresh: '1' }),
        epoch: 2,
        privilege: privilege('p', { keep: ['theme', 'fresh'] }),
      };
      await store.apply(idOf('full'), change);
      assertEqual(
        [...(await stored(store, idOf('full'))).data.keys()].toSorted(),
        ['fresh', 'theme'],
        'the keys',
      );
    },
  },
];
