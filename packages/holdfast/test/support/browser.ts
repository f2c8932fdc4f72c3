import { expect } from 'vitest';
import type { MaybePromise } from '../../src/at-once.ts';
import type { Committed, OpenOptions } from '../../src/request.ts';
import type { Session } from '../../src/session.ts';
import type { Sessions } from '../../src/sessions.ts';
import { cookieHeader } from '../../src/testing/index.ts';
import { capture, recordSecret } from './canary.ts';

export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
export const SAFARI = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15';

export interface Visit extends OpenOptions {
  /** Sec-Fetch-Site, as browsers send it. */
  readonly site?: 'same-origin' | 'cross-site' | 'none';
  /** SameSite kept the cookies back. */
  readonly withoutCookies?: boolean;
}

/** A request that is under way: its answer has not left. */
export interface Running<Data extends object> {
  readonly session: Session<Data>;
  /** The answer leaves, and its cookies reach the browser. */
  finish(options?: { readonly discardWrites?: boolean; readonly isLost?: boolean }): Promise<Committed>;
}

/** A browser with its cookie jar. Several requests may run at once, as in several tabs. */
export class Browser<Data extends object> {
  cookie: string;
  userAgent: string | undefined;
  address: string;
  readonly #sessions: Sessions<Data>;

  constructor(sessions: Sessions<Data>, { cookie = '', userAgent = FIREFOX, address = '192.0.2.1' } = {}) {
    this.#sessions = sessions;
    this.cookie = cookie;
    this.userAgent = userAgent;
    this.address = address;
  }

  /** The value of the session cookie. */
  get token(): string | undefined {
    return /(?:^|; )__Host-session=([^;]*)/.exec(this.cookie)?.[1];
  }

  /** Someone who has copied the cookies as they are now, to a browser of their own or to the same kind of it. */
  stolen(more: { readonly userAgent?: string; readonly address?: string } = {}): Browser<Data> {
    const { cookie, address, userAgent = FIREFOX } = this;
    return new Browser(this.#sessions, { cookie, address, userAgent, ...more });
  }

  async start({ site, withoutCookies = false, ...options }: Visit = {}): Promise<Running<Data>> {
    const headers = new Headers();
    if (this.cookie && !withoutCookies) headers.set('cookie', this.cookie);
    if (this.userAgent !== undefined) headers.set('user-agent', this.userAgent);
    if (site) headers.set('sec-fetch-site', site);
    const request = { method: 'POST', url: '/', headers, remoteAddress: this.address };
    const session = await watched(this.#sessions.open(request, options));
    return {
      session,
      finish: async ({ isLost = false, ...how } = {}) => {
        const committed = await watched(this.#sessions.commit(session, how));
        for (const setCookie of committed.setCookies) recordSecret(setCookie.split(/[=;]/)[1] ?? '');
        if (!isLost) this.cookie = cookieHeader(committed.setCookies, this.cookie);
        return committed;
      },
    };
  }

  /** A whole request. Where the handler fails, its writes are dropped and the answer leaves all the same. */
  async request<T>(
    handle: (session: Session<Data>) => T | Promise<T>,
    visit: Visit & { readonly isLost?: boolean } = {},
  ): Promise<T> {
    const { isLost = false, ...rest } = visit;
    const { session, finish } = await this.start(rest);
    let result: T;
    try {
      result = await watched(Promise.resolve(handle(session)));
    } catch (error) {
      await finish({ discardWrites: true, isLost });
      throw error;
    }
    await finish({ isLost });
    return result;
  }

  /** Who the server takes this browser for; why not, where it takes it for nobody. */
  whoami(visit: Visit = {}): Promise<string> {
    return this.request(({ state, userId, rejected }) => userId ?? rejected ?? state, visit);
  }

  signIn(userId = 'alice'): Promise<void> {
    return this.request((session) => session.signIn({ userId }));
  }

  signOut(): Promise<void> {
    return this.request((session) => session.signOut());
  }
}

/** An error is captured, so that the canary gate can look at it. */
async function watched<T>(answer: MaybePromise<T>): Promise<T> {
  return Promise.resolve(answer).catch((error: unknown) => {
    capture(error);
    throw error;
  });
}

/** A promise that must be refused with this code of `HoldfastError`. */
export async function expectCode(promise: Promise<unknown>, code: string): Promise<void> {
  await expect(watched(promise)).rejects.toMatchObject({ code });
}
