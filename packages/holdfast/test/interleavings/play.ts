/**
 * Every order in which the steps of a scenario can happen, without a crash and with one after each step of each server, on
 * the library itself.
 */
import type { Random } from '../../src/platform.ts';
import { createSessions, type Sessions } from '../../src/sessions.ts';
import { userIndex } from '../../src/record.ts';
import type { SessionStore } from '../../src/store.ts';
import { type ManualClock, manualClock } from '../../src/testing/index.ts';
import { seededRandom } from '../model/seeded-random.ts';
import { type Choose, everyOrder } from './every-order.ts';
import { Actor, type Gate, quiet } from './gate.ts';
import { judge, type Played } from './judge.ts';
import { type Act, begin, type Browser, prepare, type Scenario, USER } from './scenario.ts';

export interface OpenedForInterleavings {
  /** The store as it is: for what stands before, and for the look at the end. */
  readonly store: SessionStore;
  /** The same data through a gate: for one server. Called a few times, before the first play. */
  gated(gate: Gate): SessionStore | Promise<SessionStore>;
  /**
   * Left out: an admission is one step, and a sign-in that begins it before all sessions are ended does not outlive that. Where
   * it takes several, it happens at some instant between the first and the last of them, as any call does that races with
   * another; then what must not outlive the end is a sign-in that has been told the epoch before.
   */
  readonly admitsInSteps?: true;
  close(): Promise<void>;
}

const START = Date.now();
let runs = 0;

/** A server whose steps pass a gate only while a play is on. */
interface Slot {
  readonly store: SessionStore;
  actor: Actor | undefined;
}

async function openSlot(opened: OpenedForInterleavings): Promise<Slot> {
  const slot: { actor: Actor | undefined } = { actor: undefined };
  const store = await opened.gated((step, run) => (slot.actor ? slot.actor.gate(step, run) : run()));
  return Object.assign(slot, { store });
}

/**
 * @param crashes whether each order is also played with one of the processes killed after each of its steps
 * @returns how many orders were played, crashes included
 */
export async function playEvery(
  scenario: Scenario,
  open: () => Promise<OpenedForInterleavings>,
  { crashes = true }: { readonly crashes?: boolean } = {},
): Promise<number> {
  const opened = await open();
  try {
    const slots: Slot[] = [];
    for (const _ of scenario.acts) slots.push(await openSlot(opened));
    await warmUp(scenario, opened, slots);
    const most = scenario.acts.map(() => 0);
    const steps = await everyOrder(async (choose) => {
      const actors = await playOnce(scenario, opened, slots, choose);
      for (const [i, { taken }] of actors.entries()) most[i] = Math.max(most[i] ?? 0, taken);
    });
    let plays = steps;
    for (const [who, count] of crashes ? most.entries() : []) {
      for (let after = 1; after < count; after++) {
        const crash = { who, after };
        plays += await everyOrder(async (choose) => {
          await playOnce(scenario, opened, slots, choose, crash);
        });
      }
    }
    return plays;
  } finally {
    await opened.close();
  }
}

/** A client may have more to do the first time: load its scripts, find its servers. */
async function warmUp(
  scenario: Scenario,
  opened: OpenedForInterleavings,
  slots: readonly Slot[],
): Promise<void> {
  for (const { store } of slots) {
    const acts: readonly Act[] = [{ kind: 'sign in', browser: 0 }, { kind: 'revoke all' }];
    const play = new Play({ ...scenario, limit: 1 }, opened.store);
    const browsers = await play.begin();
    const sessions = play.server(store, { onEntering: () => undefined, onEntered: () => undefined });
    for (const act of acts) await (await prepare(sessions, act, browsers, play.user))();
  }
}

interface Crash {
  readonly who: number;
  readonly after: number;
}

