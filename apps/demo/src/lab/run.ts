/** Runs one experiment against both targets, over real HTTP, and returns what happened. */
import { randomBytes } from 'node:crypto';
import { Actor, type Wire } from './actor.ts';
import type { Experiment, Scene } from './experiment.ts';
import { sendHome, visitPage } from './elsewhere.ts';
import { foreignSite } from './foreign-site.ts';
import { Gate } from './gate.ts';
import { holdfastTarget } from './holdfast/target.ts';
import { labClock } from './lab-clock.ts';
import { forRunnerOnly, listenOnLoopback } from './loopback.ts';
import { naiveTarget } from './naive/target.ts';
import { hasFallen, type LabEvent, Recorder } from './recorder.ts';
import type { Target, TargetName, TargetOptions } from './target.ts';

export interface Outcome {
  readonly target: TargetName;
  readonly fell: boolean;
  readonly verdict: string;
  readonly events: readonly LabEvent[];
  /** How many requests were sent. */
  readonly requests: number;
}

export interface Result {
  readonly experiment: Experiment;
  readonly outcomes: readonly Outcome[];
}

export interface RunOptions {
  /** Milliseconds after which a run is given up. */
  readonly timeLimit?: number;
  /** How many requests a script may send to one target. */
  readonly requestLimit?: number;
  /** Sees each token that a target has handed out: for the canary of the tests. */
  readonly onToken?: (token: string) => void;
}

export const TIME_LIMIT = 10_000;
export const REQUEST_LIMIT = 60;

const TARGETS: Readonly<Record<TargetName, (options: TargetOptions) => Target>> = {
  holdfast: holdfastTarget,
  naive: naiveTarget,
};

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0';
const PROGRAM = 'curl/8.14.1';

/** @throws when the time or the requests run out, or an honest request fails: then there is nothing to show. */
export async function runExperiment(experiment: Experiment, options: RunOptions = {}): Promise<Result> {
  const signal = AbortSignal.timeout(options.timeLimit ?? TIME_LIMIT);
  const outcomes: Outcome[] = [];
  for (const target of ['holdfast', 'naive'] as const) {
    outcomes.push(await runAgainst(target, experiment, options, signal));
  }
  return { experiment, outcomes };
}

async function runAgainst(
  name: TargetName,
  experiment: Experiment,
  { requestLimit = REQUEST_LIMIT, onToken }: RunOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const clock = labClock();
  const gate = new Gate();
  const recorder = new Recorder();
  const [ada, mallory] = ['Ada', 'Mallory'].map((user) => ({
    user,
    password: randomBytes(16).toString('hex'),
  })) as [Scene['ada'], Scene['mallory']];
  const { handler, cookie } = TARGETS[name]({
    clock,
    gate,
    passwords: new Map([ada, mallory].map(({ user, password }) => [user, password])),
    naiveSignOut: experiment.naiveSignOut ?? 'clears the cookie',
  });
  const guarded = forRunnerOnly(handler);
  const server = await listenOnLoopback(guarded.handler);
  const site = foreignSite(() => ({
    action: `http://localhost:${server.port}/email`,
    fields: { email: 'mallory@evil.test' },
  }));
  const elsewhere = await listenOnLoopback(site.handler);

  let requests = 0;
  const wire: Wire = {
    recorder,
    port: server.port,
    key: guarded.key,
    cookie,
    signal,
    next() {
      signal.throwIfAborted();
      if (requests === requestLimit) throw new Error(`more than ${requestLimit} requests`);
      return (requests += 1);
    },
    ...(onToken && { onToken }),
  };
  const scene: Scene = {
    target: name,
    ada,
    mallory,
    elsewhere: { port: elsewhere.port, loot: site.loot },
    browser: (actor) => new Actor(actor, BROWSER, true, wire),
    program: (actor) => new Actor(actor, PROGRAM, false, wire),
    note: (text, at, tone = 'plain') => recorder.add({ kind: 'note', at, text: recorder.mask(text), tone }),
    later(minutes) {
      clock.advance(minutes * 60_000);
      recorder.add({ kind: 'time', text: minutes === 1 ? '1 minute later' : `${minutes} minutes later` });
    },
    copyCookie(from, to, how = 'copies') {
      if (from.token === undefined) throw new Error(`${from.name} has no cookie to copy`);
      to.token = from.token;
      scene.note(`${how} ${recorder.nameOf(from.token)}`, to.name);
    },
    plant(token, label, into, how) {
      into.token = token;
      recorder.nameOf(token, label);
      scene.note(how, into.name);
    },
    cookieName: cookie,
    visit(visitor, origin, how) {
      scene.note(how, visitor.name);
      return visitPage(wire, elsewhere.port, { visitor, host: new URL(origin).hostname, asker: 'thief' });
    },
    sendHome: (from, to, found) => sendHome(wire, elsewhere.port, { from, to, cookie: found }),
    call: (token, label) => void recorder.nameOf(token, label),
    async during(slow, meanwhile) {
      let sent = (): void => undefined;
      const left = new Promise<void>((resolve) => {
        sent = resolve;
      });
      const answered = slow(() => sent());
      await Promise.race([left, answered]);
      // Refused before it came that far, it is answered, and nothing is held.
      await Promise.race([gate.arrived(1), answered]);
      await meanwhile();
      gate.release();
      await answered;
    },
  };
  try {
    await withSignal(experiment.run(scene), signal);
  } finally {
    await Promise.all([server.close(), elsewhere.close()]);
  }
  const fell = hasFallen(recorder.events);
  const verdict = fell ? experiment.verdicts.fell : experiment.verdicts.held;
  return { target: name, fell, verdict, events: recorder.events, requests };
}

/** A script that waits for something that does not come is left behind. */
function withSignal(script: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    script.then(resolve, reject);
  });
}
