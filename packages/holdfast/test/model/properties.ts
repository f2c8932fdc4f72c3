/**
 * Everything at once: tabs, lost and late answers, restored jars, thieves, two servers with skewed clocks, and a store that fails before
 * and after its writes. Whatever happens, no invariant breaks. The library must not be able to tell which run it is in.
 */
import fc from 'fast-check';
import { memoryStore } from '../../src/stores/memory.ts';
import { ABSOLUTE, GRACE, type Operation, OPERATIONS, RENEW, SKEW } from './constants.ts';
import { World, type WorldOptions } from './world.ts';

export interface Runs {
  readonly numRuns: number;
  readonly seed: number;
  /** Report the first failure as it is, without looking for a shorter one. */
  readonly endOnFailure?: boolean;
}

type Step = { readonly kind: string; readonly a: number; readonly b: number };

const kinds = [
  'visit',
  'visit',
  'visit',
  'visit',
  'tabs',
  'tabs',
  'renew',
  'renew',
  'renew',
  'late',
  'late',
  'late',
  'replay',
  'replay',
  'slow',
  'slow',
  'send',
  'send',
  'send',
  'arrive',
  'arrive',
  'arrive',
  'store',
  'store',
  'store',
  'store',
  'store',
  'store',
  'answer',
  'answer',
  'answer',
  'wait',
  'wait',
  'wait',
  'lose',
  'fault',
  'restore',
  'steal',
  'guess',
  'revoke',
  'revoke-all',
];
const small = fc.nat({ max: 997 });
const stepsOf = (among: readonly string[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ kind: fc.constantFrom(...among), a: small, b: small }), {
    minLength: 10,
    maxLength: 80,
    size: 'max',
  });
const steps = stepsOf(kinds);

/** What befalls notices on their way to the caches. */
const NOTICES = [
  'tell',
  'tell',
  'tell',
  'miss',
  'cut',
  'mend',
  'mend',
  'moment',
  'moment',
  'overlap',
  'overlap',
];
const stepsWithCaches = stepsOf([...kinds, ...NOTICES]);

/** Most applications; and those whose sessions last for an hour, or are locked by idleness. */
const worlds: fc.Arbitrary<WorldOptions> = fc.constantFrom(
  { absolute: ABSOLUTE, onIdle: 'end' },
  { absolute: 3_600_000, onIdle: 'end' },
  { absolute: ABSOLUTE, onIdle: 'lock' },
);

const worldsWithCaches: fc.Arbitrary<WorldOptions> = fc
  .tuple(worlds, fc.constantFrom(5_000, 30_000, 2 * GRACE))
  .map(([options, maxAge]) => ({ ...options, maxAge }));

/** How far the clock moves: seconds, the grace, past a renewal, past idleness, past everything. */
const SPANS = [
  1_000,
  20_000,
  GRACE,
  GRACE + 1_000,
  GRACE + 2 * SKEW,
  GRACE + 2 * SKEW,
  15 * 60_000,
  16 * 60_000,
  16 * 60_000,
  16 * 60_000,
  29 * 60_000,
  31 * 60_000,
  9 * 3_600_000,
];

