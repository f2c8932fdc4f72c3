/** Instants and spans as people read them. A script puts them into the reader's time zone. */
import { html, type Html } from './html.ts';

const DATE_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

/** 12 Mar 2026, 14:05:09 UTC */
export function dateAndTime(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}" data-style="exact">${DATE_AND_TIME.format(at)}</time>`;
}

/** 12 Mar 2026, 14:05 */
export function shortDateAndTime(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}" data-style="short">${SHORT_DATE_AND_TIME.format(at)}</time>`;
}

const SHORT_DATE_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

const UNITS: readonly (readonly [milliseconds: number, name: string, short: string])[] = [
  [86_400_000, 'day', 'd'],
  [3_600_000, 'hour', 'h'],
  [60_000, 'minute', 'min'],
  [1_000, 'second', 's'],
];

/** The same, and kept up by a script. */
export function relativeTime(at: number, now: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}" data-relative>${relative(at, now)}</time>`;
}

/** "in 29 minutes", "7 h 48 min ago", "now": cut off, never rounded up, so that no deadline is said to be later than it is. */
export function relative(at: number, now: number): string {
  const words = duration(Math.abs(at - now));
  if (words === undefined) return 'now';
  return at > now ? `in ${words}` : `${words} ago`;
}

/** The largest unit that is reached, and below a whole number of hours or days the next one too. */
function duration(span: number): string | undefined {
  const largest = UNITS.findIndex(([size]) => span >= size);
  const [unit, next] = UNITS.slice(largest);
  if (largest === -1 || !unit) return undefined;
  const [size, name, short] = unit;
  const count = Math.floor(span / size);
  const rest = next && size > 60_000 ? Math.floor((span % size) / next[0]) : 0;
  if (next && rest > 0) return `${count} ${short} ${rest} ${next[2]}`;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
