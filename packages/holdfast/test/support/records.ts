import type { SessionRecord } from '../../src/record.ts';

/** A record of a session that nothing has happened in; instants are 0. */
export function record(more: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: 'A'.repeat(22),
    lineageHash: 'lineage',
    secretHash: 'secret',
    renewedAt: 0,
    renewals: 0,
    reuse: { incidents: 0 },
    epoch: 0,
    authentications: [],
    createdAt: 0,
    lastSeenAt: 0,
    idleTimeout: 1_000,
    absoluteExpiresAt: 10_000,
    client: {},
    data: new Map(),
    dataVersion: 0,
    persistent: false,
    csrfSeed: 'seed',
    indexes: [],
    system: new Map(),
    ...more,
  };
}