async function take(world: World, { kind, a, b }: Step, background: Promise<void>[]): Promise<void> {
  const channel = world.channels[a % 2];
  const browser = world.browsers[a % world.browsers.length];
  if (!browser) return;
  switch (kind) {
    case 'send':
      world.send(browser, OPERATIONS[b % OPERATIONS.length] ?? 'read');
      return;
    case 'visit':
      // Nothing else happens until it is over.
      world.send(browser, OPERATIONS[b % OPERATIONS.length] ?? 'read');
      await world.finish();
      return;
    case 'renew':
      world.now += RENEW + SKEW;
      world.send(browser, 'read');
      await world.finish();
      return;
    case 'late': {
      // A cookie from before, from the browser that had it or from another.
      const cookie = browser.past[browser.past.length - 1 - (b % Math.min(3, browser.past.length))];
      const sender = world.browsers[(a + (b % 3 === 0 ? 1 : 0)) % world.browsers.length] ?? browser;
      if (cookie === undefined) return;
      world.send({ ...sender, jar: cookie }, 'read');
      await world.finish();
      return;
    }
    case 'replay': {
      // An older cookie, three times: in a burst, or one by one.
      const cookie = browser.past.at(-2);
      if (cookie === undefined) return;
      for (let time = 0; time < 3; time++) {
        world.send({ ...browser, jar: cookie }, 'read');
        await world.finish();
        world.now += b % 2 ? 1_000 : GRACE + 2 * SKEW;
      }
      world.send(browser, 'read');
      await world.finish();
      return;
    }
    case 'slow': {
      // Opened now, and gone on with when time has passed and something else has happened.
      await world.finish();
      world.send(browser, OPERATIONS[b % OPERATIONS.length] ?? 'read');
      world.arrive(0, a);
      await world.letReadThrough();
      const paused = world.gate.waiting.splice(0);
      world.now += SPANS[a % SPANS.length] ?? 0;
      world.send(browser, OPERATIONS[(a + b) % OPERATIONS.length] ?? 'read');
      await world.finish();
      world.gate.waiting.push(...paused);
      await world.finish();
      return;
    }
    case 'tabs':
      // Two tabs at once, which are both at the server by now.
      for (const operation of [OPERATIONS[b % OPERATIONS.length], OPERATIONS[a % OPERATIONS.length]]) {
        world.send(browser, operation ?? 'read');
        world.arrive(world.requests.length - 1, a + b);
      }
      return;
    case 'guess':
      world.guess(browser, OPERATIONS[b % OPERATIONS.length] ?? 'read');
      return;
    case 'arrive':
      if (world.requests.length > 0) world.arrive(a, b);
      return;
    case 'store':
      if (world.gate.waiting.length > 0) await world.letThrough(a, 'through');
      return;
    case 'fault':
      if (world.gate.waiting.length > 0) await world.letThrough(a, b % 2 ? 'fails-before' : 'fails-after');
      return;
    case 'answer':
    case 'lose':
      if (world.answers.length > 0) world.answer(a, kind === 'lose');
      return;
    case 'wait':
      world.now += SPANS[b % SPANS.length] ?? 0;
      return;
    case 'tell':
      channel?.deliver(1 + (b % 3));
      return;
    case 'miss':
      channel?.lose();
      return;
    case 'cut':
      channel?.cut(b % 2 === 0);
      return;
    case 'mend':
      channel?.mend();
      return;
    case 'moment':
      world.now += b;
      return;
    case 'overlap': {
      // One request is about to change the session; a read at the same server is under way before that, or while it happens.
      // A poll writes nothing by itself.
      const server = a + b;
      const visit = async (operation: Operation): Promise<void> => {
        world.send(browser, operation);
        world.arrive(0, server);
        await world.arrivals();
      };
      await world.finish();
      await visit(OPERATIONS[b % OPERATIONS.length] ?? 'read');
      await world.letReadThrough();
      const changing = world.gate.waiting.splice(0);
      world.now += 2 * GRACE;
      if (a % 2) {
        await visit('poll');
        if (world.gate.waiting.length > 0) await world.letThrough(0, 'through');
        const reading = world.gate.waiting.splice(0);
        world.gate.waiting.push(...changing);
        await world.finish();
        world.gate.waiting.push(...reading);
      } else {
        world.gate.waiting.push(...changing);
        if (changing.length > 0) await world.letThrough(0, 'through');
        const applying = world.gate.waiting.splice(0);
        await visit('poll');
        await world.finish();
        world.gate.waiting.push(...applying);
      }
      await world.finish();
      await visit('poll');
      await world.finish();
      return;
    }
    case 'restore':
      if (browser.past.length > 0) browser.jar = browser.past[b % browser.past.length];
      return;
    case 'steal':
      browser.jar = world.browsers[b % world.browsers.length]?.jar;
      return;
    case 'revoke':
    case 'revoke-all':
      background.push(world.revoke(b % 2 ? 'ada' : 'bob', kind === 'revoke-all'));
  }
}

async function live(run: readonly Step[], seed: number, options: WorldOptions): Promise<World> {
  // Two honest browsers of one make, and a third of another.
  const world = new World(memoryStore(), seed, ['Firefox/140.0', 'Firefox/141.0', 'curl/8'], options);
  const background: Promise<void>[] = [];
  // Most of what can go wrong goes wrong with somebody who is signed in.
  for (const browser of world.browsers.slice(0, seed % 3)) world.send(browser, 'sign-in');
  await world.finish();
  for (const step of run) {
    await take(world, step, background);
    await world.arrivals();
    if (world.ghosts.failure !== undefined) throw world.ghosts.failure;
  }
  await world.finish();
  await Promise.all(background);
  if (world.ghosts.failure !== undefined) throw world.ghosts.failure;
  return world;
}

