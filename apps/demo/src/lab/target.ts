/**
 * What an experiment is run against: a tiny shop with accounts, once on Holdfast and once on the naive sessions.
 *
 * Both answer the same requests with the same lines of text, so that what differs between two transcripts is what the sessions do.
 */
import type { RequestListener } from 'node:http';
import type { Gate } from './gate.ts';
import type { LabClock } from './lab-clock.ts';

export type TargetName = 'holdfast' | 'naive';

export interface TargetOptions {
  readonly clock: LabClock;
  readonly gate: Gate;
  /** Whom one can sign in as, by name. Made for one run, and gone with it. */
  readonly passwords: ReadonlyMap<string, string>;
  /** What signing out does to the naive session's record: most home-made ones only clear the cookie. */
  readonly naiveSignOut: 'clears the cookie' | 'deletes the record';
}

export interface Target {
  readonly handler: RequestListener;
  /** The name of the session cookie. */
  readonly cookie: string;
}

/** What both shops say. */
export const SAYINGS = {
  nobody: 'not signed in',
  signedOut: 'signed out',
  wrongPassword: 'wrong password',
  hello: (user: string): string => `hello, ${user}`,
  basket: (count: number): string => `${count} in the basket`,
  settings: (keys: readonly string[]): string => `kept: ${keys.toSorted().join(', ') || 'nothing'}`,
  email: (address: string): string => `e-mail: ${address}`,
  saved: 'saved',
} as const;

/** Room for the requests of one run and no more: nothing in the lab grows. */
export const LONGEST_FIELD = 200;

export function fieldOf(body: unknown, name: string): string {
  const value: unknown = (body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value.slice(0, LONGEST_FIELD) : '';
}
