/** An address as a step writes it. */

/** Of a session that has no cookie yet: Java servlets write it into the path. */
const SESSION_IN_PATH = /;(?:jsessionid|phpsessid|sid)=[^/;]*/gi;

/** Without the origin, where it is that of the target. */
export function pathFrom(target: URL, url: URL): string {
  const path = `${url.pathname.replaceAll(SESSION_IN_PATH, '')}${url.search}`;
  // The names of what is filled in are no part of an address.
  return `${url.origin === target.origin ? '' : url.origin}${path}`.replaceAll(/%24%7B(\w+)%7D/g, '${$1}');
}

/** The address with other texts in the place of what its parameters say. */
export function withTexts(given: URL, textOf: (name: string, value: string) => string): URL {
  const url = new URL(given);
  const pairs = [...url.searchParams];
  const texts = pairs.map(([name, value]) => [name, textOf(name, value)]);
  // Another spelling of the same is not what was sent.
  if (texts.some(([, text], index) => text !== pairs[index]?.[1])) {
    url.search = new URLSearchParams(texts).toString();
  }
  return url;
}
