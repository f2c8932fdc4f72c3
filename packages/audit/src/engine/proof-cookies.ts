/** The cookies that prove who one is, with every field that set them: what the checks of attributes judge. */
import type { ReceivedCookie } from '../cookies/jar.ts';
import type { SetCookie } from '../cookies/set-cookie.ts';
import type { CheckContext } from './context.ts';

export interface ProofCookie {
  readonly name: string;
  /** Each time that it was set to a value; deletions are left out. */
  readonly settings: readonly (ReceivedCookie & { readonly parsed: SetCookie })[];
}

export function proofCookies({ signedIn }: CheckContext): ProofCookie[] {
  const { proof, visitor } = signedIn.observed;
  const names = new Set(proof.flatMap((it) => (it.kind === 'cookie' ? [it.cookie.name] : [])));
  return [...names].map((name) => ({
    name,
    settings: visitor.jar.received.flatMap((received) => {
      const { parsed } = received;
      const isSetting = parsed?.name === name && !isDeletion(parsed, received.at);
      return isSetting ? [{ ...received, parsed }] : [];
    }),
  }));
}

export function isDeletion({ maxAge, expiresAt }: SetCookie, now: number): boolean {
  return maxAge === undefined ? expiresAt !== undefined && expiresAt <= now : maxAge <= 0;
}

export const NO_COOKIE = 'no cookie proves here who one is, so there is none to judge';
