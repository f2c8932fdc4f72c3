/**
 * A thief and an owner with one session, under the default policy: how long the stolen cookie is worth something.
 *
 * The thief's worth is read from the store by the verdict alone, once a minute and after every request, so that looking changes nothing.
 */
import { createSessions, type Random, type SessionEvent, type SessionRecord } from '../../src/index.ts';
import { resolveOptions } from '../../src/options.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { hashToken, parseToken } from '../../src/token.ts';
import { verdict } from '../../src/verdict.ts';
import { seededRandom } from './seeded-random.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const OWNERS_BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const ANOTHER_BROWSER = 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1 Safari/605.1';

export interface Thief {
  readonly name: string;
  /** When the thief comes with the cookie: once, or again and again after so many milliseconds. */
  readonly comes: 'once' | number;
  readonly userAgent: string;
  readonly address: string;
  /** What is stolen: the cookie of a moment in the day, the last one before the owner leaves, or one that was renewed since. */
  readonly steals: 'current' | 'when leaving' | 'retired';
}

const nearby = { userAgent: OWNERS_BROWSER, address: '192.0.2.1', steals: 'current' } as const;

export const thieves: readonly Thief[] = [
  { ...nearby, name: 'comes once, same browser', comes: 'once' },
  { ...nearby, name: 'comes once, other browser', comes: 'once', userAgent: ANOTHER_BROWSER },
  { ...nearby, name: 'every minute, other browser', comes: MINUTE, userAgent: ANOTHER_BROWSER },
  { ...nearby, name: 'every minute, copied User-Agent', comes: MINUTE },
  {
    ...nearby,
    name: 'every minute, copied User-Agent, other address',
    comes: MINUTE,
    address: '203.0.113.9',
  },
  { ...nearby, name: 'every hour, other browser', comes: HOUR, userAgent: ANOTHER_BROWSER },
  { ...nearby, name: 'every hour, copied User-Agent', comes: HOUR },
  { ...nearby, name: 'every 5 seconds, in step with each renewal', comes: 5 * SECOND },
  {
    ...nearby,
    name: 'steals when the owner leaves, every minute',
    comes: MINUTE,
    steals: 'when leaving',
  },
  {
    ...nearby,
    name: 'retired cookie from a log, other browser',
    comes: 'once',
    steals: 'retired',
    userAgent: ANOTHER_BROWSER,
  },
  { ...nearby, name: 'retired cookie from a log, copied User-Agent', comes: 'once', steals: 'retired' },
];

export interface Outcome {
  /** How long the stolen cookie was worth something, from the theft on. */
  readonly exposure: number;
  /** An event said that a retired secret was presented. */
  readonly isNoticed: boolean;
  /** Whether a request of the thief was ever accepted. */
  readonly gotIn: boolean;
  /** The owner was refused, and not by a timeout. */
  readonly isOwnerRefused: boolean;
}

/** Numbers from 0 to 1. */
function chances(random: Random): () => number {
  return () => {
    const [a = 0, b = 0, c = 0] = random(3);
    return (a * 65_536 + b * 256 + c) / 16_777_216;
  };
}

/** From one request of the owner to the next: mostly reading, sometimes a call, now and then lunch. Below the idle limit. */
function pause(chance: () => number): number {
  const kind = chance();
  if (kind < 0.8) return (3 + chance() * 57) * SECOND;
  if (kind < 0.97) return (1 + chance() * 9) * MINUTE;
  return (10 + chance() * 16) * MINUTE;
}

