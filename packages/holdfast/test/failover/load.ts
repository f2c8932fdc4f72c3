/** Browsers that go about their business while something fails, and know what must be true afterwards. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from './app.ts';
import { chanceOf } from './chance.ts';
import { type Answer, HttpBrowser } from './http-browser.ts';

/** What was acknowledged, by kind. */
export interface Changes {
  writes: number;
  signIns: number;
  ends: number;
}

export type Kind = keyof Changes | 'reads';

export interface Observed {
  /** In order: when, as `performance.now()` tells it, and with which status; 0 for a connection that broke. */
  readonly answers: { readonly kind: Kind; readonly status: number; readonly at: number }[];
  /** The longest request, in milliseconds. */
  longest: number;
  readonly acknowledged: Changes;
  /** What was acknowledged and is not there. */
  readonly lost: Changes;
  /** Pages that took a signed-in browser for nobody, though its session is in the store. */
  readonly signedOut: string[];
}

interface Belief {
  readonly id: string;
  /** The numbers of the writes that were acknowledged, the last one last. */
  writes: number[];
  /** A sign-out was answered with an error: the session may have ended. */
  mayHaveEnded: boolean;
}

interface Ended {
  readonly id: string;
  readonly cookie: string;
}

export interface LoadOptions {
  readonly port: number;
  readonly browsers: number;
  /** Between the requests of one browser, on average, in milliseconds. */
  readonly think: number;
  readonly seed: number;
  /** Whether the store has a session now. */
  readonly exists: (id: string) => Promise<boolean>;
}

export interface Load {
  readonly observed: Observed;
  /** Lets each browser finish, and look once more at what it believes. */
  stop(): Promise<Observed>;
}

export function startLoad(options: LoadOptions): Load {
  const observed: Observed = {
    answers: [],
    longest: 0,
    acknowledged: { writes: 0, signIns: 0, ends: 0 },
    lost: { writes: 0, signIns: 0, ends: 0 },
    signedOut: [],
  };
  const users = Array.from({ length: options.browsers }, (_, i) => new User(i, options, observed));
  let isStopped = false;
  const running = users.map((user) => user.use(() => isStopped));
  return {
    observed,
    async stop() {
      isStopped = true;
      await Promise.all(running);
      await Promise.all(users.map((user) => user.lookBack()));
      return observed;
    },
  };
}

class User {
  readonly #name: string;
  readonly #options: LoadOptions;
  readonly #observed: Observed;
  readonly #chance: () => number;
  readonly #browser = new HttpBrowser();
  readonly #ended: Ended[] = [];
  #belief: Belief | undefined;
  #written = 0;

  constructor(number: number, options: LoadOptions, observed: Observed) {
    this.#name = `user-${number}`;
    this.#options = options;
    this.#observed = observed;
    this.#chance = chanceOf(options.seed + number);
  }

  async use(isStopped: () => boolean): Promise<void> {
    while (!isStopped()) {
      if (!this.#belief) await this.#signIn();
      else {
        const what = this.#chance();
        if (what < 0.08) await this.#signOut(this.#belief);
        else if (what < 0.4) await this.#write(this.#belief);
        else await this.#read(this.#belief);
      }
      await pause(this.#options.think * (0.5 + this.#chance()));
    }
  }

  /** What was acknowledged shows in the last page, and in what the cookies of ended sessions are worth. */
  async lookBack(): Promise<void> {
    if (this.#belief) await this.#read(this.#belief);
    for (const { id, cookie } of this.#ended) {
      const thief = new HttpBrowser();
      thief.cookie = cookie;
      const { page, status } = await thief.ask(this.#options.port, '/');
      if (status !== 200) throw new Error(`the page after the end of ${id} was answered with ${status}`);
      if (page?.id === id) this.#observed.lost.ends++;
    }
  }

  async #ask(kind: Kind, path: string): Promise<Answer> {
    const answer = await this.#browser.ask(this.#options.port, path);
    const { status, startedAt, endedAt } = answer;
    this.#observed.longest = Math.max(this.#observed.longest, endedAt - startedAt);
    this.#observed.answers.push({ kind, status, at: endedAt });
    return answer;
  }

  async #signIn(): Promise<void> {
    this.#browser.cookie = '';
    const { page } = await this.#ask('signIns', `/sign-in?user=${this.#name}`);
    if (!page?.id) return;
    this.#observed.acknowledged.signIns++;
    this.#belief = { id: page.id, writes: [], mayHaveEnded: false };
  }

  async #read(belief: Belief): Promise<void> {
    const { page } = await this.#ask('reads', '/');
    if (page) await this.#isStill(belief, page);
  }

  async #write(belief: Belief): Promise<void> {
    const n = ++this.#written;
    const { page } = await this.#ask('writes', `/write?n=${n}`);
    if (!page || !(await this.#isStill(belief, page))) return;
    belief.writes.push(n);
    this.#observed.acknowledged.writes++;
  }

  async #signOut(belief: Belief): Promise<void> {
    const { page, cookie } = await this.#ask('ends', '/sign-out');
    if (!page) {
      belief.mayHaveEnded = true;
      return;
    }
    if (!(await this.#isStill(belief, page))) return;
    this.#observed.acknowledged.ends++;
    this.#ended.push({ id: belief.id, cookie });
    this.#belief = undefined;
  }

  /** Whether a page, as the session was when the request was opened, says what this browser knows. */
  async #isStill(belief: Belief, page: Page): Promise<boolean> {
    const { lost, signedOut } = this.#observed;
    if (page.id === belief.id && page.user === this.#name) {
      const missing = belief.writes.filter((n) => n > page.n).length;
      lost.writes += missing;
      // What is lost once is counted once.
      if (missing > 0) belief.writes = belief.writes.filter((n) => n <= page.n);
      return true;
    }
    // An end would have left a tombstone.
    const isLost = page.rejected === 'unknown' && !(await this.#options.exists(belief.id));
    if (isLost) lost.signIns++;
    else if (!belief.mayHaveEnded) {
      signedOut.push(`${this.#name}: ${page.user ?? 'nobody'}, ${page.rejected ?? 'no reason'}`);
    }
    this.#belief = undefined;
    return false;
  }
}
