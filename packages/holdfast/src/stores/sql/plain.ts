/**
 * Text as every SQL database keeps it, character for character. PostgreSQL refuses NULs, and no database keeps the lone
 * surrogates that JavaScript's strings may hold. They go as the JSON of the string, behind a control character; so does what
 * begins with that character itself, so that no two strings are written alike.
 */
const ESCAPED = '\u0001';

export function plain(text: string): string {
  const isPlain = text.isWellFormed() && !text.includes('\u0000') && !text.startsWith(ESCAPED);
  return isPlain ? text : ESCAPED + JSON.stringify(text);
}

export function original(text: string): string {
  return text.charCodeAt(0) === 1 ? (JSON.parse(text.slice(1)) as string) : text;
}

export function plainOrNull(text: string | undefined): string | null {
  return text === undefined ? null : plain(text);
}
