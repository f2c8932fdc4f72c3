/** What must be true of each session, kept beside the library and without any of its code. */
import type { Session, SessionEvent } from '../../src/index.ts';
import type { UntypedData } from '../../src/data.ts';
import { IDLE, type Operation, SKEW } from './constants.ts';

/** When something was acknowledged, in the world's own time, and by which server: by none where others may know it as soon. */
export interface Acknowledged {
  readonly at: number;
  readonly step: number;
  readonly by: number | undefined;
}

/** When a request came in, in the world's own time, and to which server. */
export interface Asked {
  readonly at: number;
  readonly step: number;
  readonly server: number;
}

export interface Ghost {
  readonly id: string;
  madeAt: number;
  /** Who may be signed in: more than one while a sign-in's outcome is not known. */
  readonly users: Set<string | undefined>;
  /** An end has returned: nothing may authenticate any more. */
  isEnded: Acknowledged | undefined;
  /** An end has begun, or its outcome is not known: it may be dead. */
  mayBeEnded: boolean;
  /** The lineages that a privilege change has killed. */
  readonly deadLineages: Map<string, Acknowledged>;
  readonly lineages: Set<string>;
  deadline: number;
  changing: number;
  /** When the privilege change that was acknowledged last had begun. */
  changedAt: number;
  lastActivityAt: number;
  readonly keys: Map<string, Acknowledged | 'unknown'>;
  readonly counted: Acknowledged[];
  perhapsCounted: number;
}

type Outcome = 'acknowledged' | 'refused' | 'unknown';

export class Ghosts {
  readonly #ghosts = new Map<string, Ghost>();
  readonly secrets: Set<string> = new Set();
  readonly events: SessionEvent[] = [];
  readonly #onIdle: 'end' | 'lock';
  readonly #maxAge: number;

  /** @param maxAge for how long a server may not know what another one has acknowledged */
  constructor(onIdle: 'end' | 'lock', maxAge: number) {
    this.#onIdle = onIdle;
    this.#maxAge = maxAge;
  }

