/** A signed-in session as a browser's looks in the middle of its life. */
import { createHash, randomBytes } from 'node:crypto';
import type { SessionRecord } from '../../packages/holdfast/src/record.ts';

const NOW = 1_795_000_000_000;
const HOUR = 3_600_000;
const USER_AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

export function sessionRecord(i: number, dataBytes = 100): SessionRecord {
  const hash = (part: string): string => createHash('sha256').update(`${part} ${i}`).digest('base64url');
  const userId = `user-${i}`;
  const text = JSON.stringify('x'.repeat(Math.max(1, dataBytes / 2 - 10)));
  return {
    id: randomBytes(16).toString('base64url'),
    lineageHash: hash('lineage'),
    secretHash: hash('secret'),
    previousHash: hash('previous'),
    renewedAt: NOW,
    confirmedAt: NOW + 1_000,
    renewals: 3,
    reuse: { incidents: 0 },
    epoch: 1,
    userId,
    authentications: [{ at: NOW - HOUR, methods: ['pwd', 'otp'], level: 'aal2' }],
    createdAt: NOW - HOUR,
    lastSeenAt: NOW,
    idleTimeout: HOUR / 2,
    absoluteExpiresAt: NOW + 7 * HOUR,
    client: { ip: '203.0.113.7', userAgent: USER_AGENT },
    data: new Map([
      ['cart', { value: text, version: 2, schemaVersion: 1 }],
      ['theme', { value: text, version: 1, schemaVersion: 1 }],
    ]),
    dataVersion: 2,
    persistent: false,
    csrfSeed: hash('seed'),
    indexes: [`user:${userId}`],
    system: new Map(),
  };
}
