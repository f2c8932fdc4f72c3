/** One of several processes with a cache each: it opens sessions all the time, ends some, and writes down what it has accepted. */
import { setTimeout as pause } from 'node:timers/promises';
import { createSessions, type Session, type UntypedData } from '../../src/index.ts';
import { cached } from '../../src/stores/cached.ts';
import type { Notice, SessionStore } from '../../src/store.ts';
import { cookieHeader } from '../../src/testing/index.ts';
import { type BackendName, backends } from './backends.ts';

export interface ProcessSettings {
  readonly backend: BackendName;
  readonly port: number;
  /** The way of the notices, which can be broken on its own. */
  readonly noticePort: number;
  /** In milliseconds; without, there is no cache. */
  readonly maxAge?: number;
}

export interface Subject {
  readonly user: string;
  readonly cookie: string;
}

export type How = 'signs out' | 'is revoked' | 'all are revoked';

/** What a process has seen of one session, in the milliseconds of a clock that all processes of the machine share. */
export interface Seen {
  /** When the request came in that was accepted last. */
  lastAcceptedAt: number;
  /** When the first request came in that was refused; never since an end was asked for, and why. */
  refusedAt: number | undefined;
  why: string | undefined;
}

export interface Counts {
  readonly requests: number;
  /** Of the store itself. */
  readonly reads: number;
  /** Requests that were answered with a fault of the store. */
  readonly unavailable: number;
  /** Of sessions that nobody has ended. */
  readonly refused: number;
}

/** What a process can be asked; each answers with a promise. */
export interface Calls {
  isUp(): boolean;
  signIn(users: readonly string[]): Promise<Subject[]>;
  /** Opens each of them every few milliseconds, from now on. */
  watch(subjects: readonly Subject[]): void;
  seen(): Seen[];
  /** Answers when the end was acknowledged. */
  end(subject: Subject, how: How): Promise<number>;
  /** So many visitors ask one request after another, in so many sessions. */
  load(subjects: readonly Subject[], visitors: number): void;
  idle(): Promise<void>;
  counts(): Counts;
}

export interface Question {
  readonly number: number;
  readonly call: keyof Calls;
  readonly values: readonly unknown[];
}

export interface Reply {
  readonly number: number;
  readonly answer?: unknown;
  readonly error?: string;
}

const POLL_MS = 4;
const WRITES = 0.05;

/** The same for every process of the machine, and never set. */
const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

async function start({ backend, port, noticePort, maxAge }: ProcessSettings): Promise<Calls> {
  const { connect } = backends[backend];
  const [direct, told] = await Promise.all([connect(port), connect(noticePort)]);
  let isUp = false;
  let reads = 0;
  const store: SessionStore = {
    ...direct,
    read(id) {
      reads++;
      return direct.read(id);
    },
    watch: (listener: (notice: Notice) => void) =>
      (told.watch as NonNullable<SessionStore['watch']>)((notice) => {
        if (notice.kind === 'up' || notice.kind === 'down') isUp = notice.kind === 'up';
        listener(notice);
      }),
  };
  const sessions = createSessions({
    store: maxAge === undefined ? store : cached(store, { maxAge: maxAge / 1_000 }),
    // What is measured is when an end is known, however busy the machine is.
    storeGuard: { timeout: '10s', breaker: false },
    onEvent: () => undefined,
  });

  let requests = 0;
  let unavailable = 0;
  let refused = 0;
  let watched: { readonly subject: Subject; readonly seen: Seen }[] = [];
  let visitors: Promise<unknown>[] = [];
  const work = { goesOn: false };

  async function request<T>(
    { cookie }: Subject,
    handle: (session: Session<UntypedData>) => T | Promise<T>,
  ): Promise<T> {
    requests++;
    const session = await sessions.open({ method: 'GET', url: '/', headers: new Headers({ cookie }) });
    const result = await handle(session);
    await sessions.commit(session);
    return result;
  }

  async function look(subject: Subject, seen: Seen): Promise<void> {
    const at = now();
    try {
      const why = await request(subject, ({ userId, rejected }) =>
        userId ? undefined : (rejected ?? 'nobody'),
      );
      if (why === undefined) seen.lastAcceptedAt = at;
      else {
        seen.refusedAt ??= at;
        seen.why ??= why;
      }
    } catch {
      unavailable++;
    }
  }

  async function poll(): Promise<void> {
    for (;;) {
      await Promise.all(watched.map(({ subject, seen }) => look(subject, seen)));
      await pause(POLL_MS);
    }
  }

  async function visit(subjects: readonly Subject[]): Promise<void> {
    while (work.goesOn) {
      const subject = subjects[Math.floor(Math.random() * subjects.length)];
      if (!subject) return;
      await request(subject, (session) => {
        if (session.userId === undefined) refused++;
        else if (Math.random() < WRITES) session.set('n', requests);
      }).catch(() => unavailable++);
      await pause(1);
    }
  }

  void poll();
  return {
    isUp: () => isUp,
    signIn: (users) =>
      Promise.all(
        users.map(async (user) => {
          const session = await sessions.open({ method: 'POST', url: '/', headers: new Headers() });
          await session.signIn({ userId: user });
          return { user, cookie: cookieHeader((await sessions.commit(session)).setCookies) };
        }),
      ),
    watch(subjects) {
      watched = subjects.map((subject) => ({
        subject,
        seen: { lastAcceptedAt: 0, refusedAt: undefined, why: undefined },
      }));
    },
    seen: () => watched.map(({ seen }) => seen),
    async end(subject, how) {
      if (how === 'signs out') await request(subject, (session) => session.signOut());
      else if (how === 'all are revoked') await sessions.revokeAll(subject.user);
      else await sessions.revoke(/=([^.]*)\./.exec(subject.cookie)?.[1] ?? '', { userId: subject.user });
      return now();
    },
    load(subjects, count) {
      work.goesOn = true;
      visitors = Array.from({ length: count }, () => visit(subjects));
    },
    async idle() {
      work.goesOn = false;
      await Promise.all(visitors);
    },
    counts: () => ({ requests, reads, unavailable, refused }),
  };
}

if (import.meta.main) {
  // Nobody is left to ask.
  process.once('disconnect', () => process.exit());
  const calls = await start(JSON.parse(process.argv[2] ?? '{}') as ProcessSettings);
  process.on('message', async ({ number, call, values }: Question) => {
    try {
      const answer = await (calls[call] as (...all: readonly unknown[]) => unknown)(...values);
      process.send?.({ number, answer } satisfies Reply);
    } catch (error) {
      process.send?.({ number, error: String(error) } satisfies Reply);
    }
  });
  process.send?.({ number: 0 } satisfies Reply);
}
