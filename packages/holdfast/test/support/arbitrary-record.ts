/** Any record that a store may be given. */
import fc from 'fast-check';
import type { EndReason, SessionRecord } from '../../src/record.ts';
import { idOf } from '../../src/testing/contract/samples.ts';

const NOTABLE = [
  '',
  '0',
  '1',
  '-1',
  '4294967295',
  '__proto__',
  'constructor',
  'null',
  '{}',
  '[]',
  '\n',
  '\u0000',
  '/',
  '\u0000"a"',
  '\ud800',
  'a\udfff',
  '\u007f',
  '\\',
  '"',
  '\u2028',
  '😀',
  '1 2 3\n[]\n{}',
];

/** Any sixteen-bit units, well-formed or not, and what has a meaning somewhere on the way. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 })
      .map((units) => String.fromCharCode(...units)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...NOTABLE),
  },
);
/** To the year 5138: what the server's JSON library writes without loss. */
const instant = fc.integer({ min: 0, max: 99_999_999_999_999 });
const count = fc.integer({ min: 0, max: 2 ** 31 });
const hash = fc.string({ unit: fc.constantFrom(...'azAZ09-_'), minLength: 43, maxLength: 43 });
const optional = <T>(each: fc.Arbitrary<T>) => fc.option(each, { nil: undefined });
const reasons: readonly EndReason[] = ['signed_out', 'revoked', 'reused', 'limit', 'idle_timeout'];
const mapOf = <T>(each: fc.Arbitrary<T>) =>
  fc.uniqueArray(fc.tuple(text, each), { selector: ([key]) => key, maxLength: 4 }).map((all) => new Map(all));

export const records: fc.Arbitrary<SessionRecord> = fc
  .record({
    id: fc.constant(idOf('any')),
    lineageHash: hash,
    secretHash: hash,
    previousHash: optional(hash),
    renewalSalt: optional(hash),
    renewedAt: instant,
    confirmedAt: optional(instant),
    renewals: count,
    reuse: fc.record({ incidents: count, lastAt: optional(instant) }),
    epoch: count,
    userId: optional(text),
    authentications: fc.array(
      fc.record({ at: instant, methods: fc.array(text, { maxLength: 3 }), level: optional(text) }),
      { maxLength: 3 },
    ),
    createdAt: instant,
    lastSeenAt: instant,
    idleTimeout: instant,
    absoluteExpiresAt: instant,
    client: fc.record({ ip: optional(text), userAgent: optional(text), label: optional(text) }),
    data: mapOf(fc.record({ value: text, version: count, schemaVersion: count })),
    dataVersion: count,
    persistent: fc.boolean(),
    csrfSeed: hash,
    indexes: fc.uniqueArray(text, { maxLength: 3 }).map((names) => names.toSorted()),
    system: mapOf(text),
    ended: optional(fc.record({ at: instant, reason: fc.constantFrom(...reasons), forgetAt: instant })),
  })
  .map((drawn) => withoutUndefined(drawn) as SessionRecord);

function withoutUndefined<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutUndefined) as T;
  if (typeof value !== 'object' || value === null || value instanceof Map) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutUndefined(each)])) as T;
}
