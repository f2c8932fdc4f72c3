/** When a session ends, and from when on its user is warned. */
import type { SessionInfo } from 'holdfast';

export interface Countdown {
  readonly signedIn: true;
  /** Another one, and the page is somebody else's, or from before another sign-in. */
  readonly id: string;
  /** The server's clock: a browser's may be wrong. */
  readonly now: number;
  readonly endsAt: number;
  /** The session's user can still do something about it then (WCAG 2.2.1 asks for twenty seconds at least). */
  readonly warnAt: number;
  /** Whether staying moves the end: not where the longest time is up. */
  readonly canStay: boolean;
}

const WARNED_FOR = 60_000;

export function countdownOf(info: SessionInfo, now: number): Countdown {
  const { id, idleExpiresAt, absoluteExpiresAt, lastSeenAt } = info;
  const endsAt = Math.min(idleExpiresAt, absoluteExpiresAt);
  // A session that is short as a whole is not one long warning.
  const warnedFor = Math.min(WARNED_FOR, (idleExpiresAt - lastSeenAt) / 2);
  const canStay = idleExpiresAt < absoluteExpiresAt;
  return { signedIn: true, id, now, endsAt, warnAt: endsAt - warnedFor, canStay };
}
