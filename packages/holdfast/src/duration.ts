/** A span of time: seconds as a number, or a string like `'90s'`, `'30m'`, `'8h'`, `'30d'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SPELLING = /^(\d+(?:\.\d+)?)([smhd])$/;
const LONGEST_DAYS = 400;

/**
 * A duration in whole milliseconds.
 *
 * @throws TypeError naming `option` when the value is not a duration, is negative, or is longer than
 * `longestDays`: by default 400, the longest a browser keeps a cookie (RFC 6265bis §5.5).
 */
export function toMilliseconds(value: Duration, option: string, longestDays: number = LONGEST_DAYS): number {
  const milliseconds = Math.round(parse(value));
  if (!Number.isFinite(milliseconds) || milliseconds < 0 || milliseconds > longestDays * UNITS.d) {
    throw new TypeError(
      `${option}: ${JSON.stringify(value)} is not a duration; write seconds as a number or a string like '30m' (s, m, h, d), at most ${longestDays} days`,
    );
  }
  return milliseconds;
}

function parse(value: unknown): number {
  if (typeof value === 'number') return value * UNITS.s;
  const match = typeof value === 'string' ? SPELLING.exec(value) : null;
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : Number.NaN;
}
