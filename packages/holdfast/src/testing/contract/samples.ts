/** Records and changes for the cases, as small as they can be. */
import type { End, PrivilegeChange, Renewal, Update } from '../../change.ts';
import type { DataEntry, SessionRecord } from '../../record.ts';

/** When the cases begin: about now, since a store may forget by the machine's clock what is long past. */
export const START: number = Date.now();
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** Of the form of a session's id; the same for the same name. */
export function idOf(name: string | number): string {
  return `${name}`.padEnd(21, '_').slice(0, 21) + 'A';
}

/** Of the form of a hash or a salt; the same for the same name. */
export function hashOf(name: string | number): string {
  return `${name}`.padEnd(42, '-').slice(0, 42) + 'A';
}

/** An anonymous record that has just begun. */
export function sampleRecord(
  name: string | number = 'one',
  more: Partial<SessionRecord> = {},
): SessionRecord {
  return {
    id: idOf(name),
    lineageHash: hashOf(`lineage-${name}`),
    secretHash: hashOf(`secret-${name}`),
    renewedAt: START,
    renewals: 0,
    reuse: { incidents: 0 },
    epoch: 0,
    authentications: [],
    createdAt: START,
    lastSeenAt: START,
    idleTimeout: 30 * MINUTE,
    absoluteExpiresAt: START + 8 * HOUR,
    client: { ip: '192.0.2.1', userAgent: 'Browser/1' },
    data: new Map(),
    dataVersion: 0,
    persistent: false,
    csrfSeed: hashOf(`csrf-${name}`),
    indexes: [],
    system: new Map(),
    ...more,
  };
}

/** A record of a signed-in user, to be admitted to its index by the case. */
export function userRecord(
  name: string | number,
  userId: string,
  more: Partial<SessionRecord> = {},
): SessionRecord {
  return sampleRecord(name, {
    userId,
    indexes: [`user:${userId}`],
    authentications: [{ at: START, methods: ['pwd'], level: 'aal1' }],
    ...more,
  });
}

/** Every field that can be there. */
export function fullRecord(name: string | number = 'full'): SessionRecord {
  return userRecord(name, 'alice', {
    previousHash: hashOf('previous'),
    renewalSalt: hashOf('salt'),
    confirmedAt: START + 1,
    renewals: 3,
    reuse: { incidents: 1, lastAt: START + 2 },
    epoch: 2,
    authentications: [
      { at: START, methods: ['pwd', 'otp'], level: 'aal2' },
      { at: START + 1, methods: [] },
    ],
    client: { ip: '2001:db8::1', userAgent: 'Browser/2', label: 'Ada’s laptop' },
    data: new Map([
      ['cart', { value: '{"items":[1,2]}', version: 2, schemaVersion: 1 }],
      ['theme', { value: '"dark"', version: 4, schemaVersion: 3 }],
    ]),
    dataVersion: 4,
    persistent: true,
    system: new Map([['binding', '{"key":1}']]),
  });
}

export function entry(value: string, version: number, schemaVersion = 1): DataEntry {
  return { value, version, schemaVersion };
}

/** A change under epoch 0 that does nothing but what `more` says. */
export function update(more: Partial<Update> = {}): Update {
  return { epoch: 0, at: START + MINUTE, ...more };
}

/** Sets keys to the JSON texts given. */
export function setting(values: Record<string, string>): Update {
  return update({ set: mapOf(values) });
}

export function mapOf(
  values: Record<string, string>,
): ReadonlyMap<string, { value: string; schemaVersion: number }> {
  return new Map(Object.entries(values).map(([key, value]) => [key, { value, schemaVersion: 1 }]));
}

export function end(
  reason: End['reason'] = 'signed_out',
  at: number = START + MINUTE,
  tombstoneFor: number = 24 * HOUR,
): End {
  return { reason, at, tombstoneFor };
}

export function renewal(from: string, name: string | number, at: number = START + MINUTE): Renewal {
  return { from, secretHash: hashOf(`renewed-${name}`), salt: hashOf(`salt-${name}`), at, client: {} };
}

export function privilege(name: string | number, more: Partial<PrivilegeChange> = {}): PrivilegeChange {
  return {
    lineageHash: hashOf(`lineage-of-${name}`),
    secretHash: hashOf(`secret-of-${name}`),
    csrfSeed: hashOf(`csrf-of-${name}`),
    at: START + MINUTE,
    client: { ip: '192.0.2.2', userAgent: 'Browser/1' },
    ...more,
  };
}

/** What a sign-in does to an anonymous record. */
export function signIn(
  name: string | number,
  userId: string,
  more: Partial<PrivilegeChange> = {},
): PrivilegeChange {
  return privilege(name, {
    userId,
    indexes: [`user:${userId}`],
    authentications: [{ at: START + MINUTE, methods: ['pwd'] }],
    ...more,
  });
}
