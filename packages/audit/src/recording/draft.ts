/** A first recipe from a recording: nothing of it was tried yet. */
import type { Account } from '../site/account.ts';
import { type Derived, deriveSteps, earlierParts, type Origin } from './derive.ts';
import type { Moment } from './moments.ts';
import { pathTo } from './sources.ts';
import { pagesWithin, type Story, storyOf } from './story.ts';
import { jsonOf } from '../site/visitor.ts';

export interface Draft {
  readonly story: Story;
  readonly account: Account;
  readonly byHttp: {
    readonly signIn: Derived;
    /** Absent where nobody signed out, or nothing was sent for it. */
    readonly signOut?: Derived;
  };
  /** Where the answer to the sign-in has the token that scripts sent from then on. */
  readonly token?: string;
  /** What may tell that one is signed in, the likeliest first. */
  readonly pages: readonly URL[];
}

/** @returns undefined where nobody has typed a password */
export function draftOf(moments: readonly Moment[], target: URL, given?: Account): Draft | undefined {
  const story = storyOf(moments, given);
  if (!story) return undefined;
  const { account, secrets, exchanges, enter, exit } = story;
  const origin: Omit<Origin, 'since'> = { target, exchanges, account, secrets };
  const token = tokenOf(story);
  return {
    story,
    account,
    byHttp: {
      signIn:
        enter === undefined
          ? { why: 'no request had the password as it was typed' }
          : deriveSteps({ ...origin, since: 0 }, [...earlierParts(exchanges, enter, account.user), enter]),
      ...(exit !== undefined && {
        signOut: deriveSteps({ ...origin, ...(token && { token: token.value }), since: (enter ?? -1) + 1 }, [
          exit,
        ]),
      }),
    },
    ...(token && { token: token.path }),
    pages: pagesWithin(story),
  };
}

/** What scripts sent in the Authorization header, and where the answer to the sign-in had it. */
function tokenOf({ exchanges, enter }: Story): { path: string; value: string } | undefined {
  const answer = enter === undefined ? undefined : exchanges[enter]?.answer;
  if (enter === undefined || !answer) return undefined;
  for (const { answer: later } of exchanges.slice(enter + 1)) {
    const field = later.request.headers.find(([name]) => name.toLowerCase() === 'authorization');
    const [, value] = /^Bearer (.+)$/i.exec(field?.[1] ?? '') ?? [];
    const path = value === undefined ? undefined : pathTo(jsonOf(answer), value);
    if (value !== undefined && path !== undefined) return { path, value };
  }
  return undefined;
}
