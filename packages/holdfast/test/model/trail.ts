/**
 * What must be true of each cookie: who has presented it, what followed it, when it was retired. Kept from what
 * browsers and servers can see, without any of the library's code. Where an order of events leaves two outcomes open, both pass.
 */
import type { Session } from '../../src/index.ts';
import type { UntypedData } from '../../src/data.ts';
import { GRACE, RENEW, SKEW } from './constants.ts';

/** Whether browsers look alike: their name without its version. */
function makeOf(userAgent: string): string {
  return userAgent.split('/')[0] ?? '';
}

interface Cookie {
  readonly lineage: string;
  /** Who had presented the cookie before this one when this one was first sent. */
  readonly predecessorMakes: ReadonlySet<string>;
  readonly issuedAs: number;
  readonly issuedAt: number;
  readonly makes: Set<string>;
  arrivedAt: number | undefined;
  /** The first answer to it was stored: the step, and the instant. */
  confirmed: { readonly step: number; readonly at: number } | undefined;
  offeredAt: number;
}

interface Path {
  readonly cookies: Map<string, Cookie>;
  readonly visits: Map<string, number>;
  /** Of privilege changes and ends: a change under way makes most of the outcomes open. */
  steps: number;
  isOpen: number;
  /** A privilege change whose outcome nobody knows. */
  isUncertain: boolean;
  readonly changes: { readonly from: number; readonly to: number }[];
  incidents: number[];
  readonly reuses: number[];
  deadSince: { readonly step: number; readonly at: number } | undefined;
  /** Somebody who has shown a retired secret has signed in: their session may end for that. */
  isLeft: boolean;
  /** For reuse, says the library: the refusals that follow say `reused` too. */
  hasEnded: boolean;
}

export interface Visit {
  readonly value: string | undefined;
  readonly make: string;
  readonly passive: boolean;
  readonly step: number;
  readonly at: number;
  readonly path: Path | undefined;
  readonly cookie: Cookie | undefined;
  readonly pathSteps: number;
  readonly isFirst: boolean;
  readonly wasConfirmed: boolean;
  /** Its lineage had been killed for certain, or its session ended. */
  readonly wasDead: boolean;
  readonly wasEnded: boolean;
  readonly hadSuccessor: boolean;
  openedAs: number;
}

export interface Fate {
  readonly isEnded: unknown;
  readonly mayBeEnded: boolean;
  readonly madeAt: number;
  readonly deadline: number;
  readonly deadLineages: { has(lineage: string): boolean };
}

export class Trail {
  #step = 0;
  readonly #paths = new Map<string, Path>();
  readonly #absolute: number;
  readonly #violated: (what: string) => void;
  readonly #maxAge: number;

  /** @param maxAge for how long a server may not know what another one has done */
  constructor(absolute: number, maxAge: number, violated: (what: string) => void) {
    this.#absolute = absolute;
    this.#maxAge = maxAge;
    this.#violated = violated;
  }

