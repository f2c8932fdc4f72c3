/** What several servers do at once with the sessions of one user. */
import type { Sessions } from '../../src/sessions.ts';
import { cookieHeader } from '../../src/testing/index.ts';

export const USER = 'alice';

/** One thing that one server is asked for. Browsers are numbered; each has its own cookie jar. */
export type Act =
  | { readonly kind: 'sign in'; readonly browser: number; readonly withEpoch?: true }
  | { readonly kind: 'revoke all'; readonly except?: number }
  | { readonly kind: 'sign out' | 'reauthenticate'; readonly browser: number; readonly withEpoch?: never };

export interface Scenario {
  readonly name: string;
  /** What each browser has at first. */
  readonly browsers: readonly (
    | 'nothing'
    | 'an anonymous session'
    | 'a session'
    | 'a session of somebody else'
  )[];
  readonly limit?: number;
  /** Each on a server of its own, at once. */
  readonly acts: readonly Act[];
}

export interface Browser {
  cookie: string;
}

export function idOf({ cookie }: Browser): string | undefined {
  return /=([\w-]{22})\./.exec(cookie)?.[1];
}

export function open(sessions: Sessions, { cookie }: Browser) {
  return sessions.open({ method: 'POST', url: '/', headers: new Headers(cookie ? { cookie } : {}) });
}

/** Gives a browser what the scenario begins with. */
export async function begin(
  sessions: Sessions,
  browser: Browser,
  what: Scenario['browsers'][number],
  userOf: (name: string) => string,
): Promise<void> {
  if (what === 'nothing') return;
  const session = await open(sessions, browser);
  if (what === 'an anonymous session') session.set('cart', 1);
  else await session.signIn({ userId: userOf(what === 'a session' ? USER : 'bob') });
  browser.cookie = cookieHeader((await sessions.commit(session)).setCookies, browser.cookie);
}

/**
 * The request up to where it asks for the act, and the rest of it. A cookie reaches its browser only when all went well.
 */
export async function prepare(
  sessions: Sessions,
  act: Act,
  browsers: readonly Browser[],
  user: string,
): Promise<() => Promise<void>> {
  if (act.kind === 'revoke all') {
    const except = act.except === undefined ? undefined : idOf(browsers[act.except] as Browser);
    return async () => void (await sessions.revokeAll(user, { except }));
  }
  const browser = browsers[act.browser] as Browser;
  const session = await open(sessions, browser);
  return async () => {
    if (act.kind === 'sign out') await session.signOut();
    else if (act.kind === 'reauthenticate') await session.reauthenticate();
    else if (!act.withEpoch) await session.signIn({ userId: user });
    else await session.signIn({ userId: user, userEpoch: await sessions.userEpoch(user) });
    browser.cookie = cookieHeader((await sessions.commit(session)).setCookies, browser.cookie);
  };
}

/** Few enough steps for every order of them, where each step is a command to a server: hundreds of orders. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'a re-authentication and the end of all sessions',
    browsers: ['a session'],
    acts: [{ kind: 'reauthenticate', browser: 0 }, { kind: 'revoke all' }],
  },
  {
    name: 'a re-authentication, a sign-out and the end of all sessions',
    browsers: ['a session'],
    acts: [{ kind: 'reauthenticate', browser: 0 }, { kind: 'sign out', browser: 0 }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in that read the epoch, and the end of all sessions where there are none',
    browsers: ['nothing'],
    acts: [{ kind: 'sign in', browser: 0, withEpoch: true }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in beyond the limit and a sign-out',
    browsers: ['nothing', 'a session', 'a session'],
    limit: 2,
    acts: [
      { kind: 'sign in', browser: 0 },
      { kind: 'sign out', browser: 1 },
    ],
  },
  {
    name: 'a first sign-in and the end of all sessions',
    browsers: ['nothing', 'a session'],
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in within an anonymous session and the end of all sessions',
    browsers: ['an anonymous session', 'a session'],
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in that read the epoch before the password check, and the end of all sessions',
    browsers: ['nothing', 'a session'],
    acts: [{ kind: 'sign in', browser: 0, withEpoch: true }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in and the end of all other sessions',
    browsers: ['nothing', 'a session', 'a session'],
    acts: [
      { kind: 'sign in', browser: 0 },
      { kind: 'revoke all', except: 1 },
    ],
  },
  {
    name: 'a sign-in over the session of somebody else and the end of all sessions',
    browsers: ['a session of somebody else', 'a session'],
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in beyond the limit and the end of all sessions',
    browsers: ['nothing', 'a session'],
    limit: 1,
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'revoke all' }],
  },
];

/** For a store of which each call is several commands: two servers, and as few sessions as tell a right order from a wrong one. */
export const small: readonly Scenario[] = [
  {
    name: 'a re-authentication and the end of all sessions',
    browsers: ['a session'],
    acts: [{ kind: 'reauthenticate', browser: 0 }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in and the end of all sessions where there are none',
    browsers: ['nothing'],
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in that read the epoch, and the end of all sessions where there are none',
    browsers: ['nothing'],
    acts: [{ kind: 'sign in', browser: 0, withEpoch: true }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in beyond the limit and the sign-out that makes room',
    browsers: ['nothing', 'a session'],
    limit: 1,
    acts: [
      { kind: 'sign in', browser: 0 },
      { kind: 'sign out', browser: 1 },
    ],
  },
];

/** The same with more steps: for the long form. */
export const larger: readonly Scenario[] = [
  {
    name: 'a sign-in within an anonymous session and the end of all sessions',
    browsers: ['an anonymous session'],
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in within the limit and the end of all sessions where there are none',
    browsers: ['nothing'],
    limit: 1,
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'revoke all' }],
  },
];

/** Up to a thousand orders where a step is a call of the store; a hundred times as many where it is a command. */
export const crowded: readonly Scenario[] = [
  {
    name: 'two sign-ins beyond the limit',
    browsers: ['nothing', 'an anonymous session', 'a session'],
    limit: 1,
    acts: [
      { kind: 'sign in', browser: 0 },
      { kind: 'sign in', browser: 1 },
    ],
  },
  {
    name: 'a sign-in, a sign-out and the end of all sessions',
    browsers: ['nothing', 'a session'],
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'sign out', browser: 1 }, { kind: 'revoke all' }],
  },
  {
    name: 'a sign-in and two ends of all sessions',
    browsers: ['nothing', 'a session'],
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'revoke all' }, { kind: 'revoke all' }],
  },
  {
    name: 'two sign-ins and the end of all sessions',
    browsers: ['nothing', 'an anonymous session'],
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'sign in', browser: 1 }, { kind: 'revoke all' }],
  },
];

/** Thousands of orders of calls. */
export const packed: readonly Scenario[] = [
  {
    name: 'two sign-ins in one browser and the end of all sessions',
    browsers: ['an anonymous session'],
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'sign in', browser: 0 }, { kind: 'revoke all' }],
  },
  {
    name: 'two sign-ins beyond the limit and the end of all sessions',
    browsers: ['nothing', 'an anonymous session', 'a session'],
    limit: 1,
    acts: [{ kind: 'sign in', browser: 0 }, { kind: 'sign in', browser: 1 }, { kind: 'revoke all' }],
  },
];
