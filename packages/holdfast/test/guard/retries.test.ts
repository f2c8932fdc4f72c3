import { expect, test } from 'vitest';
import type { Change, End, Update } from '../../src/change.ts';
import { type GuardedStore, guardStore } from '../../src/guard/guarded-store.ts';
import { resolveGuard } from '../../src/guard/options.ts';
import type { SessionStore } from '../../src/store.ts';
import { guarded, turn, type Guarded, watch } from '../support/guarded.ts';
import { record } from '../support/records.ts';

const ID = 'A'.repeat(22);
const END: End = { reason: 'signed_out', at: 5, tombstoneFor: 1_000 };
const RENEW = { from: 'secret', secretHash: 'next', salt: 'salt', at: 5, client: {} };
const base: Pick<Update, 'epoch' | 'at'> = { epoch: 0, at: 5 };
const apply = (change: Change) => (store: GuardedStore) => store.apply(ID, change);

const twice: readonly (readonly [string, (store: GuardedStore) => unknown])[] = [
  ['a read', (store) => store.read(ID)],
  ['the epoch of an index', (store) => store.epochOf('user:ada')],
  ['a list', (store) => store.listBy('user:ada')],
  ['an admission', (store) => store.admit('user:ada', ID, 5)],
  ['an end', apply({ end: END })],
  ['an end under a condition', apply({ end: END, while: { lastSeenAt: 0 } })],
  ['the end of a user’s sessions', (store) => store.endBy('user:ada', END)],
  ['a touch', apply({ ...base, touch: 5 })],
  ['a confirmation', apply({ ...base, confirm: 'secret' })],
  ['a renewal', apply({ ...base, renew: RENEW })],
  ['a pending renewal that is offered again', apply({ ...base, repeat: 'previous' })],
  ['all of that at once', apply({ ...base, touch: 5, confirm: 'secret', renew: RENEW, repeat: 'previous' })],
];

const once: typeof twice = [
  ['a new record', (store) => store.insert(record({ id: 'B'.repeat(22) }))],
  ['data', apply({ ...base, set: new Map([['a', { value: '1', schemaVersion: 1 }]]) })],
  ['data that is removed', apply({ ...base, remove: ['a'] })],
  ['a comparison', apply({ ...base, touch: 5, expect: new Map([['a', 0]]) })],
  ['a value of a feature', apply({ ...base, system: new Map([['a', { from: undefined, to: '1' }]]) })],
  ['an incident', apply({ ...base, incident: { apart: 1, limit: 3, tombstoneFor: 1 } })],
  [
    'a privilege change',
    apply({
      ...base,
      privilege: { lineageHash: 'l', secretHash: 's', csrfSeed: 'c', at: 5, client: {} },
    }),
  ],
  ['housekeeping', (store) => store.prune(5, 100)],
];

async function world(options?: Parameters<typeof guarded>[0]): Promise<Guarded> {
  const made = guarded(options);
  await made.inner.insert(record({ id: ID, secretHash: 'secret', indexes: ['user:ada'] }));
  await made.inner.admit('user:ada', ID, 0);
  return made;
}

test.each(twice)('%s is asked for a second time when the first has failed', async (_what, ask) => {
  const { store, held, reports, events } = await world();
  const call = watch(ask(store));
  held[0]?.refuse();
  await turn();
  await held[1]?.answer();
  await turn();
  expect(call.settled).toBe('answered');
  expect(reports).toMatchObject([{ outcome: 'ok', retried: true }]);
  // What was cured disturbs nobody.
  expect(events).toEqual([]);
});

test.each(twice)('%s is asked for a second time at most', async (_what, ask) => {
  const { store, held, events } = await world();
  const call = watch(ask(store));
  held[0]?.refuse();
  await turn();
  held[1]?.refuse(new Error('and again'));
  await turn();
  expect(call.settled).toBe('and again');
  expect(held).toHaveLength(2);
  expect(events).toHaveLength(1);
});

test.each(
  once,
)('%s is asked for once, since a lost answer does not tell whether it is done', async (_what, ask) => {
  const { store, held, reports } = await world();
  const call = watch(ask(store));
  await held[0]?.lose();
  await turn();
  expect(call.settled).toBe('read ECONNRESET');
  expect(held).toHaveLength(1);
  expect(reports).toMatchObject([{ outcome: 'failed', retried: false }]);
});

