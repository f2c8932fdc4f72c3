/**
 * A small world: browsers with several tabs, two servers whose clocks differ, one store. Requests, answers and store
 * calls are lost, delayed and reordered as a list of numbers says; a ghost beside each session knows what must be true.
 */
import type { Session, Sessions } from '../../src/index.ts';
import { createSessions, HoldfastError, type SessionStore } from '../../src/index.ts';
import type { UntypedData } from '../../src/data.ts';
import { manualTimer } from '../../src/testing/index.ts';
import { cached } from '../../src/stores/cached.ts';
import { telling } from '../support/telling.ts';
import { Channel } from './channel.ts';
import { type Fate, gatedStore } from './gated-store.ts';
import { type Acknowledged, Ghosts } from './ghosts.ts';
import { ABSOLUTE, GRACE, IDLE, type Operation, RENEW, SKEW } from './constants.ts';
import { seededRandom } from './seeded-random.ts';
import { Trail, type Visit } from './trail.ts';

export interface WorldOptions {
  readonly absolute?: number;
  readonly onIdle?: 'end' | 'lock';
  /** Each server reads through a cache of its own, whose records are no older, in milliseconds. */
  readonly maxAge?: number;
}

export interface Browser {
  readonly name: string;
  readonly userAgent: string;
  jar: string | undefined;
  /** Cookies the jar has held: what a crash can bring back. */
  readonly past: string[];
}

export class World {
  now = Date.UTC(2026, 0, 1);
  readonly ghosts: Ghosts;
  readonly trail: Trail;
  readonly browsers: Browser[];
  readonly servers: Sessions[];
  readonly gate: ReturnType<typeof gatedStore>;
  /** Of notices to each server, where there are caches. */
  readonly channels: readonly Channel[];
  /** Answers on their way: the browser they go to, and the cookie they set. */
  readonly answers: { browser: Browser; cookie: string }[] = [];
  /** Requests on their way to a server. */
  readonly requests: {
    browser: Browser;
    cookie: string | undefined;
    operation: Operation;
    sentAt: number;
  }[] = [];
  readonly #clocks: { now(): number }[];
  readonly #absolute: number;
  readonly #maxAge: number | undefined;
  #keys = 0;
  #turn = 0;
  #step = 0;

