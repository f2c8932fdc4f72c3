import { describe, expect, test } from 'vitest';
import { type Change, applyChange, type PrivilegeChange, type Renewal, type Update } from '../src/change.ts';
import type { DataEntry, SessionRecord } from '../src/record.ts';

const HOUR = 3_600_000;

const entry = (value: string, version: number): DataEntry => ({ value, version, schemaVersion: 1 });

const BEFORE: SessionRecord = {
  id: 'A'.repeat(22),
  lineageHash: 'lineage',
  secretHash: 'secret',
  previousHash: 'previous',
  renewedAt: 1_000,
  confirmedAt: 1_100,
  renewals: 1,
  reuse: { incidents: 1, lastAt: 1_500 },
  epoch: 4,
  userId: 'alice',
  authentications: [{ at: 100, methods: ['pwd'], level: 'aal1' }],
  createdAt: 0,
  lastSeenAt: 2_000,
  idleTimeout: HOUR,
  absoluteExpiresAt: 8 * HOUR,
  client: { ip: '192.0.2.1', userAgent: 'B/1', label: 'Laptop' },
  data: new Map([
    ['a', entry('1', 2)],
    ['b', entry('2', 3)],
  ]),
  dataVersion: 3,
  persistent: false,
  csrfSeed: 'seed',
  indexes: ['user:alice'],
  system: new Map([['binding', '"x"']]),
};
const PENDING: SessionRecord = { ...BEFORE, renewalSalt: 'salt' };
const { label: _, ...unlabelled } = BEFORE.client;

const AT = 5_000;
const update = (more: Partial<Update> = {}): Update => ({ epoch: 4, at: AT, ...more });
const set = (values: Record<string, string>): NonNullable<Update['set']> =>
  new Map(Object.entries(values).map(([key, value]) => [key, { value, schemaVersion: 2 }]));
const RENEWAL: Renewal = {
  from: 'secret',
  secretHash: 'renewed',
  salt: 'new salt',
  at: AT,
  client: { ip: '192.0.2.9' },
};
const PRIVILEGE: PrivilegeChange = {
  lineageHash: 'lineage 2',
  secretHash: 'secret 2',
  csrfSeed: 'seed 2',
  at: AT,
  client: { ip: '192.0.2.9' },
};
const { at: _at, ...granted } = PRIVILEGE;
const PRIVILEGED = {
  ...granted,
  client: { ip: '192.0.2.9', label: 'Laptop' },
  renewedAt: AT,
  lastSeenAt: AT,
  renewals: 2,
  reuse: { incidents: 0 },
  epoch: 5,
};
const INCIDENT = { apart: 1_000, limit: 3, tombstoneFor: HOUR };
const END = { reason: 'revoked', at: AT, tombstoneFor: HOUR } as const;
const TOMBSTONE = { client: {}, data: new Map(), system: new Map(), indexes: [], csrfSeed: '' };

interface Row {
  readonly change: string;
  readonly of?: SessionRecord | undefined;
  readonly is: Change;
  readonly status: 'applied' | 'gone' | 'stale' | 'conflict';
  /** The fields that differ afterwards; `undefined` for a field that is gone. */
  readonly makes?: Readonly<Record<string, unknown>>;
  readonly renewed?: true;
  readonly ended?: string;
}