test.each(twice)('%s is asked for once with `retry: false`', async (_what, ask) => {
  const { store, held } = await world({ retry: false });
  const call = watch(ask(store));
  held[0]?.refuse();
  await turn();
  expect(call.settled).toBe('connect ECONNREFUSED 127.0.0.1:6379');
  expect(held).toHaveLength(1);
});

test('the second attempt has what is left of the time', async () => {
  const { store, held, timer } = await world();
  const call = watch(store.read(ID));
  timer.advance(0.9);
  held[0]?.refuse();
  await turn();
  expect(held).toHaveLength(2);
  timer.advance(0.1);
  await turn();
  expect(call.settled).toBe('no answer within 1000 ms');
});

test('a call whose time has run out is not repeated', async () => {
  const { store, held, timer } = await world();
  const call = watch(store.read(ID));
  timer.advance('1s');
  held[0]?.refuse();
  await turn();
  expect(call.settled).toBe('no answer within 1000 ms');
  expect(held).toHaveLength(1);
});

test('nothing is repeated while calls are suspended', async () => {
  const { store, held } = await world({ breaker: { failures: 1 } });
  const [first, second] = [watch(store.read(ID)), watch(store.read(ID))];
  held[0]?.refuse();
  await turn();
  held[2]?.refuse();
  await turn();
  expect(first.settled).not.toBe('not yet');
  held[1]?.refuse();
  await turn();
  expect(second.settled).not.toBe('not yet');
  expect(held).toHaveLength(3);
});

test('a store that throws instead of rejecting is no different', async () => {
  const { inner } = await world();
  let throws = 2;
  const throwing: SessionStore = {
    ...inner,
    read(id) {
      if (throws-- > 0) throw new Error('not connected');
      return inner.read(id);
    },
  };
  const store = guardStore(throwing, resolveGuard(), () => undefined, { now: () => 0 });
  await expect(store.read(ID)).rejects.toMatchObject({ cause: { message: 'not connected' } });
  expect(await store.read(ID)).toMatchObject({ id: ID });
});

test('an end whose answer was lost is answered as what it was: the tombstone tells', async () => {
  const { store, held } = await world();
  const call = watch(store.apply(ID, { end: END, while: { epoch: 0 } }));
  await held[0]?.lose();
  await turn();
  await held[1]?.answer();
  await turn();
  expect(held[2]?.call).toBe('read');
  await held[2]?.answer();
  await turn();
  expect(call.value).toEqual({
    status: 'applied',
    renewed: false,
    ended: 'signed_out',
    secretHash: 'secret',
    dataVersion: 0,
  });
});

test.each([
  ['at another time', { ...END, at: 4 }],
  ['for another reason', { ...END, reason: 'revoked' as const }],
])('an end that somebody else has made, %s, is gone', async (_how, other) => {
  const { store, held, inner } = await world();
  await inner.apply(ID, { end: other });
  const call = watch(store.apply(ID, { end: END }));
  held[0]?.refuse();
  for (const i of [1, 2]) {
    await turn();
    await held[i]?.answer();
  }
  await turn();
  expect(call.value).toEqual({ status: 'gone', renewed: false });
});

test('a tombstone that can not be read leaves the answer that was given', async () => {
  const { store, held } = await world();
  const call = watch(store.apply(ID, { end: END }));
  await held[0]?.lose();
  await turn();
  await held[1]?.answer();
  await turn();
  held[2]?.refuse();
  await turn();
  expect(call.value).toEqual({ status: 'gone', renewed: false });
});

test('the end of a user’s sessions says that its count is a lower bound', async () => {
  const { store, held } = await world();
  const call = watch(store.endBy('user:ada', END));
  await held[0]?.lose();
  await turn();
  await held[1]?.answer();
  await turn();
  expect(call.value).toEqual({ count: 0, isAtLeast: true });
});

test('a renewal whose answer was lost was not renewed the second time, and the secret is ours', async () => {
  const { store, held } = await world();
  const call = watch(store.apply(ID, { ...base, renew: RENEW }));
  await held[0]?.lose();
  await turn();
  await held[1]?.answer();
  await turn();
  expect(call.value).toMatchObject({
    status: 'applied',
    renewed: false,
    secretHash: 'next',
    renewalSalt: 'salt',
  });
});