async function playOnce(
  scenario: Scenario,
  opened: OpenedForInterleavings,
  slots: readonly Slot[],
  choose: Choose,
  crash?: Crash,
): Promise<readonly Actor[]> {
  const play = new Play(scenario, opened.store);
  const browsers = await play.begin();
  const actors = scenario.acts.map(
    ({ kind }, who) => new Actor(kind !== 'sign in', crash?.who === who ? crash.after : Infinity),
  );
  const played: Played[] = [];
  const order: string[] = [];
  for (const [who, act] of scenario.acts.entries()) {
    const slot = slots[who] as Slot;
    const actor = actors[who] as Actor;
    const one: Played = { act, outcome: 'crashed', beganAt: 0, toldAt: 0, lastAt: 0 };
    played.push(one);
    const sessions = play.server(slot.store, {
      onEntering: () => (actor.isUnderWay = true),
      // Of the step that is being taken.
      onEntered: () => (one.toldAt ||= order.length + 1),
    });
    const run = await prepare(sessions, act, browsers, play.user);
    slot.actor = actor;
    run().then(
      () => (one.outcome = 'done'),
      (error: unknown) => Object.assign(one, { outcome: 'refused', error }),
    );
  }
  await quiet();
  for (;;) {
    const ready = actors.filter(({ canGo }) => canGo);
    if (ready.length === 0) break;
    const actor = ready[choose(ready.length)] as Actor;
    const who = actors.indexOf(actor);
    const one = played[who] as Played;
    const { step, isUnderWay } = await actor.go();
    one.lastAt = order.push(`${who + 1}. ${one.act.kind}: ${step}`);
    if (isUnderWay) one.beganAt ||= one.lastAt;
  }
  for (const slot of slots) slot.actor = undefined;
  play.isOver = true;
  for (const one of played) {
    if (opened.admitsInSteps && one.act.kind === 'sign in') one.beganAt = one.toldAt;
  }
  try {
    await judge({
      scenario,
      played,
      browsers,
      sessions: play.healthy,
      store: opened.store,
      ...play,
      isCrashed: crash !== undefined,
    });
  } catch (error) {
    const crashed = crash
      ? `\n  the process of ${crash.who + 1} was killed after ${crash.after} of its steps`
      : '';
    throw new Error(`${(error as Error).message}, after\n  ${order.join('\n  ')}${crashed}`, {
      cause: error,
    });
  }
  return actors;
}

/** Called when a sign-in turns to the index, and each time that it has been told the epoch. */
interface Entering {
  onEntering(): void;
  onEntered(): void;
}

/** One play: a user of its own, and servers with one clock. */
class Play {
  readonly user: string;
  readonly index: string;
  readonly ids: Set<string> = new Set();
  readonly healthy: Sessions;
  isOver = false;
  readonly #scenario: Scenario;
  readonly #clock: ManualClock = manualClock(START);
  readonly #random = randomOf(++runs);

  constructor(scenario: Scenario, store: SessionStore) {
    this.#scenario = scenario;
    this.user = this.userOf(USER);
    this.index = userIndex(this.user);
    this.healthy = this.server(store);
  }

  userOf(name: string): string {
    return `${name}-${process.pid}-${runs}`;
  }

  /** @param actor left out: a server that is no actor */
  server(store: SessionStore, actor?: Entering): Sessions {
    const { limit } = this.#scenario;
    return createSessions({
      store: this.#watched(store, actor),
      clock: this.#clock,
      unsafeRandom: this.#random,
      onEvent: () => undefined,
      ...(limit !== undefined && { maxSessionsPerUser: limit }),
    });
  }

  async begin(): Promise<Browser[]> {
    const { browsers } = this.#scenario;
    const made: Browser[] = [];
    for (const what of browsers) {
      const browser = { cookie: '' };
      await begin(this.healthy, browser, what, (name) => this.userOf(name));
      made.push(browser);
      this.#clock.advance(1);
    }
    return made;
  }

  /** Learns which sessions there are. What a process that was killed may still do in its timers reaches nobody. */
  #watched(store: SessionStore, actor: Entering | undefined): SessionStore {
    const { ids } = this;
    return new Proxy(store, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as ((...values: unknown[]) => unknown) | undefined;
        return (
          method &&
          ((...values: unknown[]) => {
            if (this.isOver && actor) return new Promise(() => undefined);
            const [first, second] = values;
            if (name === 'insert') ids.add((first as { readonly id: string }).id);
            if (name === 'admit') ids.add(String(second));
            if (!actor || (name !== 'admit' && name !== 'epochOf')) return method.apply(target, values);
            actor.onEntering();
            return (method.apply(target, values) as Promise<unknown>).then((told) => {
              actor.onEntered();
              return told;
            });
          })
        );
      },
    });
  }
}

/** The same ids in the same order in each run, but for their ends: of two at one instant, the same one is the lesser. */
function randomOf(run: number): Random {
  const random = seededRandom(1);
  return (length) => {
    const bytes = random(length);
    new DataView(bytes.buffer).setUint32(length - 4, run);
    return bytes;
  };
}
