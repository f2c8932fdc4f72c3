/** CSRF protection where the token may be in a form that only the application can read. */
import { isSafeMethod } from '../csrf/check.ts';
import { type AnySession, assertAllowed, type Csrf, CSRF_HEADER } from '../csrf/index.ts';
import type { SessionRequest } from '../request.ts';

type Token = string | undefined;

/**
 * Asks `readToken` only where the method, the headers and `x-csrf-token` leave the question open: a page has no form to
 * read, and what another site sent need not be one.
 *
 * @throws HoldfastError `csrf_rejected`.
 */
export async function assertNotForged(
  csrf: Csrf,
  request: Pick<SessionRequest, 'method' | 'headers'>,
  session: AnySession,
  readToken: (() => Token | Promise<Token>) | undefined,
): Promise<void> {
  if (isSafeMethod(request.method)) return;
  assertAllowed(csrf.check(request));
  const token = request.headers.get(CSRF_HEADER) ?? (await readToken?.());
  assertAllowed(await csrf.verify(request, session, token));
}
