/** What the application of the matrix does; how it answers is the adapter's part. */
import type { UntypedData } from '../../src/data.ts';
import type { Session } from '../../src/index.ts';

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

export type Action = (session: Session<UntypedData>, url: URL) => unknown;

export const ACTIONS: Readonly<Record<string, Action>> = {
  '/plain': () => 'plain',
  '/read': (session) => session.get('color') ?? 'none',
  '/who': (session) => session.userId ?? 'nobody',
  '/why': (session) => session.rejected ?? 'accepted',
  '/where': (session) => session.info?.client.ip ?? 'unknown',
  '/set': (session, url) => session.set('color', url.searchParams.get('color') ?? 'red'),
  '/sign-in': (session, url) => session.signIn({ userId: url.searchParams.get('user') ?? 'ada' }),
  '/sign-out': (session) => session.signOut(),
  '/set-and-throw': (session) => {
    session.set('color', 'lost');
    throw new Error('the handler failed');
  },
  '/commit-and-throw': async (session) => {
    session.set('color', 'kept');
    await session.commit();
    session.set('color', 'lost');
    throw new Error('the handler failed');
  },
  '/sign-in-and-throw': async (session) => {
    await session.signIn({ userId: 'ada' });
    throw new Error('the handler failed');
  },
  '/sign-in-and-fail': async (session): Promise<Reply> => {
    await session.signIn({ userId: 'ada' });
    return { status: 418, body: 'no coffee' };
  },
  '/sign-in-unmodified': async (session): Promise<Reply> => {
    await session.signIn({ userId: 'ada' });
    return { status: 304, headers: { etag: '"1"' }, body: '' };
  },
  '/own-cookies': (session): Reply => {
    session.set('color', 'mine');
    return {
      headers: { 'set-cookie': ['theme=dark; Path=/', '__Host-session=planted; Path=/; Secure', 'lang=en'] },
      body: 'done',
    };
  },
};

/** Ways to answer; each writes to the session first, so that a commit stands between the handler and the wire. */
export const ANSWERS = [
  'end',
  'chunks',
  'stream',
  'redirect',
  'not-modified',
  'no-content',
  'write-head',
  'early-hints',
  'file',
] as const;
export type Answer = (typeof ANSWERS)[number];

export function answerOf(pathname: string): Answer | undefined {
  return ANSWERS.find((answer) => pathname === `/answer/${answer}`);
}

export function replyOf(outcome: unknown): Required<Reply> {
  const reply = typeof outcome === 'object' && outcome !== null ? (outcome as Reply) : undefined;
  return { status: 200, headers: {}, body: String(outcome ?? 'done'), ...reply };
}
