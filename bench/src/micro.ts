/**
 * The hot path in a loop: what one call costs, minimum and median over the rounds, in nanoseconds, and the bytes it allocates.
 * In a server the same calls are dearer; compare lines with each other, not with a request.
 *
 * `npm run micro -w bench`
 */
import { DatabaseSync } from 'node:sqlite';
import { parseCookie } from 'cookie';
import { createSessions, type SessionStore } from 'holdfast';
import { memoryStore } from 'holdfast/stores/memory';
import { sqliteStore } from 'holdfast/stores/sqlite';
import { readCookie } from '../../packages/holdfast/src/cookie.ts';
import { guardStore } from '../../packages/holdfast/src/guard/guarded-store.ts';
import { resolveGuard } from '../../packages/holdfast/src/guard/options.ts';
import { sha256 } from '../../packages/holdfast/src/platform.ts';
import { mintToken, formatToken, parseToken } from '../../packages/holdfast/src/token.ts';
import { verdict } from '../../packages/holdfast/src/verdict.ts';
import { sessionRecord } from './session-record.ts';
import { systemRandom } from '../../packages/holdfast/src/platform.ts';

const ROUNDS = 25;
const CALLS = 20_000;

async function measure(name: string, call: () => unknown, calls = CALLS): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) {
      const result = call();
      if (result instanceof Promise) await result;
    }
    times.push(((performance.now() - start) * 1e6) / calls);
  }
  times.sort((a, b) => a - b);
  const [minimum = 0, median = 0] = [times[0], times[times.length >> 1]];
  return `| ${name} | ${minimum.toFixed(0)} | ${median.toFixed(0)} | ${await allocated(call)} |`;
}

/** Few enough calls that what they allocate is not collected meanwhile. */
const ALLOCATING = 400;

/** Bytes of one call: the median of several looks, since a collection may fall into one. */
async function allocated(call: () => unknown): Promise<string> {
  const looks: number[] = [];
  for (let look = 0; look < 7; look++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < ALLOCATING; i++) {
      const result = call();
      if (result instanceof Promise) await result;
    }
    const bytes = (process.memoryUsage().heapUsed - before) / ALLOCATING;
    if (bytes >= 0) looks.push(bytes);
  }
  return looks.length === 0 ? '–' : (looks.toSorted((a, b) => a - b)[looks.length >> 1] ?? 0).toFixed(0);
}

async function signedIn(store: SessionStore) {
  const sessions = createSessions({ store });
  const request = (cookie: string) => ({ method: 'GET', url: '/', headers: new Headers({ cookie }) });
  const session = await sessions.open(request(''));
  session.set('color', 'blue');
  await session.signIn({ userId: 'ada' });
  const [set = ''] = (await sessions.commit(session)).setCookies;
  const again = request(`theme=dark; consent=1; ${set.split(';')[0]}`);
  return async () => {
    const opened = await sessions.open(again);
    opened.get('color');
    const committed = sessions.commit(opened);
    return committed instanceof Promise ? await committed : committed;
  };
}

const token = formatToken(mintToken(systemRandom));
const header = `theme=dark; consent=1; ab=17; __Host-session=${token}; _ga=GA1.2.3; lang=en`;

console.log('| call | minimum | median | bytes |\n|---|---|---|---|');
console.log(await measure('one cookie of six: `readCookie`', () => readCookie(header, '__Host-session')));
console.log(
  await measure('one cookie of six: `cookie`.parseCookie', () => parseCookie(header)['__Host-session']),
);
console.log(await measure('`parseToken`', () => parseToken(token)));
console.log(await measure('`sha256` of lineage and secret', () => sha256(token.slice(23))));
const record = sessionRecord(0);
const policy = {
  grace: 60_000,
  clockSkew: 10_000,
  onIdle: 'end',
  renewAfter: 900_000,
  touchInterval: 60_000,
} as const;
const presented = { hashes: { ...record }, client: record.client, passive: false };
const now = record.lastSeenAt + 1;
console.log(await measure('`verdict`', () => verdict(record, presented, policy, now)));
const stored = memoryStore();
await stored.insert(record);
console.log(await measure('a record read from memory', () => stored.read(record.id)));
console.log(await measure('`mintToken`', () => mintToken(systemRandom)));
/** The least that a store can cost, so that what is left is the guard. */
const instant: SessionStore = { ...memoryStore(), epochOf: async () => 0 };
const guardedBy = (options: Parameters<typeof resolveGuard>[0]): Pick<SessionStore, 'epochOf'> =>
  guardStore(instant, resolveGuard(options), () => undefined, { now: () => 0 });
const guarded = guardedBy({});
const reporting = guardedBy({ onCall: () => undefined });
console.log(await measure('a call to a store', () => instant.epochOf('user:ada')));
console.log(await measure('the same, guarded', () => guarded.epochOf('user:ada')));
console.log(await measure('the same, guarded, with `onCall`', () => reporting.epochOf('user:ada')));
console.log(await measure('open, get, commit on memory', await signedIn(memoryStore()), 5_000));
console.log(
  await measure(
    'open, get, commit on SQLite',
    await signedIn(sqliteStore(new DatabaseSync(':memory:'))),
    5_000,
  ),
);
