/**
 * Agreement with the model: whatever the history, the store answers and keeps what the pure `applyChange` does. A
 * store that runs a script inside the database is held to the letter by this.
 */
import { applyChange, type Change, type EndCondition, GONE, type Update } from '../../change.ts';
import type { SessionRecord } from '../../record.ts';
import { assertEqual } from './assert.ts';
import type { Promised } from './harness.ts';
import { type Dice, dice } from './random.ts';
import { end, fullRecord, hashOf, HOUR, MINUTE, privilege, renewal, sampleRecord, START } from './samples.ts';

const KEYS = ['a', 'b', 'cart', 'theme', '__proto__'];
const CHANGES = 40;

function randomChange(chance: Dice, record: SessionRecord, step: number): Change {
  const often = (percent: number): boolean => chance.roll(100) < percent;
  // Clocks of several servers: mostly forward, sometimes back, rarely past the deadline.
  const at = START + step * MINUTE - chance.roll(3 * MINUTE) + (often(1) ? 9 * HOUR : 0);
  if (often(2))
    return { end: end('revoked', at), ...(often(60) && { while: randomCondition(chance, record) }) };
  const { secretHash } = record;
  const hash = (): string =>
    chance.pick([secretHash, secretHash, record.previousHash ?? secretHash, hashOf('none')]);
  const someKeys = (): string[] => KEYS.filter(() => often(30));
  const change: Update = {
    epoch: often(92) ? record.epoch : record.epoch + chance.pick([-1, 1]),
    at,
    ...(often(40) && {
      set: new Map(someKeys().map((key) => [key, { value: `${step}`, schemaVersion: 1 + chance.roll(2) }])),
    }),
    ...(often(20) && { remove: someKeys() }),
    ...(often(25) && {
      expect: new Map(
        someKeys().map((key) => [key, often(80) ? (record.data.get(key)?.version ?? 0) : step]),
      ),
    }),
    ...(often(20) && { system: randomSwap(chance, record, step) }),
    ...(often(40) && { touch: at - chance.roll(5 * MINUTE) }),
    ...(often(25) && { confirm: hash() }),
    ...(often(15) && { repeat: hash() }),
    ...(often(20) && {
      renew: {
        ...renewal(hash(), step, at),
        client: { ip: `${step}`, ...(often(50) && { userAgent: 'B' }) },
      },
    }),
    ...(often(5) && { incident: { apart: chance.pick([0, MINUTE, HOUR]), limit: 3, tombstoneFor: HOUR } }),
    ...(often(12) && { privilege: randomPrivilege(chance, step, at) }),
  };
  return change;
}

function randomCondition(chance: Dice, record: SessionRecord): EndCondition {
  return chance.pick<EndCondition>([
    {},
    { index: 'user:alice' },
    { lastSeenAt: record.lastSeenAt },
    { lastSeenAt: record.lastSeenAt - 1 },
    { epoch: record.epoch },
    { epoch: record.epoch + 1 },
  ]);
}

function randomSwap(chance: Dice, record: SessionRecord, step: number): NonNullable<Update['system']> {
  const key = chance.pick(['binding', 'other']);
  const from = chance.pick([record.system.get(key), record.system.get(key), 'another', undefined]);
  return new Map([[key, { from, to: chance.pick([`${step}`, undefined]) }]]);
}

function randomPrivilege(chance: Dice, step: number, at: number) {
  const often = (percent: number): boolean => chance.roll(100) < percent;
  return privilege(step, {
    at,
    client: { ip: `${step}`, ...(often(30) && { label: `label ${step}` }) },
    ...(often(50) && { authentications: [{ at, methods: ['pwd'], ...(often(50) && { level: 'aal1' }) }] }),
    ...(often(50) && {
      userId: chance.pick(['alice', 'bob']),
      indexes: [chance.pick(['user:alice', 'user:bob'])],
    }),
    ...(often(30) && { persistent: often(50) }),
    ...(often(30) && { idleTimeout: chance.roll(HOUR) }),
    ...(often(40) && { absoluteExpiresAt: at + 8 * HOUR }),
    ...(often(40) && { keep: KEYS.filter(() => often(50)) }),
  });
}

export function agreement(seed: number, histories: number): readonly Promised[] {
  return [
    {
      name: 'any history of changes has the outcome that applyChange gives it',
      keeps: async ({ store }) => {
        for (let history = 0; history < histories; history++) {
          const chance = dice(seed + history);
          const begun = history % 2 === 0 ? sampleRecord(`h${history}`) : fullRecord(`h${history}`);
          await store.insert(begun);
          let model = begun;
          for (let step = 1; step <= CHANGES; step++) {
            const change = randomChange(chance, model, step);
            const where = `seed ${seed + history}, change ${step}`;
            const { applied = GONE, record } = applyChange(model, change);
            assertEqual(await store.apply(begun.id, change), applied, `the answer (${where})`);
            model = record ?? model;
            assertEqual(await store.read(begun.id), model, `the record (${where})`);
          }
        }
      },
    },
  ];
}
