/** Dates as cookies write them: the forgiving algorithm of RFC 6265bis §5.1.1. */

// delimiter = %x09 / %x20-2F / %x3B-40 / %x5B-60 / %x7B-7E
const DELIMITER = /[\t\u0020-\u002F\u003B-\u0040\u005B-\u0060\u007B-\u007E]+/;
const TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/;
const DAY = /^(\d{1,2})(?:\D|$)/;
const YEAR = /^(\d{2,4})(?:\D|$)/;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Milliseconds since 1970; `undefined` for what is no date. */
export function parseCookieDate(text: string): number | undefined {
  let time: readonly number[] | undefined;
  let day: number | undefined;
  let month: number | undefined;
  let year: number | undefined;
  for (const token of text.split(DELIMITER)) {
    const clock = time === undefined ? TIME.exec(token) : null;
    if (clock) {
      time = clock.slice(1, 4).map(Number);
      continue;
    }
    const dayText = day === undefined ? DAY.exec(token) : null;
    if (dayText) {
      day = Number(dayText[1]);
      continue;
    }
    const index = month === undefined ? MONTHS.indexOf(token.slice(0, 3).toLowerCase()) : -1;
    if (index !== -1) {
      month = index;
      continue;
    }
    const yearText = year === undefined ? YEAR.exec(token) : null;
    if (yearText) year = Number(yearText[1]);
  }
  if (time === undefined || day === undefined || month === undefined || year === undefined) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = time;
  const full = year >= 70 && year <= 99 ? year + 1900 : year <= 69 ? year + 2000 : year;
  if (day < 1 || day > 31 || full < 1601 || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const date = new Date(Date.UTC(full, month, day, hours, minutes, seconds));
  return date.getUTCDate() === day ? date.getTime() : undefined;
}
