/** Spans of time as people write them, and as they read them. */
import { AuditError } from '../errors.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What to say where a text is no span of time. */
export const NO_DURATION = 'write a time like 90s, 35m, 12h or 30d';

/** `35m` in milliseconds; a number alone is seconds. */
export function durationOf(text: string): number | undefined {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text.trim()) ?? [];
  const ms = Number(number) * (UNITS[unit || 's'] ?? Number.NaN);
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

/** @throws AuditError `usage`, which begins with `where` */
export function readDuration(text: string, where: string): number {
  const ms = durationOf(text);
  if (ms === undefined) throw new AuditError('usage', `${where}: ${NO_DURATION}`);
  return ms;
}

export function sayDuration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2) return count(Math.round(ms / 1_000), 'second');
  if (minutes < 120) return count(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours >= 72) return count(Math.round(hours / 24), 'day');
  const rest = minutes % 60;
  return rest === 0 ? count(hours, 'hour') : `${count(hours, 'hour')} and ${count(rest, 'minute')}`;
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
