/** What the sites on plain node:http share. */
import type { IncomingMessage } from 'node:http';

export const SIGN_IN_FORM =
  '<form method="post"><input name="user"><input name="password" type="password"><button>Sign in</button></form>';

export const START_PAGE = '<a href="/login">Sign in</a>';

export async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of req.setEncoding('utf8')) body += String(chunk);
  return body;
}

export function cookiesOf(req: IncomingMessage): Map<string, string> {
  const pairs = (req.headers.cookie ?? '').split(/; */).map((pair) => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
  });
  return new Map(pairs);
}
