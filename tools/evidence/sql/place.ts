/** A database to be filled with sessions, and what it says of itself. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { sessionRecord } from '../../../bench/src/session-record.ts';
import type { SessionRecord } from '../../../packages/holdfast/src/record.ts';
import type { SessionStore } from '../../../packages/holdfast/src/store.ts';

/** In bytes. */
export interface Sizes {
  readonly sessions: number;
  readonly indexes: number;
  /** Who has which session, its indexes included. */
  readonly members: number;
}

/** Since the start of the server. */
export interface Work {
  /** Microseconds of CPU of the whole server. */
  readonly cpu: number;
  /** Pages looked at, wherever they were; `undefined` where nobody counts them. */
  readonly pages: number | undefined;
}

export interface Place {
  readonly name: string;
  readonly version: string;
  /** On one connection. */
  readonly store: SessionStore;
  /** On a connection of its own. */
  another(): SessionStore;
  /** Puts the sessions with these numbers there, by the server itself: what one sign-in costs is measured elsewhere. */
  fill(from: number, to: number): Promise<void>;
  /** The touch that the store sends, to every session once, in random order. */
  touchAll(at: number): Promise<void>;
  /** What autovacuum, or whatever there is, would do sooner or later. */
  settle(): Promise<void>;
  /** From now on that comes by itself. */
  unattended?(): Promise<void>;
  sizes(): Promise<Sizes>;
  work(): Promise<Work>;
  stop(): Promise<void>;
}

const template = sessionRecord(0);
export const SEEN_AT = template.lastSeenAt;
export const EXPIRES_AT = template.absoluteExpiresAt;
export const SESSIONS_EACH = 5;

/** As random, and as long, as an id is; databases can say the same in SQL. */
export function idAt(n: number): string {
  return createHash('md5').update(String(n)).digest('base64url');
}

export function indexAt(n: number): string {
  return `user:user-${Math.floor(n / SESSIONS_EACH)}`;
}

/** Deadlines differ, since an index that has one value a million times is smaller than a real one. */
export function recordAt(n: number): SessionRecord {
  const userId = indexAt(n).slice('user:'.length);
  return { ...template, id: idAt(n), userId, indexes: [indexAt(n)], absoluteExpiresAt: EXPIRES_AT + n };
}

/** What a server's processes have had of the CPU, in microseconds, by Linux. */
export async function cpuOf(pids: readonly number[]): Promise<number> {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
      const text = await readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8').catch(() => '0');
      nanoseconds += Number(text.split(' ')[0]);
    }
  }
  return nanoseconds / 1_000;
}
