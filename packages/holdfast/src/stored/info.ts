import type { Policy } from '../options.ts';
import { idleExpiresAt, type SessionRecord } from '../record.ts';
import type { AuthenticationDetails, SessionInfo, SignInDetails } from '../session.ts';
import { levelOf } from './level.ts';

/** The part of a record that its user may see. */
export function describeSession(levels: readonly string[], record: SessionRecord): SessionInfo {
  const level = levelOf(levels, record.authentications);
  return {
    id: record.id,
    ...(record.userId !== undefined && { userId: record.userId }),
    createdAt: record.createdAt,
    lastSeenAt: record.lastSeenAt,
    idleExpiresAt: idleExpiresAt(record),
    absoluteExpiresAt: record.absoluteExpiresAt,
    authentications: record.authentications,
    ...(level !== undefined && { level }),
    client: record.client,
    persistent: record.persistent,
    renewals: record.renewals,
  };
}

/** @throws TypeError naming the field. */
export function checkUserId(userId: unknown): void {
  const isId = typeof userId === 'string' && userId.length > 0 && userId.length <= 256;
  // Databases store half a surrogate pair as something else: two users could become one.
  if (!isId || /\p{Surrogate}/u.test(userId)) {
    throw new TypeError('userId: write a string of 1 to 256 characters that identifies the user for ever');
  }
}

/** @throws TypeError naming the field. */
export function checkAuthentication(policy: Policy, { level, methods }: AuthenticationDetails): void {
  if (level !== undefined && !policy.levels.includes(level)) {
    throw new TypeError(
      `level: ${JSON.stringify(level)} is not one of ${policy.levels.join(', ')}; name it in the \`levels\` option`,
    );
  }
  if (methods?.some((method) => typeof method !== 'string')) {
    throw new TypeError("methods: write amr values (RFC 8176), like ['pwd', 'otp']");
  }
}

/** @throws TypeError naming the field. */
export function checkSignIn(policy: Policy, details: SignInDetails): void {
  checkUserId(details.userId);
  checkAuthentication(policy, details);
  if (details.keep && details.drop)
    throw new TypeError('keep, drop: name what survives or what does not, not both');
  if (details.label !== undefined && details.label.length > 128) {
    throw new TypeError('label: at most 128 characters');
  }
}