  /** Whether the server must know it: the one that acknowledged it at once, each other one within the bound. */
  #mustKnow({ at, step, by }: Acknowledged, asked: Asked): boolean {
    if (this.#maxAge === 0) return true;
    return asked.step > step && (by === asked.server || asked.at >= at + this.#maxAge);
  }

  /** The first thing that should not have happened. */
  failure: unknown;

  violated(what: unknown): void {
    this.failure ??= what instanceof Error ? what : new Error(String(what));
  }

  heard(event: SessionEvent): void {
    this.events.push(event);
    if (event.type === 'ended' && event.sessionId) this.#ghostOf(event.sessionId).mayBeEnded = true;
  }

  all(): Ghost[] {
    return [...this.#ghosts.values()];
  }

  fateOf(id: string | undefined): Ghost | undefined {
    return id === undefined ? undefined : this.#ghosts.get(id);
  }

  /** Sessions that are this user's for certain. */
  of(userId: string): Ghost[] {
    return this.all().filter(
      ({ users, changing }) => changing === 0 && users.size === 1 && users.has(userId),
    );
  }

  /** Sessions that may be this user's. */
  perhapsOf(userId: string): Ghost[] {
    return this.all().filter(({ users }) => users.has(userId));
  }

  /** A request has made this session, if it was not there before. */
  made(id: string | undefined, userId: string | undefined, now: number, absolute: number): void {
    if (id === undefined || (this.#ghosts.get(id)?.deadline ?? 0) > 0) return;
    const ghost = this.#ghostOf(id);
    ghost.madeAt = now;
    ghost.deadline = now + absolute;
    ghost.lastActivityAt = Math.max(ghost.lastActivityAt, now);
    ghost.users.add(userId);
  }

  /** A request was opened: what it sees must agree with everything that was acknowledged before. */
  opened(
    session: Session<UntypedData>,
    cookie: string | undefined,
    now: number,
    activityAt: number | undefined,
    asked: Asked,
  ): void {
    const { id } = session;
    if (id === undefined) return;
    const ghost = this.#ghosts.get(id);
    if (!ghost || cookie === undefined) return this.violated(`invariant 5: adopted the id ${id}`);
    const lineage = cookie.slice(23, 39);
    if (ghost.isEnded && this.#mustKnow(ghost.isEnded, asked))
      this.violated(`invariants 6, 8: ${id} is alive after its end`);
    const killed = ghost.deadLineages.get(lineage);
    if (killed && this.#mustKnow(killed, asked))
      this.violated(`invariant 7: an earlier token of ${id} authenticates`);
    if (now >= ghost.deadline && ghost.changing === 0)
      this.violated(`invariant 9: ${id} outlived its absolute deadline`);
    if (session.state === 'locked') {
      if (this.#onIdle === 'end') this.violated(`${id} was locked where idleness ends`);
      if (!ghost.users.has(session.lockedUserId))
        this.violated(`${id} is locked for ${session.lockedUserId}`);
      return;
    }
    if (now > ghost.lastActivityAt + IDLE + SKEW) this.violated(`${id} outlived its idle limit`);
    if (!killed && !ghost.users.has(session.userId)) this.violated(`${id} is signed in as ${session.userId}`);
    if (activityAt !== undefined) ghost.lastActivityAt = Math.max(ghost.lastActivityAt, activityAt);
    for (const [key, outcome] of ghost.keys) {
      if (outcome === 'unknown' || ghost.isEnded || !this.#mustKnow(outcome, asked)) continue;
      if (session.get(key) !== key) this.violated(`invariant 8: ${id} lost ${key}`);
    }
    const counter = Number(session.get('counter') ?? 0);
    const known = ghost.counted.filter((each) => this.#mustKnow(each, asked)).length;
    if (counter < known && !ghost.isEnded) this.violated(`invariant 8: ${id} lost an increment`);
    if (counter > ghost.counted.length + ghost.perhapsCounted)
      this.violated(`${id} counted what nobody asked for`);
  }

  /** A cookie was written. */
  issued(value: string): void {
    const [id = '', lineage = '', secret = ''] = value.split('.');
    this.secrets.add(secret);
    this.#ghostOf(id).lineages.add(lineage);
  }

  wrote(id: string | undefined, key: string, outcome: Outcome, acknowledged: Acknowledged): void {
    if (id === undefined || outcome === 'refused') return;
    this.#ghostOf(id).keys.set(key, outcome === 'unknown' ? outcome : acknowledged);
  }

  /** An increment has begun: until it is over, it may have happened. */
  counting(
    id: string | undefined,
  ): (outcome: Outcome, id: string | undefined, acknowledged: Acknowledged) => void {
    if (id !== undefined) this.#ghostOf(id).perhapsCounted++;
    return (outcome, idAfter, acknowledged) => {
      if (idAfter === undefined) return;
      const ghost = this.#ghostOf(idAfter);
      if (id !== undefined && outcome !== 'unknown') ghost.perhapsCounted--;
      if (outcome === 'acknowledged') ghost.counted.push(acknowledged);
      if (id === undefined && outcome === 'unknown') ghost.perhapsCounted++;
    };
  }

  async changingPrivilege(
    session: Session<UntypedData>,
    clock: { now(): number },
    extension: number,
    user: string | undefined,
    acknowledged: () => Acknowledged,
    change: () => Promise<void>,
  ): Promise<void> {
    const before = session.id === undefined ? undefined : this.#ghostOf(session.id);
    const known = new Set(before?.lineages);
    if (before) before.changing++;
    const userBefore = session.lockedUserId ?? session.userId;
    const startedAt = clock.now();
    const deadline = before?.deadline ?? Infinity;
    const isAlone = before?.changing === 1;
    if (userBefore === undefined || userBefore === user) before?.users.add(user);
    try {
      await change();
    } catch (error) {
      // Whether it happened is not known: then its deadline and its user are not, either.
      if (before) before.deadline = Math.max(before.deadline, clock.now() + extension);
      if (before) before.mayBeEnded = true;
      throw error;
    } finally {
      if (before) before.changing--;
    }
    const now = clock.now();
    if (session.id === undefined) return;
    const after = this.#ghostOf(session.id);
    if (after === before && isAlone && startedAt >= deadline)
      this.violated(`invariant 9: ${session.id} came back after its absolute deadline`);
    after.lastActivityAt = Math.max(after.lastActivityAt, now);
    after.deadline = Math.max(after.deadline, now + extension);
    after.changedAt = startedAt;
    if (after.changing === 0) after.users.clear();
    after.users.add(session.userId);
    if (after === before) {
      for (const lineage of known)
        if (!after.deadLineages.has(lineage)) after.deadLineages.set(lineage, acknowledged());
    }
    // Someone else's session was left behind: it was ended before this one began.
    else if (before && userBefore !== undefined && userBefore !== session.userId)
      before.isEnded ??= acknowledged();
    for (const [key, outcome] of before?.keys ?? []) {
      if (after !== before && outcome === 'unknown') after.keys.set(key, 'unknown');
    }
    if (after !== before && before) after.perhapsCounted += before.counted.length + before.perhapsCounted;
  }

  /** What ends for certain, and what may end with it, then or while that is under way. */
  async ending(
    certain: readonly Ghost[],
    perhaps: () => readonly Ghost[],
    acknowledged: () => Acknowledged,
    end: () => Promise<unknown>,
  ): Promise<void> {
    for (const ghost of [...certain, ...perhaps()]) ghost.mayBeEnded = true;
    try {
      await end();
    } finally {
      for (const ghost of perhaps()) ghost.mayBeEnded = true;
    }
    for (const ghost of certain) ghost.isEnded ??= acknowledged();
  }

  byId(id: string | undefined): Ghost[] {
    return id === undefined ? [] : [this.#ghostOf(id)];
  }

  answered(
    operation: Operation,
    cookie: string | undefined,
    session: Session<UntypedData>,
    setCookies: readonly string[],
  ): void {
    const isReading = operation === 'read' || operation === 'poll';
    if (isReading && cookie === undefined && setCookies.length > 0)
      this.violated('invariant 4: a read made a session');
    if (isReading && session.rejected !== undefined && setCookies.length > 0) {
      this.violated('invariant 3: a rejected cookie was replaced');
    }
    if (setCookies.length > 1) this.violated('two cookies of one name');
  }

  #ghostOf(id: string): Ghost {
    let ghost = this.#ghosts.get(id);
    if (!ghost) {
      ghost = {
        id,
        madeAt: 0,
        users: new Set(),
        isEnded: undefined,
        mayBeEnded: false,
        deadLineages: new Map(),
        lineages: new Set(),
        deadline: 0,
        changing: 0,
        changedAt: 0,
        lastActivityAt: 0,
        keys: new Map(),
        counted: [],
        perhapsCounted: 0,
      };
      this.#ghosts.set(id, ghost);
    }
    return ghost;
  }
}
