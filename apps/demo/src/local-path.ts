/** Where to go on after something that had to come first: a page of ours, whatever an address or a form says. */

/** Stands for this site; nobody can own it (RFC 6761 §6.4). */
const HERE = 'http://here.invalid';
const LONGEST = 500;

/**
 * The path and query that `text` names on this site, as a browser would understand it; home for everything else. What a
 * browser reads as another host (`//evil.example`, `/\evil.example`, `/.//evil.example`) is no path (CWE-601).
 */
export function localPath(text: unknown): string {
  if (typeof text !== 'string' || text.length > LONGEST || !text.startsWith('/')) return '/';
  const url = URL.parse(text, HERE);
  if (url?.origin !== HERE) return '/';
  const path = `${url.pathname}${url.search}`;
  return /^\/(?![/\\])/.test(path) ? path : '/';
}

/** The same path, with a word in its query. */
export function withDone(path: string, done: string): string {
  const url = new URL(path, HERE);
  url.searchParams.set('done', done);
  return `${url.pathname}${url.search}`;
}
