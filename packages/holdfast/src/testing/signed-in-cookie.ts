import type { SignInDetails } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import { cookieHeader } from './cookies.ts';

/** The browser that signs in; the same on the requests of the test, or a retired secret looks stolen. */
export interface SignedInAs {
  readonly userAgent?: string;
  readonly remoteAddress?: string;
}

/**
 * A Cookie header value with which a request is signed in, for tests of an application:
 *
 *     const cookie = await signedInCookie(sessions, { userId: 'alice' });
 *     const answer = await app.request('/account', { headers: { cookie } });
 *
 * It signs in as your application does, through `open`, `signIn` and `commit`.
 */
export async function signedInCookie<Data extends object>(
  sessions: Sessions<Data>,
  details: SignInDetails<keyof Data & string>,
  { userAgent, remoteAddress }: SignedInAs = {},
): Promise<string> {
  const headers = new Headers(userAgent === undefined ? {} : { 'user-agent': userAgent });
  const session = await sessions.open({ method: 'POST', url: '/', headers, remoteAddress });
  await session.signIn(details);
  const { setCookies } = await sessions.commit(session);
  return cookieHeader(setCookies);
}