  /** Whether what was done then, by another server's clock, must be known now. */
  #mustBeKnown(doneAt: number, now: number): boolean {
    return this.#maxAge === 0 || now >= doneAt + this.#maxAge + SKEW;
  }

  arrived(
    value: string | undefined,
    userAgent: string,
    passive: boolean,
    at: number,
    fate: Fate | undefined,
  ): Visit {
    const make = makeOf(userAgent);
    const path = value === undefined ? undefined : this.#paths.get(value.slice(0, 22));
    const cookie = path?.cookies.get(value ?? '');
    const isFirst = !path?.visits.has(make);
    const hadSuccessor = path !== undefined && cookie !== undefined && laterOf(path, cookie).length > 0;
    const visit: Visit = {
      value,
      make,
      passive,
      step: this.#step++,
      at,
      path,
      cookie,
      pathSteps: path?.steps ?? 0,
      isFirst,
      wasConfirmed: cookie?.confirmed !== undefined,
      wasDead: cookie !== undefined && (fate?.deadLineages.has(cookie.lineage) ?? false),
      wasEnded: Boolean(fate?.isEnded),
      hadSuccessor,
      openedAs: 0,
    };
    if (path && cookie) {
      if (!cookie.confirmed) path.incidents = [];
      cookie.arrivedAt ??= at;
      cookie.makes.add(make);
    }
    if (path) path.visits.set(make, (path.visits.get(make) ?? 0) + 1);
    return visit;
  }

  opened(visit: Visit, session: Session<UntypedData>, now: number, fate: Fate | undefined): void {
    visit.openedAs = this.#step++;
    const { path, cookie, value } = visit;
    if (value === undefined) return;
    const { rejected } = session;
    if (!path || !cookie) {
      if (session.id !== undefined || rejected !== 'unknown')
        this.#violated('a guess caused something, or learned something');
      return;
    }
    if (rejected === 'unknown') this.#wasUnknown(visit, cookie, path, now, fate);
    else if (rejected === 'reused') this.#wasReused(visit, cookie, path, now);
    // Where it is accepted, the ghost knows whether it may be.
    else if (visit.wasDead && (rejected !== undefined || this.#maxAge === 0))
      this.#violated(`a token from before a privilege change was told: ${rejected}`);
    if (session.id !== undefined && session.state !== 'locked') this.#wasAccepted(visit, cookie, path, now);
  }

  #wasUnknown(visit: Visit, cookie: Cookie, path: Path, now: number, fate: Fate | undefined): void {
    const isCertain = visit.wasEnded && !path.isUncertain && !fate?.deadLineages.has(cookie.lineage);
    if (isCertain && fate && now < fate.madeAt + this.#absolute - SKEW)
      this.#violated('an ended session was forgotten before its time');
  }

  #wasReused(visit: Visit, cookie: Cookie, path: Path, now: number): void {
    if (visit.wasDead) this.#violated('a token from before a privilege change was taken for a reuse');
    const later = laterOf(path, cookie);
    const isOnItsWay = later.every(({ arrivedAt = now }) => now - arrivedAt < GRACE - SKEW);
    if (!path.hasEnded && cookie.makes.size === 1 && later.length < 2 && isOnItsWay)
      this.#violated('a secret that no browser could know to be retired was refused');
    if (path.steps !== visit.pathSteps || path.isOpen > 0) return;
    if (visit.isFirst && path.visits.get(visit.make) === 1) path.deadSince ??= { step: this.#step, at: now };
    // How long the store took is not known: then the incident's instant is not, either.
    if (now !== visit.at) return;
    const last = path.incidents.at(-1);
    if (last === undefined || now - last > GRACE + SKEW) path.incidents.push(now);
    if (path.incidents.length >= 3) path.deadSince ??= { step: this.#step, at: now };
  }

  #wasAccepted(visit: Visit, cookie: Cookie, path: Path, now: number): void {
    const { deadSince } = path;
    if (deadSince && visit.step >= deadSince.step && this.#mustBeKnown(deadSince.at, visit.at))
      this.#violated('a session outlived a theft that was noticed');
    const later = laterOf(path, cookie);
    for (const { confirmed } of later) {
      if (confirmed && visit.step > confirmed.step && now > confirmed.at + GRACE + SKEW + this.#maxAge)
        this.#violated('a retired secret was accepted after the grace');
    }
    const [next] = later;
    const isPending =
      next && next.issuedAs < visit.step && later.every(({ arrivedAt }) => arrivedAt === undefined);
    if (isPending && !next.predecessorMakes.has(visit.make) && this.#mustBeKnown(next.issuedAt, visit.at))
      this.#violated('a retired secret was accepted from another browser');
  }

  /** A cookie was written into the answer to a visit. */
  issued(value: string, visit: Visit, now: number): void {
    const [id = '', lineage = ''] = value.split('.');
    let path = this.#paths.get(id);
    if (!path) this.#paths.set(id, (path = newPath()));
    path.visits.set(visit.make, (path.visits.get(visit.make) ?? 0) + 1);
    const known = path.cookies.get(value);
    if (known) {
      known.offeredAt = now;
      return;
    }
    path.cookies.set(value, {
      lineage,
      predecessorMakes: new Set(visit.cookie?.makes),
      issuedAs: this.#step++,
      issuedAt: now,
      makes: new Set(),
      arrivedAt: undefined,
      confirmed: undefined,
      offeredAt: now,
    });
  }

  /** The answer to a visit is complete; `stored` unless the store or the library refused. */
  answered(
    visit: Visit,
    answer: { stored: boolean; renewable: boolean; hasCookie: boolean },
    now: number,
  ): void {
    const { path, cookie } = visit;
    if (!path || !cookie) return;
    const later = laterOf(path, cookie);
    if (!visit.wasConfirmed) path.incidents = [];
    const isQuiet = path.steps === visit.pathSteps && path.isOpen === 0;
    const isDue = visit.at > cookie.offeredAt + RENEW + SKEW && !visit.hadSuccessor && !visit.passive;
    if (answer.stored && answer.renewable && isQuiet && isDue && !answer.hasCookie)
      this.#violated('an old secret was not renewed');
    const isUnseen =
      visit.hadSuccessor &&
      later.every(
        ({ arrivedAt, issuedAt }) => arrivedAt === undefined && this.#mustBeKnown(issuedAt, visit.at),
      );
    if (answer.stored && answer.renewable && isQuiet && isUnseen && !answer.hasCookie)
      this.#violated('a browser was not sent the successor of its secret, which nobody has shown yet');
    if (answer.stored) cookie.confirmed ??= { step: this.#step++, at: now };
    for (const each of later) each.offeredAt = Math.max(each.offeredAt, now);
  }

  /** A privilege change or an end of a session begins; to be called again when it is over. */
  changing(id: string | undefined): (outcome: 'changed' | 'elsewhere' | 'unknown') => void {
    const path = id === undefined ? undefined : this.#paths.get(id);
    if (!path) return () => undefined;
    const from = this.#step++;
    path.steps++;
    path.isOpen++;
    return (outcome) => {
      path.steps++;
      path.isOpen--;
      path.incidents = [];
      path.deadSince = undefined;
      if (outcome === 'unknown') path.isUncertain = true;
      if (outcome === 'changed') path.changes.push({ from, to: this.#step++ });
    };
  }

  /** Whether a write that begins now has to be refused: the session is not any more what the visit has opened. */
  overtaken(visit: Visit, id: string | undefined, fate: Fate | undefined, now: number): boolean {
    const { path, openedAs, value } = visit;
    if (!path || !fate || id === undefined || value?.slice(0, 22) !== id) return false;
    const begun = this.#step++;
    const hasChanged = path.changes.some(({ from, to }) => from > openedAs && to < begun);
    return Boolean(fate.isEnded) || hasChanged || (path.isOpen === 0 && now >= fate.deadline);
  }

  /** Who signs in with a retired secret leaves its session for good. */
  signingIn({ path }: Visit, session: Session<UntypedData>): void {
    if (path && session.rejected === 'reused') path.isLeft = true;
  }

  /** The library says that it refused a retired secret. */
  reused(id: string, at: number): void {
    this.#paths.get(id)?.reuses.push(at);
  }

  /** The library says that it ended a session for reuse: from one make of browser, at the third incident only. */
  endedForReuse(id: string): void {
    const path = this.#paths.get(id);
    if (!path) return;
    path.hasEnded = true;
    if (path.visits.size > 1 || path.isLeft) return;
    let incidents = 0;
    let last = -Infinity;
    for (const at of path.reuses.toSorted((a, b) => a - b)) {
      if (at - last < GRACE) continue;
      incidents++;
      last = at;
    }
    if (incidents < 3) this.#violated('a session ended for a request that was late');
  }
}

function newPath(): Path {
  return {
    cookies: new Map(),
    visits: new Map(),
    steps: 0,
    isOpen: 0,
    isUncertain: false,
    changes: [],
    incidents: [],
    reuses: [],
    deadSince: undefined,
    isLeft: false,
    hasEnded: false,
  };
}

/** The cookies of its lineage that followed it. */
function laterOf(path: Path, cookie: Cookie): Cookie[] {
  return [...path.cookies.values()].filter(
    ({ lineage, issuedAs }) => lineage === cookie.lineage && issuedAs > cookie.issuedAs,
  );
}
