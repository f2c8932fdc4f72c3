/** What the tables in docs/adr/0014 and 0016 say, counted by the servers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSessions } from '../../src/sessions.ts';
import type { SessionStore } from '../../src/store.ts';
import { manualClock } from '../../src/testing/index.ts';
import {
  end,
  idOf,
  privilege,
  renewal,
  sampleRecord,
  setting,
  START,
  update,
  userRecord,
} from '../../src/testing/contract/samples.ts';
import { Browser } from '../support/browser.ts';
import type { MariadbServer } from '../support/mysql/server.ts';
import type { PostgresServer } from '../support/postgres/server.ts';
import { type Counted, countedMariadb, countedPostgres } from '../support/sql/counted.ts';
import { until } from '../support/until.ts';

type Cost = readonly [postgres: number, mysql: number];

interface Case {
  readonly call: string;
  readonly cost: Cost;
  act(store: SessionStore): unknown;
}

const { id, secretHash } = userRecord('one', 'alice');
const index = 'user:alice';

/** One after another, on one store. */
const cases: readonly Case[] = [
  { call: 'admit', cost: [1, 2], act: (store) => store.admit(index, id, START) },
  { call: 'insert', cost: [1, 1], act: (store) => store.insert(userRecord('one', 'alice')) },
  { call: 'admit, with a limit', cost: [1, 3], act: (store) => store.admit(index, id, START, 3) },
  { call: 'epochOf', cost: [1, 1], act: (store) => store.epochOf(index) },
  { call: 'read', cost: [1, 1], act: (store) => store.read(id) },
  { call: 'read an unknown id', cost: [1, 1], act: (store) => store.read(idOf('nobody')) },
  { call: 'touch', cost: [1, 2], act: (store) => store.apply(id, update({ touch: START + 1000 })) },
  {
    call: 'touch what was seen later',
    cost: [2, 1],
    act: (store) => store.apply(id, update({ touch: START })),
  },
  { call: 'set a key', cost: [1, 2], act: (store) => store.apply(id, setting({ a: '1' })) },
  {
    call: 'renew, confirm and set at once',
    cost: [1, 2],
    act: (store) =>
      store.apply(id, { ...setting({ a: '2' }), confirm: secretHash, renew: renewal(secretHash, 'x') }),
  },
  {
    call: 'a stale change',
    cost: [1, 1],
    act: (store) => store.apply(id, { ...setting({ a: '3' }), epoch: 7 }),
  },
  {
    call: 'a privilege change',
    cost: [1, 2],
    act: (store) => store.apply(id, update({ privilege: privilege('p') })),
  },
  { call: 'listBy', cost: [1, 1], act: (store) => store.listBy(index) },
  // MySQL: one more to leave the index, which nobody waits for.
  { call: 'endBy, of one session', cost: [2, 4], act: (store) => store.endBy(index, end('revoked')) },
  {
    call: 'a change of an ended session',
    cost: [1, 1],
    act: (store) => store.apply(id, setting({ a: '1' })),
  },
  { call: 'prune', cost: [1, 3], act: (store) => store.prune(START * 2, 100) },
  { call: 'prune, where nothing is due', cost: [1, 1], act: (store) => store.prune(START * 2, 100) },
];

type Counting = Pick<Counted<unknown>, 'store' | 'count'>;

async function costOf({ count }: Counting, act: () => unknown): Promise<number> {
  const before = await count();
  await act();
  return (await count()) - before;
}

async function costsOfCalls(counted: Counting): Promise<Record<string, number>> {
  await counted.store.read(id); // the first call of a process checks the tables
  const costs: Record<string, number> = {};
  for (const { call, act } of cases) costs[call] = await costOf(counted, () => act(counted.store));
  return costs;
}

function expected(which: 0 | 1): Record<string, number> {
  return Object.fromEntries(cases.map(({ call, cost }) => [call, cost[which]]));
}