// biome-ignore format: a table is read row by row
const rows: readonly Row[] = [
  { change: 'nothing at all', is: update(), status: 'applied', makes: {} },

  // Whether it is applied.
  { change: 'of no record', of: undefined, is: update(), status: 'gone' },
  { change: 'an end of no record', of: undefined, is: { end: END }, status: 'gone' },
  { change: 'of a tombstone', of: { ...BEFORE, ended: { at: 1, reason: 'revoked', forgetAt: 2 } }, is: update(), status: 'gone' },
  { change: 'an end of a tombstone', of: { ...BEFORE, ended: { at: 1, reason: 'revoked', forgetAt: 2 } }, is: { end: END }, status: 'gone' },
  { change: 'a millisecond before the absolute deadline', is: update({ at: 8 * HOUR - 1 }), status: 'applied', makes: {} },
  { change: 'at the absolute deadline', is: update({ at: 8 * HOUR }), status: 'gone' },
  { change: 'an end after the absolute deadline', is: { end: { ...END, at: 9 * HOUR } }, status: 'applied', ended: 'revoked', makes: { ...TOMBSTONE, ended: { at: 9 * HOUR, reason: 'revoked', forgetAt: 9 * HOUR } } },
  { change: 'after the idle deadline: a locked session can be reopened', is: update({ at: 2 * HOUR }), status: 'applied', makes: {} },
  { change: 'under an older epoch', is: update({ epoch: 3 }), status: 'stale' },
  { change: 'under a newer epoch', is: update({ epoch: 5 }), status: 'stale' },
  { change: 'of another epoch with a wrong version: the epoch is told', is: update({ epoch: 3, expect: new Map([['a', 9]]) }), status: 'stale' },

  // Comparisons.
  { change: 'a key of the version expected', is: update({ expect: new Map([['a', 2]]) }), status: 'applied', makes: {} },
  { change: 'a key of an older version', is: update({ expect: new Map([['a', 1]]), set: set({ z: '1' }) }), status: 'conflict' },
  { change: 'a key of a newer version', is: update({ expect: new Map([['a', 3]]) }), status: 'conflict' },
  { change: 'a key expected to be absent that is there', is: update({ expect: new Map([['a', 0]]) }), status: 'conflict' },
  { change: 'a key expected to be absent that is', is: update({ expect: new Map([['z', 0]]) }), status: 'applied', makes: {} },
  { change: 'one of two keys as expected', is: update({ expect: new Map([['a', 2], ['b', 2]]) }), status: 'conflict' },
  { change: 'a system key as expected', is: update({ system: new Map([['binding', { from: '"x"', to: '"y"' }]]) }), status: 'applied', makes: { system: new Map([['binding', '"y"']]) } },
  { change: 'a system key removed', is: update({ system: new Map([['binding', { from: '"x"', to: undefined }]]) }), status: 'applied', makes: { system: new Map() } },
  { change: 'a system key that holds something else', is: update({ system: new Map([['binding', { from: '"z"', to: '"y"' }]]) }), status: 'conflict' },
  { change: 'a system key expected to be absent that is there', is: update({ system: new Map([['binding', { from: undefined, to: '"y"' }]]) }), status: 'conflict' },
  { change: 'a new system key', is: update({ system: new Map([['other', { from: undefined, to: '1' }]]) }), status: 'applied', makes: { system: new Map([['binding', '"x"'], ['other', '1']]) } },

  // Data.
  { change: 'a new key', is: update({ set: set({ c: '3' }) }), status: 'applied', makes: { data: new Map([['a', entry('1', 2)], ['b', entry('2', 3)], ['c', { value: '3', version: 4, schemaVersion: 2 }]]), dataVersion: 4 } },
  { change: 'a key removed', is: update({ remove: ['a'] }), status: 'applied', makes: { data: new Map([['b', entry('2', 3)]]), dataVersion: 4 } },
  { change: 'a key removed and set: it is there', is: update({ remove: ['a'], set: set({ a: '9' }) }), status: 'applied', makes: { data: new Map([['a', { value: '9', version: 4, schemaVersion: 2 }], ['b', entry('2', 3)]]), dataVersion: 4 } },
  { change: 'an absent key removed', is: update({ remove: ['z'] }), status: 'applied', makes: {} },
  { change: 'an empty set of keys', is: update({ set: new Map() }), status: 'applied', makes: {} },

  // Touch and confirmation.
  { change: 'a touch', is: update({ touch: 4_000 }), status: 'applied', makes: { lastSeenAt: 4_000 } },
  { change: 'a touch by a clock that is behind', is: update({ touch: 1_999 }), status: 'applied', makes: {} },
  { change: 'the first confirmation', of: PENDING, is: update({ confirm: 'secret' }), status: 'applied', makes: { renewalSalt: undefined, confirmedAt: AT, reuse: { incidents: 0 } } },
  { change: 'a confirmation by a clock that is behind', of: PENDING, is: update({ at: 10, confirm: 'secret' }), status: 'applied', makes: { renewalSalt: undefined, confirmedAt: 1_000, reuse: { incidents: 0 } } },
  { change: 'a second confirmation', is: update({ confirm: 'secret' }), status: 'applied', makes: {} },
  { change: 'the confirmation of another secret', of: PENDING, is: update({ confirm: 'previous' }), status: 'applied', makes: {} },

  { change: 'a repeated answer, while its renewal is pending: that counts as its making', of: PENDING, is: update({ repeat: 'previous' }), status: 'applied', makes: { renewedAt: AT } },
  { change: 'a repeated answer by a clock that is behind', of: PENDING, is: update({ at: 999, repeat: 'previous' }), status: 'applied', makes: {} },
  { change: 'a repeated answer to another secret', of: PENDING, is: update({ repeat: 'secret' }), status: 'applied', makes: {} },
  { change: 'a repeated answer after the confirmation', is: update({ repeat: 'previous' }), status: 'applied', makes: {} },

  // Renewal.
  { change: 'a renewal from the current secret', is: update({ renew: RENEWAL }), status: 'applied', renewed: true, makes: { secretHash: 'renewed', previousHash: 'secret', renewalSalt: 'new salt', confirmedAt: undefined, renewedAt: AT, renewals: 2, client: { ip: '192.0.2.9', label: 'Laptop' } } },
  { change: 'a renewal of a device without a label', of: { ...BEFORE, client: unlabelled }, is: update({ renew: RENEWAL }), status: 'applied', renewed: true, makes: { secretHash: 'renewed', previousHash: 'secret', renewalSalt: 'new salt', confirmedAt: undefined, renewedAt: AT, renewals: 2, client: { ip: '192.0.2.9' } } },
  { change: 'a renewal by a clock that is behind', is: update({ renew: { ...RENEWAL, at: 10 } }), status: 'applied', renewed: true, makes: { secretHash: 'renewed', previousHash: 'secret', renewalSalt: 'new salt', confirmedAt: undefined, renewals: 2, client: { ip: '192.0.2.9', label: 'Laptop' } } },
  { change: 'a renewal from a retired secret: lost, and the rest applies', is: update({ renew: { ...RENEWAL, from: 'previous' }, touch: 4_000 }), status: 'applied', makes: { lastSeenAt: 4_000 } },
  { change: 'a confirmation and the next renewal', of: PENDING, is: update({ confirm: 'secret', renew: RENEWAL }), status: 'applied', renewed: true, makes: { secretHash: 'renewed', previousHash: 'secret', renewalSalt: 'new salt', confirmedAt: undefined, renewedAt: AT, renewals: 2, reuse: { incidents: 0 }, client: { ip: '192.0.2.9', label: 'Laptop' } } },

  // Privilege changes.
  { change: 'an elevation', of: PENDING, is: update({ privilege: PRIVILEGE }), status: 'applied', makes: { ...PRIVILEGED, previousHash: undefined, renewalSalt: undefined, confirmedAt: undefined } },
  { change: 'a sign-in of a labelled device', is: update({ privilege: { ...PRIVILEGE, client: { label: 'Phone' }, userId: 'bob', indexes: ['user:bob'], persistent: true, idleTimeout: 1, absoluteExpiresAt: 9 * HOUR, authentications: [] } }), status: 'applied', makes: { ...PRIVILEGED, client: { label: 'Phone' }, userId: 'bob', indexes: ['user:bob'], persistent: true, idleTimeout: 1, absoluteExpiresAt: 9 * HOUR, authentications: [], previousHash: undefined, confirmedAt: undefined } },
  { change: 'a privilege change by a clock that is behind', is: update({ privilege: { ...PRIVILEGE, at: 10 } }), status: 'applied', makes: { ...PRIVILEGED, renewedAt: 1_000, lastSeenAt: 2_000, previousHash: undefined, confirmedAt: undefined } },
  { change: 'a privilege change that keeps one key', is: update({ privilege: { ...PRIVILEGE, keep: ['b', 'z'] } }), status: 'applied', makes: { ...PRIVILEGED, data: new Map([['b', entry('2', 3)]]), dataVersion: 4, previousHash: undefined, confirmedAt: undefined } },
  { change: 'a privilege change that keeps no key', is: update({ privilege: { ...PRIVILEGE, keep: [] } }), status: 'applied', makes: { ...PRIVILEGED, data: new Map(), dataVersion: 4, previousHash: undefined, confirmedAt: undefined } },
  { change: 'a privilege change that removes a key', is: update({ remove: ['a'], privilege: PRIVILEGE }), status: 'applied', makes: { ...PRIVILEGED, data: new Map([['b', entry('2', 3)]]), dataVersion: 4, previousHash: undefined, confirmedAt: undefined } },

  { change: 'a privilege change, and a renewal from the secret it replaced: lost', is: update({ privilege: PRIVILEGE, renew: RENEWAL }), status: 'applied', makes: { ...PRIVILEGED, previousHash: undefined, confirmedAt: undefined } },

  // Incidents.
  { change: 'an incident within the time apart', is: update({ at: 2_499, incident: INCIDENT }), status: 'applied', makes: {} },
  { change: 'an incident by a clock that is behind', is: update({ at: 10, incident: INCIDENT }), status: 'applied', makes: {} },
  { change: 'an incident apart enough', is: update({ at: 2_500, incident: INCIDENT }), status: 'applied', makes: { reuse: { incidents: 2, lastAt: 2_500 } } },
  { change: 'the first incident', of: { ...BEFORE, reuse: { incidents: 0 } }, is: update({ incident: INCIDENT }), status: 'applied', makes: { reuse: { incidents: 1, lastAt: AT } } },
  { change: 'the last incident', of: { ...PENDING, reuse: { incidents: 2, lastAt: 1_500 } }, is: update({ incident: INCIDENT }), status: 'applied', ended: 'reused', makes: { ...TOMBSTONE, renewalSalt: undefined, reuse: { incidents: 3, lastAt: AT }, ended: { at: AT, reason: 'reused', forgetAt: AT + HOUR } } },

  // Ends.
  { change: 'an end', of: PENDING, is: { end: END }, status: 'applied', ended: 'revoked', makes: { ...TOMBSTONE, renewalSalt: undefined, ended: { at: AT, reason: 'revoked', forgetAt: AT + HOUR } } },
  { change: 'an end with a long memory', is: { end: { ...END, tombstoneFor: 99 * HOUR } }, status: 'applied', ended: 'revoked', makes: { ...TOMBSTONE, ended: { at: AT, reason: 'revoked', forgetAt: 8 * HOUR } } },
  { change: 'an end while the index is there', is: { end: END, while: { index: 'user:alice' } }, status: 'applied', ended: 'revoked', makes: { ...TOMBSTONE, ended: { at: AT, reason: 'revoked', forgetAt: AT + HOUR } } },
  { change: 'an end while another index is there', is: { end: END, while: { index: 'user:bob' } }, status: 'conflict' },
  { change: 'an end while the user was last seen then', is: { end: END, while: { lastSeenAt: 2_000, epoch: 4 } }, status: 'applied', ended: 'revoked', makes: { ...TOMBSTONE, ended: { at: AT, reason: 'revoked', forgetAt: AT + HOUR } } },
  { change: 'an end while the user was last seen earlier', is: { end: END, while: { lastSeenAt: 1_999 } }, status: 'conflict' },
  { change: 'an end while the epoch was an older one', is: { end: END, while: { epoch: 3 } }, status: 'conflict' },
];

describe('a change', () => {
  test.each(rows)('$status: $change', (row) => {
    const { is, status, makes, renewed = false, ended } = row;
    const before = 'of' in row ? row.of : BEFORE;
    const copy = structuredClone(before);
    const { applied, record } = applyChange(before, is);
    expect(before).toEqual(copy);
    const expected = makes && without({ ...before, ...makes });
    expect(record).toStrictEqual(expected);
    const after = (expected ?? before) as SessionRecord | undefined;
    const { secretHash, renewalSalt, dataVersion } = after ?? {};
    expect(applied).toStrictEqual(
      without({ status, renewed, ...(status !== 'gone' && { ended, secretHash, renewalSalt, dataVersion }) }),
    );
  });
});

/** Without the fields that are undefined: a record has them or has them not. */
function without(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}