  constructor(
    store: SessionStore,
    seed: number,
    browsers: readonly string[],
    { absolute = ABSOLUTE, onIdle = 'end', maxAge }: WorldOptions = {},
  ) {
    this.#absolute = absolute;
    this.#maxAge = maxAge;
    this.ghosts = new Ghosts(onIdle, maxAge ?? 0);
    this.trail = new Trail(absolute, maxAge ?? 0, (what) => this.ghosts.violated(what));
    this.browsers = browsers.map((userAgent, i) => ({
      name: `browser ${i}`,
      userAgent,
      jar: undefined,
      past: [],
    }));
    this.#clocks = [{ now: () => this.now }, { now: () => this.now + SKEW / 2 }];
    this.channels = maxAge === undefined ? [] : this.#clocks.map(() => new Channel());
    this.gate = gatedStore(
      telling(store, (notice) => this.channels.forEach((channel) => channel.send(notice))),
      maxAge !== undefined,
    );
    const unsafeRandom = seededRandom(seed);
    this.servers = this.#clocks.map((clock, server) =>
      createSessions({
        store: this.#storeOf(server),
        clock,
        unsafeRandom,
        idleTimeout: IDLE / 1000,
        absoluteTimeout: absolute / 1000,
        renewAfter: RENEW / 1000,
        grace: GRACE / 1000,
        clockSkew: SKEW / 1000,
        onIdle,
        // The fates alone say what fails: nothing runs out of time, and nothing is refused.
        storeGuard: { breaker: false, timer: manualTimer() },
        onEvent: (event) => {
          this.ghosts.heard(event);
          if (event.type === 'reused') this.trail.reused(event.sessionId ?? '', event.at);
          if (event.type === 'ended' && event.reason === 'reused')
            this.trail.endedForReuse(event.sessionId ?? '');
        },
      }),
    );
  }

  #storeOf(server: number): SessionStore {
    const channel = this.channels[server];
    if (!channel || this.#maxAge === undefined) return this.gate.store;
    const store = { ...this.gate.store, watch: channel.watch };
    return cached(store, { maxAge: this.#maxAge / 1000 }, [() => this.now]);
  }

  send(browser: Browser, operation: Operation): void {
    this.requests.push({ browser, cookie: browser.jar, operation, sentAt: this.now });
  }

  /** Someone who knows a session's id makes up the rest. */
  guess(browser: Browser, operation: Operation): void {
    const id = browser.jar?.slice(0, 22);
    if (id === undefined) return;
    const cookie = `${id}.${'A'.repeat(16)}.${'A'.repeat(43)}`;
    this.requests.push({ browser, cookie, operation, sentAt: this.now });
  }

  /** A request reaches a server, and goes as far as the store lets it. */
  arrive(index: number, server: number): void {
    const [request] = this.requests.splice(index % this.requests.length, 1);
    if (request) this.#run(request.browser, request.cookie, request.operation, server % this.servers.length);
  }

  /** An answer reaches its browser, or gets lost. */
  answer(index: number, isLost: boolean): void {
    const [answer] = this.answers.splice(index % this.answers.length, 1);
    if (!answer || isLost) return;
    const { browser, cookie } = answer;
    if (browser.jar !== undefined) browser.past.push(browser.jar);
    browser.jar = cookie === '' ? undefined : cookie;
  }

  async letThrough(index: number, fate: Fate): Promise<void> {
    const [call] = this.gate.waiting.splice(index % this.gate.waiting.length, 1);
    call?.let(fate);
    await settle();
  }

  /** What a cache answers does not wait for the gate: it comes before anything else happens. */
  async arrivals(): Promise<void> {
    if (this.#maxAge !== undefined) await settle();
  }

  /** As far as the handler of the one request that is under way. */
  async letReadThrough(): Promise<void> {
    await settle();
    // On its way there, and where there are caches on its way back.
    for (const _ of ['there', 'back']) {
      const index = this.gate.waiting.findIndex(({ name }) => name === 'read');
      if (index !== -1) await this.letThrough(index, 'through');
    }
  }

  /** An administrator ends a user's sessions; the caller lets the calls through. */
  async revoke(userId: string, all: boolean): Promise<void> {
    const sessions = this.servers[0] as Sessions;
    const certain = this.ghosts.of(userId);
    const [first] = certain;
    await this.#ignoringFaults(
      all
        ? this.ghosts.ending(
            certain,
            () => this.ghosts.perhapsOf(userId),
            () => ({ at: this.now, step: this.#step++, by: undefined }),
            () => sessions.revokeAll(userId),
          )
        : this.ghosts.ending(
            first ? [first] : [],
            () => [],
            () => ({ at: this.now, step: this.#step++, by: 0 }),
            () => sessions.revoke(first?.id ?? '', { userId }),
          ),
    );
  }

  /** Lets everything that is under way come to its end, without faults. */
  async finish(): Promise<void> {
    for (let round = 0; round < 10_000; round++) {
      await settle();
      if (this.gate.waiting.length > 0) await this.letThrough(0, 'through');
      else if (this.requests.length > 0) this.arrive(0, this.#maxAge === undefined ? 0 : this.#turn++);
      else if (this.answers.length > 0) this.answer(0, false);
      else return;
    }
    throw new Error('the world does not come to rest');
  }

  #run(browser: Browser, cookie: string | undefined, operation: Operation, server: number): void {
    void this.#ignoringFaults(this.#handle(browser, cookie, operation, server));
  }

  async #handle(
    browser: Browser,
    cookie: string | undefined,
    operation: Operation,
    server: number,
  ): Promise<void> {
    const sessions = this.servers[server] as Sessions;
    const clock = this.#clocks[server] as { now(): number };
    const headers = new Headers({
      'user-agent': browser.userAgent,
      ...(cookie && { cookie: `__Host-session=${cookie}` }),
    });
    const isPassive = operation === 'poll';
    const arrivedAt = clock.now();
    const { ghosts, trail } = this;
    const fate = ghosts.fateOf(cookie?.slice(0, 22));
    const visit = trail.arrived(cookie, browser.userAgent, isPassive, arrivedAt, fate);
    const asked = { at: this.now, step: this.#step++, server };
    const acknowledged = () => ({ at: this.now, step: this.#step++, by: server });
    const session = await sessions.open({ method: 'POST', url: '/', headers }, { passive: isPassive });
    ghosts.opened(session, cookie, clock.now(), isPassive ? undefined : arrivedAt, asked);
    trail.opened(visit, session, clock.now(), fate);
    await this.gate.pause();
    const renewable = session.state === 'authenticated' && operation !== 'sign-out';

    let setCookies: readonly string[] = [];
    let stored = false;
    try {
      const acknowledge = await this.#operate(session, operation, clock, visit, acknowledged);
      const mustRefuse = acknowledge !== undefined && trail.overtaken(visit, session.id, fate, clock.now());
      try {
        ({ setCookies } = await sessions.commit(session));
        stored = true;
        if (mustRefuse)
          ghosts.violated('invariant 8: a write into what the request had not opened succeeded');
        acknowledge?.('acknowledged');
      } catch (error) {
        acknowledge?.(isRefusal(error) ? 'refused' : 'unknown');
        // The answer is an error, and it still carries the cookie of what stands.
        ({ setCookies } = await sessions.commit(session, { discardWrites: true }));
      }
    } finally {
      const isAlive =
        fate !== undefined && !fate.mayBeEnded && clock.now() < fate.madeAt + this.#absolute - SKEW;
      const answer = { stored, renewable: renewable && isAlive, hasCookie: setCookies.length > 0 };
      trail.answered(visit, answer, clock.now());
    }
    ghosts.made(session.id, session.userId, clock.now(), this.#absolute);
    for (const line of setCookies) {
      const value = /^__Host-session=([^;]*);/.exec(line)?.[1] ?? '';
      if (value) ghosts.issued(value);
      if (value) trail.issued(value, visit, clock.now());
      this.answers.push({ browser, cookie: value });
    }
    ghosts.answered(operation, cookie, session, setCookies);
  }

  async #operate(
    session: Session<UntypedData>,
    operation: Operation,
    clock: { now(): number },
    visit: Visit,
    acknowledged: () => Acknowledged,
  ): Promise<((outcome: 'acknowledged' | 'refused' | 'unknown') => void) | undefined> {
    const { ghosts, trail } = this;
    const user = session.lockedUserId ?? session.userId;
    switch (operation) {
      case 'read':
      case 'poll':
        session.all();
        return undefined;
      case 'set': {
        const key = `k${this.#keys++}`;
        session.set(key, key);
        return (outcome) => ghosts.wrote(session.id, key, outcome, acknowledged());
      }
      case 'increment': {
        const count = ghosts.counting(session.id);
        const mustRefuse = trail.overtaken(visit, session.id, ghosts.fateOf(session.id), clock.now());
        try {
          await session.update('counter', (value) => Number(value ?? 0) + 1);
          if (mustRefuse)
            ghosts.violated('invariant 8: an update of what the request had not opened succeeded');
          count('acknowledged', session.id, acknowledged());
        } catch (error) {
          count(isRefusal(error) ? 'refused' : 'unknown', session.id, acknowledged());
        }
        return undefined;
      }
      case 'sign-in':
      case 'sign-in-as-other': {
        const userId = operation === 'sign-in' ? 'ada' : 'bob';
        trail.signingIn(visit, session);
        await this.#changing(session, clock, this.#absolute, userId, acknowledged, () =>
          session.signIn({ userId }),
        );
        return undefined;
      }
      case 'reauthenticate':
        if (user === undefined) return undefined;
        await this.#changing(session, clock, this.#absolute, user, acknowledged, () =>
          session.reauthenticate(),
        );
        return undefined;
      case 'elevate':
        await this.#changing(session, clock, 0, user, acknowledged, () => session.elevate());
        return undefined;
      case 'sign-out': {
        const changed = trail.changing(session.id);
        try {
          await ghosts.ending(
            ghosts.byId(session.id),
            () => [],
            acknowledged,
            () => session.signOut(),
          );
        } finally {
          changed('elsewhere');
        }
        return undefined;
      }
    }
  }

  async #changing(
    session: Session<UntypedData>,
    clock: { now(): number },
    extension: number,
    user: string | undefined,
    acknowledged: () => Acknowledged,
    change: () => Promise<void>,
  ): Promise<void> {
    const { id } = session;
    const changed = this.trail.changing(id);
    let outcome: 'changed' | 'elsewhere' | 'unknown' = 'unknown';
    try {
      await this.ghosts.changingPrivilege(session, clock, extension, user, acknowledged, change);
      outcome = session.id === id ? 'changed' : 'elsewhere';
    } finally {
      changed(outcome);
    }
  }

  /** Faults of the store and lost races are answers of the world; anything else is a bug. */
  async #ignoringFaults(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof HoldfastError)) this.ghosts.violated(error);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof HoldfastError &&
    (error.code === 'session_changed' || error.code === 'reauthentication_required')
  );
}

/** Until everything that can go on without the gate has gone on. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
