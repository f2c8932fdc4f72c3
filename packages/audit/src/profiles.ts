/** Which requirements are asked for. A check that no requirement of the profile asks for does not run. */
import type { Check, Severity } from './engine/check.ts';
import type { Recipe } from './recipe/recipe.ts';
import { sayDuration } from './time/duration.ts';

export type ProfileName = 'asvs-l1' | 'asvs-l2' | 'asvs-l3' | 'aal2';

export const PROFILES: readonly ProfileName[] = ['asvs-l1', 'asvs-l2', 'asvs-l3', 'aal2'];

/** OWASP ASVS 5.0: the level from which on a requirement is asked for, of those that checks name. */
export const ASVS_LEVELS: Readonly<Record<string, 1 | 2 | 3>> = {
  'ASVS-3.3.1': 1,
  'ASVS-3.3.2': 2,
  'ASVS-3.3.3': 2,
  'ASVS-3.3.4': 2,
  'ASVS-3.3.5': 3,
  'ASVS-3.4.1': 1,
  'ASVS-3.4.2': 1,
  'ASVS-3.5.1': 1,
  'ASVS-3.5.3': 1,
  'ASVS-4.2.5': 3,
  'ASVS-7.1.2': 2,
  'ASVS-7.2.2': 1,
  'ASVS-7.2.4': 1,
  'ASVS-7.3.1': 2,
  'ASVS-7.3.2': 2,
  'ASVS-7.4.1': 1,
  'ASVS-7.4.3': 2,
  'ASVS-7.5.2': 2,
  'ASVS-12.2.1': 1,
  'ASVS-13.4.4': 2,
  'ASVS-14.2.1': 1,
  'ASVS-14.2.2': 2,
  'ASVS-14.3.1': 1,
  'ASVS-14.3.2': 2,
  'ASVS-15.4.1': 3,
  'ASVS-16.5.1': 2,
};

/** After how long a session has to be over, at the latest. */
export interface Timeout {
  readonly seconds: number;
  /** Where it is asked for. */
  readonly source: string;
  /** How bad it is where a session lives on. */
  readonly severity: Severity;
}

export interface Timeouts {
  /** Of a session that nobody uses. */
  readonly idle: Timeout;
  /** Of any session, however much it is used. */
  readonly absolute: Timeout;
}

const HOUR = 3_600;
const AAL2: Timeouts = {
  idle: { seconds: HOUR, source: 'NIST SP 800-63B-4 §2.2.3 (AAL2)', severity: 'medium' },
  absolute: { seconds: 24 * HOUR, source: 'NIST SP 800-63B-4 §2.2.3 (AAL2)', severity: 'medium' },
};

/** ASVS has no numbers of its own: limits are to be documented, and to keep to NIST's unless there is a reason (7.1.1). */
export const TIMEOUTS: Readonly<Record<ProfileName | 'none', Timeouts>> = {
  none: AAL2,
  'asvs-l1': AAL2,
  'asvs-l2': AAL2,
  'asvs-l3': {
    idle: { seconds: HOUR / 2, source: 'the OWASP Session Management Cheat Sheet', severity: 'high' },
    absolute: { seconds: 12 * HOUR, source: 'NIST SP 800-63B-4 §2.3.3 (AAL3)', severity: 'high' },
  },
  aal2: AAL2,
};

/** What a recipe says of the site goes before the profile; where it allows more, both are named. */
export function timeoutsOf(
  asked: Timeouts,
  { idle, absolute }: NonNullable<Recipe['timeouts']> = {},
): Timeouts {
  return { idle: timeoutOf(asked.idle, idle), absolute: timeoutOf(asked.absolute, absolute) };
}

function timeoutOf(asked: Timeout, seconds: number | undefined): Timeout {
  if (seconds === undefined) return asked;
  const isMore = seconds > asked.seconds;
  const more = `, which allows more than the ${sayDuration(asked.seconds * 1_000)} of ${asked.source}`;
  return { ...asked, seconds, source: `the recipe${isMore ? more : ''}` };
}

/** What is no requirement and still has to be known. */
const ALWAYS = new Set(['what-authenticates']);

export function isProfile(name: string): name is ProfileName {
  return (PROFILES as readonly string[]).includes(name);
}

export function checksOf(profile: ProfileName, checks: readonly Check[]): Check[] {
  return checks.filter(
    ({ id, requirements }) => ALWAYS.has(id) || requirements.some((name) => isAsked(name, profile)),
  );
}

function isAsked(requirement: string, profile: ProfileName): boolean {
  // AAL2 rests on the rules for every session secret, whose numbers begin with 5.
  if (profile === 'aal2') return /^NIST-(?:2\.[12]|5)/.test(requirement);
  const level = ASVS_LEVELS[requirement];
  return level !== undefined && level <= Number(profile.at(-1));
}