/** One working day, with a thief or without. */
export async function simulate(thief: Thief | undefined, seed: number): Promise<Outcome> {
  const random = seededRandom(seed);
  const chance = chances(seededRandom(seed ^ 0x5eed));
  let instant = Date.UTC(2026, 0, 1);
  const clock = { now: () => instant };
  const store = memoryStore();
  const events: SessionEvent[] = [];
  const onEvent = (event: SessionEvent): void => void events.push(event);
  const sessions = createSessions({ store, clock, unsafeRandom: random, onEvent });
  const policy = resolveOptions({ store });

  let owner: string | undefined;
  let stolen: string | undefined;
  let isOwnerRefused = false;
  let gotIn = false;
  const past: string[] = [];

  async function request(
    cookie: string | undefined,
    userAgent: string,
    address: string,
    act?: 'sign-in' | 'sign-out',
  ) {
    const headers = new Headers({
      'user-agent': userAgent,
      ...(cookie && { cookie: `__Host-session=${cookie}` }),
    });
    const session = await sessions.open({ method: 'GET', url: '/', headers, remoteAddress: address });
    const { state, rejected } = session;
    if (act === 'sign-out') await session.signOut();
    if (act === 'sign-in') await session.signIn({ userId: 'ada' });
    const { setCookies } = await sessions.commit(session);
    const line = setCookies.find((each) => each.startsWith('__Host-session='));
    const value = line?.slice('__Host-session='.length).split(';')[0];
    return { isIn: state === 'authenticated', rejected, cookie: value ?? cookie };
  }

  /** One page of the owner's: one request, or two at once; one answer in fifty is lost. */
  async function ownerActs(): Promise<void> {
    const [first, second] = [chance() < 0.02, chance() < 0.15];
    const cookie = owner;
    const answers = [await request(cookie, OWNERS_BROWSER, '192.0.2.1')];
    if (second) answers.push(await request(cookie, OWNERS_BROWSER, '192.0.2.1'));
    const [answer] = answers;
    if (!answer) return;
    if (!answer.isIn) {
      const isTimeout = answer.rejected === 'idle_timeout' || answer.rejected === 'absolute_timeout';
      if (answer.rejected !== undefined && !isTimeout) isOwnerRefused = true;
      // The password is typed; the browser still sends what it has.
      instant += Math.ceil((15 + chance() * 75) * SECOND);
      owner = (await request(owner, OWNERS_BROWSER, '192.0.2.1', 'sign-in')).cookie;
      return;
    }
    if (first && !second) return;
    if (owner !== undefined && answer.cookie !== owner) past.push(owner);
    owner = answer.cookie;
  }

  async function isWorthSomething(): Promise<boolean> {
    const token = parseToken(stolen ?? '');
    if (!token || !thief) return false;
    const record: SessionRecord | undefined = await store.read(token.id);
    const { userAgent, address: ip } = thief;
    const presented = { hashes: await hashToken(token), client: { userAgent, ip }, passive: false };
    const { kind } = verdict(record, presented, policy, clock.now());
    return kind === 'valid' || kind === 'pending' || kind === 'superseded';
  }

  owner = (await request(undefined, OWNERS_BROWSER, '192.0.2.1', 'sign-in')).cookie;
  const start = clock.now();
  const leavesAt = start + (3 + chance() * 5) * HOUR;
  const theftAt = thief?.steals === 'when leaving' ? leavesAt - MINUTE : start + (5 + chance() * 85) * MINUTE;
  const signsOut = thief?.steals !== 'when leaving' && chance() < 0.5;

  let ownerAt = start + pause(chance);
  let thiefAt = Infinity;
  let looksAt = theftAt;
  let stolenAt: number | undefined;
  let outAt: number | undefined;
  let hasLeft = false;

  while (clock.now() < start + 2 * DAY) {
    const next = Math.min(ownerAt, thiefAt, thief && outAt === undefined ? looksAt : Infinity);
    if (!Number.isFinite(next) || (thief && outAt !== undefined && thiefAt === Infinity)) break;
    instant = Math.max(instant, Math.ceil(next));
    const now = instant;
    if (now >= looksAt) looksAt = now + MINUTE;

    if (thief && stolenAt === undefined && now >= theftAt) {
      const loot = thief.steals === 'retired' ? past.at(-1) : owner;
      if (loot !== undefined) {
        stolen = loot;
        stolenAt = now;
        thiefAt =
          now + (thief.comes === 'once' ? chance() * HOUR : Math.min(thief.comes, chance() * thief.comes));
      }
    }
    if (now >= ownerAt) {
      if (now < leavesAt) {
        await ownerActs();
        ownerAt = instant + pause(chance);
      } else {
        if (!hasLeft && signsOut) await request(owner, OWNERS_BROWSER, '192.0.2.1', 'sign-out');
        hasLeft = true;
        ownerAt = Infinity;
      }
    }
    if (thief && now >= thiefAt) {
      const answer = await request(stolen, thief.userAgent, thief.address);
      gotIn ||= answer.isIn;
      if (answer.isIn) stolen = answer.cookie;
      thiefAt = answer.isIn && thief.comes !== 'once' ? now + thief.comes : Infinity;
    }
    if (stolenAt !== undefined && outAt === undefined && !(await isWorthSomething())) outAt = now;
  }

  const exposure = stolenAt === undefined ? 0 : (outAt ?? clock.now()) - stolenAt;
  return { exposure, isNoticed: events.some(({ type }) => type === 'reused'), gotIn, isOwnerRefused };
}

export interface Summary {
  readonly runs: number;
  readonly median: number;
  readonly most: number;
  readonly longest: number;
  readonly noticed: number;
  readonly gotIn: number;
  readonly ownersRefused: number;
}

export async function summarize(thief: Thief | undefined, runs: number, seed: number): Promise<Summary> {
  const outcomes: Outcome[] = [];
  for (let run = 0; run < runs; run++) outcomes.push(await simulate(thief, seed + run * 7919));
  const exposures = outcomes.map(({ exposure }) => exposure).toSorted((a, b) => a - b);
  const at = (share: number): number => exposures[Math.min(runs - 1, Math.floor(share * runs))] ?? 0;
  const share = (is: (outcome: Outcome) => boolean): number => outcomes.filter(is).length / runs;
  return {
    runs,
    median: at(0.5),
    most: at(0.95),
    longest: at(1),
    noticed: share(({ isNoticed }) => isNoticed),
    gotIn: share((outcome) => outcome.gotIn),
    ownersRefused: share(({ isOwnerRefused: isRefused }) => isRefused),
  };
}
