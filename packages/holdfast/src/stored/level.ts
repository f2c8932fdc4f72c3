import type { Authentication } from '../record.ts';

/** The strongest level among the authentications of a session. */
export function levelOf(
  levels: readonly string[],
  authentications: readonly Authentication[],
): string | undefined {
  let strongest: string | undefined;
  for (const { level } of authentications) {
    if (!isAtLeast(levels, strongest, level)) strongest = level;
  }
  return strongest;
}

/** Whether `level` is as strong as `other`; no level is weaker than each. */
export function isAtLeast(
  levels: readonly string[],
  level: string | undefined,
  other: string | undefined,
): boolean {
  return rank(levels, level) >= rank(levels, other);
}

function rank(levels: readonly string[], level: string | undefined): number {
  return level === undefined ? -1 : levels.indexOf(level);
}
