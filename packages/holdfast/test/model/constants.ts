/** The times of the world, and what its browsers do, in milliseconds. */
export const IDLE = 30 * 60_000;
export const ABSOLUTE = 8 * 3_600_000;
export const RENEW = 15 * 60_000;
export const GRACE = 60_000;
export const SKEW = 10_000;

export const OPERATIONS = [
  'read',
  'read',
  'read',
  'read',
  'poll',
  'set',
  'set',
  'increment',
  'increment',
  'sign-in',
  'sign-in',
  'sign-in-as-other',
  'reauthenticate',
  'elevate',
  'sign-out',
] as const;
export type Operation = (typeof OPERATIONS)[number];
