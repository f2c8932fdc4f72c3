/** What must hold after any order of steps, and after any crash. */
import type { Sessions } from '../../src/sessions.ts';
import type { SessionStore } from '../../src/store.ts';
import { type Act, type Browser, open, type Scenario } from './scenario.ts';

export interface Played {
  readonly act: Act;
  outcome: 'done' | 'refused' | 'crashed';
  /**
   * The places of its first and of its last step among all steps; 0 where it took none. A sign-in begins where it turns to
   * the index: before that it may have ended the session of somebody else.
   */
  beganAt: number;
  lastAt: number;
  /** The place of the step by which a sign-in was first told the epoch; 0 where it was not. */
  toldAt: number;
}

export interface Outcome {
  readonly scenario: Scenario;
  readonly played: readonly Played[];
  readonly browsers: readonly Browser[];
  readonly user: string;
  readonly index: string;
  /** Every session that there may be. */
  readonly ids: ReadonlySet<string>;
  readonly sessions: Sessions;
  readonly store: SessionStore;
  readonly isCrashed: boolean;
}

function must(condition: boolean, promise: string): void {
  if (!condition) throw new Error(promise);
}

/** @throws Error with the promise that was broken */
export async function judge(outcome: Outcome): Promise<void> {
  const live = await liveAndListed(outcome);
  const signedIn: boolean[] = [];
  for (const browser of outcome.browsers) {
    signedIn.push((await open(outcome.sessions, browser)).userId === outcome.user);
  }
  nothingOutlivesTheEndOfAll(outcome, signedIn);
  signOutsHold(outcome, signedIn);
  limitHolds(outcome, live);
  nobodyIsSignedOutInVain(outcome, signedIn);
  await canAllBeEnded(outcome);
}

async function liveAndListed({ ids, index, user, store }: Outcome): Promise<number> {
  const list = (await store.listBy(index)).map(({ id }) => id);
  const listed = new Set(list);
  must(listed.size === list.length, 'a session is listed twice');
  let live = 0;
  for (const id of new Set([...ids, ...listed])) {
    const record = await store.read(id);
    const isLive = record !== undefined && !record.ended && record.userId === user;
    must(!isLive || listed.has(id), 'a session is live and not listed');
    must(isLive || !listed.has(id), 'a session is listed and not live');
    if (isLive) live++;
  }
  return live;
}

/**
 * A sign-in whose process was killed has given its cookie to nobody: should its session be live, it is listed, and that is
 * all that is asked of it.
 */
function nothingOutlivesTheEndOfAll(
  { scenario, played, browsers }: Outcome,
  signedIn: readonly boolean[],
): void {
  for (const { act, outcome, beganAt } of played) {
    if (act.kind !== 'revoke all' || outcome !== 'done') continue;
    for (const i of browsers.keys()) {
      if (i === act.except) continue;
      const isSigningInLater = played.some(
        (other) => other.act.kind === 'sign in' && other.act.browser === i && other.beganAt > beganAt,
      );
      must(
        !signedIn[i] || isSigningInLater,
        `browser ${i} (${scenario.browsers[i]}) outlives the end of all sessions`,
      );
    }
  }
}

function signOutsHold({ played }: Outcome, signedIn: readonly boolean[]): void {
  for (const { act, outcome } of played) {
    if (act.kind === 'sign out' && outcome === 'done')
      must(!signedIn[act.browser], 'a session outlives its sign-out');
  }
}

/** A process that was killed may leave one more behind, until the next sign-in. */
function limitHolds({ scenario, played, isCrashed }: Outcome, live: number): void {
  const { limit, browsers } = scenario;
  if (limit === undefined || isCrashed) return;
  must(live <= limit, `${live} sessions are live, over the limit of ${limit}`);
  if (played.some(({ act }) => act.kind !== 'sign in')) return;
  const all = played.length + browsers.filter((what) => what === 'a session').length;
  must(live === Math.min(limit, all), `${live} sessions are live, and the limit of ${limit} ended too many`);
}

/** Who was told that the sign-in is done is signed in, where nobody has ended anything since it began. */
function nobodyIsSignedOutInVain({ scenario, played }: Outcome, signedIn: readonly boolean[]): void {
  if (scenario.limit !== undefined || played.some(({ act }) => act.kind === 'sign out')) return;
  const ends = played.filter(({ act }) => act.kind === 'revoke all');
  for (const { act, outcome, beganAt } of played) {
    if (act.kind !== 'sign in' || ends.some(({ lastAt }) => lastAt > beganAt)) continue;
    must(outcome !== 'done' || signedIn[act.browser] === true, 'a sign-in that was done is not signed in');
  }
}

async function canAllBeEnded({ sessions, browsers, ids, user, store, index }: Outcome): Promise<void> {
  await sessions.revokeAll(user);
  must((await store.listBy(index)).length === 0, 'a session is listed after all were ended');
  for (const id of ids) {
    const record = await store.read(id);
    must(record === undefined || !!record.ended || record.userId !== user, 'a session can not be ended');
  }
  for (const browser of browsers) {
    must(
      (await open(sessions, browser)).userId !== user,
      'a browser is signed in after all sessions were ended',
    );
  }
}
