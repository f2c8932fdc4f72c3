/**
 * What a browser sends back after answers with these Set-Cookie values: a Cookie header value. Attributes are not
 * judged; a `Max-Age` that is not positive removes the cookie.
 *
 * @param before the Cookie header of the request before
 */
export function cookieHeader(setCookies: readonly string[], before = ''): string {
  const jar = new Map<string, string>();
  const put = (pair: string): void => {
    const at = pair.indexOf('=');
    if (at > 0) jar.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  };
  for (const pair of before.split(';')) put(pair);
  for (const setCookie of setCookies) {
    const [pair = '', ...attributes] = setCookie.split(';');
    put(pair);
    const isRemoval = attributes.some((attribute) => /^\s*max-age=(?:0|-\d+)\s*$/i.test(attribute));
    if (isRemoval) jar.delete(pair.slice(0, pair.indexOf('=')).trim());
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}