async function costsOfRequests(counted: Counting): Promise<Record<string, number>> {
  const clock = manualClock(START);
  const sessions = createSessions({ store: counted.store, clock, onEvent: () => undefined });
  await new Browser(sessions).signIn(); // the first request prunes
  const ada = new Browser(sessions);
  const costs: Record<string, number> = {};
  costs['sign-in'] = await costOf(counted, () => ada.signIn());
  costs['read'] = await costOf(counted, () => ada.whoami());
  clock.advance('61s');
  costs['read, and a touch is due'] = await costOf(counted, () => ada.whoami());
  costs['write'] = await costOf(counted, () => ada.request((session) => session.set('a', 1)));
  clock.advance('61s');
  costs['write, and a touch is due'] = await costOf(counted, () =>
    ada.request((session) => session.set('a', 2)),
  );
  costs['list'] = await costOf(counted, () => sessions.list('alice'));
  costs['sign-out'] = await costOf(counted, () => ada.request((session) => session.signOut()));
  return costs;
}

describe('PostgreSQL', () => {
  let counted: Counted<PostgresServer>;
  beforeAll(async () => {
    counted = await countedPostgres();
  }, 60_000);
  afterAll(() => counted?.stop());

  test('each call sends as many statements as the documentation says', async () => {
    expect(await costsOfCalls(counted)).toEqual(expected(0));
  });

  test('a request that reads costs one statement, and one that changes something one more', async () => {
    expect(await costsOfRequests(counted)).toEqual({
      'sign-in': 3,
      read: 1,
      'read, and a touch is due': 2,
      write: 2,
      'write, and a touch is due': 2,
      list: 1,
      'sign-out': 2,
    });
  });

  test('a standby gives no session, and none away for gone', async () => {
    const { store, server } = counted;
    await store.insert(sampleRecord('standby'));
    await store.read(idOf('standby'));
    await writeFile(join(server.folder, 'data/standby.signal'), '');
    await server.restart();
    await until('the connections of before are given up', async () => {
      const error = await Promise.resolve(store.read(idOf('standby'))).then(
        () => new Error('it was read'),
        (thrown: Error) => thrown,
      );
      return /is a standby/.test(error.message);
    });
    await expect(store.read(idOf('nobody'))).rejects.toThrow(/is a standby/);
    await expect(store.listBy(index)).rejects.toThrow(/is a standby/);
    await expect(store.epochOf(index)).rejects.toThrow(/is a standby/);
    await expect(store.apply(idOf('nobody'), setting({ a: '1' }))).rejects.toThrow(/read-only|recovery/);
    await expect(counted.another().read(idOf('standby'))).rejects.toThrow(/is a standby/);
  }, 60_000);
});

describe('MariaDB', () => {
  let counted: Counted<MariadbServer>;
  beforeAll(async () => {
    counted = await countedMariadb();
  }, 60_000);
  afterAll(() => counted?.stop());

  test('each call sends as many statements as the documentation says', async () => {
    expect(await costsOfCalls(counted)).toEqual(expected(1));
  });

  test('a request that reads costs one statement, and one that changes something two more', async () => {
    expect(await costsOfRequests(counted)).toEqual({
      'sign-in': 4,
      read: 1,
      'read, and a touch is due': 3,
      write: 3,
      'write, and a touch is due': 3,
      list: 1,
      // One of them to leave the index, which nobody waits for.
      'sign-out': 4,
    });
  });

  test('a replica gives no session, and none away for gone', async () => {
    const { store, server } = counted;
    await store.insert(sampleRecord('replica'));
    await server.query('SET GLOBAL read_only = 1');
    await expect(store.read(idOf('replica'))).rejects.toThrow(/a replica/);
    await expect(store.read(idOf('nobody'))).rejects.toThrow(/a replica/);
    await expect(store.listBy(index)).rejects.toThrow(/a replica/);
    await expect(store.epochOf(index)).rejects.toThrow(/a replica/);
    await expect(store.apply(idOf('nobody'), setting({ a: '1' }))).rejects.toThrow(/a replica/);
    await expect(counted.another().read(idOf('replica'))).rejects.toThrow(/a replica/);
    await server.query('SET GLOBAL read_only = 0');
    expect(await store.read(idOf('replica'))).toEqual(sampleRecord('replica'));
  });
});
