/** What must be true of each session, by what was asked and acknowledged and when, without any of the library's code. */
import type { Page } from './app.ts';
import type { Answer } from './http-browser.ts';

/** Something that ends sessions was asked at `from`, and acknowledged at `to`: never, where its answer was lost. */
export interface Span {
  readonly from: number;
  to: number;
}

interface Entry {
  readonly user: string;
  /** When its sign-in was asked, and acknowledged. */
  readonly signIn: Span;
  /** What may have ended it. */
  readonly ends: Span[];
  /** From here on it is dead: an end that certainly meant it was acknowledged. */
  deadAt: number;
}

export interface Judged {
  authenticated: number;
  refused: number;
  /** Nothing that was asked could have ended the session. */
  readonly signedOut: string[];
  /** Asked after an end was acknowledged, and served all the same. */
  readonly revived: string[];
}

export class Ledger {
  readonly judged: Judged = { authenticated: 0, refused: 0, signedOut: [], revived: [] };
  readonly #sessions = new Map<string, Entry>();
  readonly #byUser = new Map<string, Set<string>>();
  /** By user, and by session. Kept apart, since a session can be ended before its browser has heard that it is signed in. */
  readonly #revocations = new Map<string, Span[]>();
  readonly #ends = new Map<string, Span[]>();

  signedIn(user: string, id: string, signIn: Span): void {
    const overlapping = (this.#revocations.get(user) ?? []).filter(({ to }) => to > signIn.from);
    const ends = listIn(this.#ends, id);
    ends.push(...overlapping);
    this.#sessions.set(id, { user, signIn, ends, deadAt: Number.POSITIVE_INFINITY });
    this.#idsOf(user).add(id);
  }

  /** One session is about to be ended. The span is closed by `ended`. */
  ending(id: string, from: number): Span {
    const span = { from, to: Number.POSITIVE_INFINITY };
    listIn(this.#ends, id).push(span);
    return span;
  }

  ended(id: string, span: Span, to: number): void {
    span.to = to;
    const entry = this.#sessions.get(id);
    if (entry) entry.deadAt = Math.min(entry.deadAt, to);
  }

  /** All sessions of a user but one are about to be ended. */
  revoking(user: string, except: string | undefined, from: number): Span {
    const span = { from, to: Number.POSITIVE_INFINITY };
    listIn(this.#revocations, user).push(span);
    for (const id of this.#idsOf(user)) if (id !== except) this.#sessions.get(id)?.ends.push(span);
    return span;
  }

  /** A sign-in that was under way may have come after it. */
  revoked(user: string, except: string | undefined, span: Span, to: number): void {
    span.to = to;
    for (const id of this.#idsOf(user)) {
      const entry = this.#sessions.get(id);
      if (!entry || id === except || entry.signIn.to > span.from) continue;
      entry.deadAt = Math.min(entry.deadAt, to);
    }
  }

  /** What an answer to the cookie of session `id` says of it. Whether the session was served. */
  judge(id: string, page: Page, { startedAt, endedAt }: Answer): boolean {
    const entry = this.#sessions.get(id);
    if (!entry) throw new Error('a session that nobody signed in to');
    if (page.id === id && page.user === entry.user) {
      this.judged.authenticated++;
      if (startedAt > entry.deadAt) {
        this.judged.revived.push(`${id} ${Math.round(startedAt - entry.deadAt)} ms after its end`);
      }
      return true;
    }
    this.judged.refused++;
    if (!entry.ends.some(({ from }) => from < endedAt)) {
      this.judged.signedOut.push(`${entry.user}: ${page.user ?? 'nobody'}, ${page.rejected ?? 'no reason'}`);
    }
    return false;
  }

  /** By now: which sessions are certainly alive, and which certainly dead. */
  sessionsOf(user: string): { readonly alive: readonly string[]; readonly dead: readonly string[] } {
    const ids = [...this.#idsOf(user)];
    return {
      alive: ids.filter((id) => this.#sessions.get(id)?.ends.length === 0),
      dead: ids.filter((id) => this.#sessions.get(id)?.deadAt !== Number.POSITIVE_INFINITY),
    };
  }

  #idsOf(user: string): Set<string> {
    const ids = this.#byUser.get(user) ?? new Set();
    this.#byUser.set(user, ids);
    return ids;
  }
}

function listIn<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