async function listed(world: World, userId: string): Promise<string[]> {
  const list = world.servers[0]?.list(userId).then((infos) => infos.map((info) => info.id));
  await world.finish();
  return (await list) ?? [];
}

/** The invariants hold in every world (invariants 1 to 10). */
export async function invariantsHold(runs: Runs, hasCaches = false): Promise<void> {
  const among = hasCaches ? ([stepsWithCaches, worldsWithCaches] as const) : ([steps, worlds] as const);
  await fc.assert(
    fc.asyncProperty(among[0], fc.integer(), among[1], async (run, secrets, options) => {
      const world = await live(run, secrets, options);
      const { ghosts } = world;

      for (const userId of ['ada', 'bob']) {
        const ids = await listed(world, userId);
        for (const ghost of ghosts.all()) {
          const isListed = ids.includes(ghost.id);
          if (ghost.isEnded && isListed) throw new Error(`invariant 10: ${ghost.id} is listed and has ended`);
          if (isListed && !ghost.users.has(userId))
            throw new Error(`invariant 10: ${ghost.id} is another user's`);
        }
        for (const ghost of ghosts.of(userId)) {
          const mustLive =
            !ghost.mayBeEnded &&
            world.now - ghost.changedAt < 29 * 60_000 &&
            world.now < ghost.madeAt + (options.absolute ?? ABSOLUTE) - SKEW;
          if (mustLive && !ids.includes(ghost.id)) throw new Error(`invariant 10: ${ghost.id} is not listed`);
        }
      }

      const written = world.gate.written();
      const heard = JSON.stringify(ghosts.events);
      for (const secret of ghosts.secrets) {
        if (written.includes(secret)) throw new Error('invariant 1: a secret reached the store');
        if (heard.includes(secret)) throw new Error('invariant 1: a secret reached an event');
      }
    }),
    runs,
  );
}

/** Only what befalls people who are honest: no theft, no fault, no restored jar, no delay beyond the grace. */
const HONEST = kinds.filter((kind) => ['send', 'arrive', 'store', 'answer', 'wait', 'lose'].includes(kind));
const honestSteps = stepsOf(HONEST);
const honestStepsWithCaches = stepsOf([
  ...HONEST,
  ...NOTICES.filter((kind) => !['moment', 'overlap'].includes(kind)),
]);
const GENTLE = ['read', 'poll', 'set', 'increment', 'read', 'read'] as const;

/** Nobody honest is signed out by tabs, renewals, and answers that are late or lost. */
export async function honestStaySignedIn(runs: Runs, maxAge?: number): Promise<void> {
  const among = maxAge === undefined ? honestSteps : honestStepsWithCaches;
  await fc.assert(
    fc.asyncProperty(among, fc.integer(), async (run, secrets) => {
      const options = maxAge === undefined ? {} : { maxAge };
      const world = new World(memoryStore(), secrets, ['Firefox/140.0'], options);
      const [browser] = world.browsers;
      if (!browser) return;
      world.send(browser, 'sign-in');
      await world.finish();
      const signedInAt = world.now;
      let onTheirWayFor = 0;
      let idleFor = 0;
      for (const { kind, a, b } of run) {
        const operation = GENTLE[b % GENTLE.length] ?? 'read';
        if (kind === 'send') world.send(browser, operation);
        if (kind !== 'wait' && kind !== 'send') await take(world, { kind, a, b }, []);
        await world.arrivals();
        if (kind !== 'wait') continue;
        const span = SPANS[b % SPANS.length] ?? 0;
        if (world.now + span - signedInAt > 7 * 3_600_000) continue;
        // What is on its way arrives within the grace, and the user reads on before idling out.
        onTheirWayFor += span;
        if (onTheirWayFor > GRACE - 2 * SKEW) {
          await world.finish();
          onTheirWayFor = 0;
        }
        idleFor += span;
        if (idleFor > 27 * 60_000) {
          world.send(browser, 'read');
          await world.finish();
          idleFor = span;
        }
        if (idleFor <= 29 * 60_000 - SKEW) world.now += span;
      }
      await world.finish();
      world.send(browser, 'read');
      await world.finish();
      if (world.ghosts.failure !== undefined) throw world.ghosts.failure;
      const refused = world.ghosts.events.filter(
        ({ type }) => !['created', 'signed_in', 'renewed'].includes(type),
      );
      if (refused.length > 0)
        throw new Error(`an honest browser caused: ${refused.map(({ type }) => type).join(', ')}`);
    }),
    runs,
  );
}
