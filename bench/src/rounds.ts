/** Rounds of load: the variants of one framework under load at once, the bare framework among them, and then each by itself. */
import { browsersFor, type LoadName, SignIn, visitor, type Visitor } from './browsers.ts';
import type { Outcome, Until } from './load.ts';
import { between, type Commands, type Places, sum } from './places.ts';
import { ServerProcess } from './server-process.ts';
import { median, quantile } from './stats.ts';
import { nameOf, type Variant } from './variants.ts';

export interface Plan {
  readonly rounds: number;
  /** In so many processes of each variant, one after the other: what V8 makes of the same program differs from one to the next. */
  readonly starts: number;
  readonly browsers: number;
  readonly serverCpu: number | undefined;
  readonly warmUp: WarmUp;
  /** Of a round, for each variant: all are under load at once for the sum of it. */
  readonly shareMs: number;
  /** In which a variant has the processor to itself, once in each round. */
  readonly sliceMs: number;
  /** Answers before each slice that are not counted: the processor's caches belong to another process. */
  readonly rampRequests: number;
}

/** All at once, before the first round: for so long, and then until each has answered so often, or it takes too long. */
export interface WarmUp {
  readonly leastMs: number;
  readonly answers: number;
  readonly mostMs: number;
}

export interface Round {
  /** While all were under load. */
  readonly requests: number;
  /** Microseconds of the server's processor for each of them. */
  readonly cpu: number;
  /** The same of the bare framework in the same round. */
  readonly bareCpu: number;
  /** Answers a second; as the latencies, from the slice in which it had the processor to itself. */
  readonly throughput: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Result {
  readonly variant: Variant;
  readonly load: LoadName;
  readonly rounds: readonly Round[];
  /** That the databases were asked while it had them to itself. */
  readonly commands: Commands;
  /** So often it answered meanwhile. */
  readonly requests: number;
  /** Why it is thrown out: it has answered wrongly, or no more. */
  readonly wrong: string | undefined;
}

/** A variant that runs, with its visitors signed in. */
export interface Running {
  readonly variant: Variant;
  readonly server: ServerProcess;
  readonly visitors: readonly Visitor[];
}

/** Signs visitors in, each once, through the server itself. */
export async function signInAll(
  server: ServerProcess,
  visitors: readonly Visitor[],
  isBare: boolean,
): Promise<void> {
  for (const one of visitors) {
    const { wrong, firstWrong } = await server.connections.run([new SignIn(one)], { requests: 1 });
    if (wrong > 0 && !isBare) throw new Error(`sign-in: ${firstWrong}`);
  }
}

/**
 * The warm-up, then the rounds. Where others share the machine, a processor is now fast and now half as fast: while all are under
 * load at once, on one processor, each is on for a millisecond or so at a time, and slow moments fall on all alike.
 */
export async function measure(
  running: readonly Running[],
  load: LoadName,
  plan: Plan,
  places: Pick<Places, 'commands'>,
): Promise<Result[]> {
  const states = running.map((one) => new State(one, load, plan, places));
  const milliseconds = plan.shareMs * states.length;
  const all = <T>(work: (state: State) => Promise<T>): Promise<(T | undefined)[]> =>
    Promise.all(states.map((state) => state.unlessWrong(() => work(state))));

  const { leastMs, answers, mostMs } = plan.warmUp;
  let owed = states.map(() => answers);
  const isWarm = (after: number): boolean => after >= leastMs && owed.every((left) => left <= 0);
  for (let after = 0; after < mostMs && !isWarm(after); after += milliseconds) {
    const outcomes = await all((state) => state.run({ milliseconds }));
    // Who is thrown out owes nothing.
    if (after >= leastMs) owed = owed.map((left, i) => left - (outcomes[i]?.requests ?? left));
  }

  for (let round = 0; round < plan.rounds; round++) {
    const before = await all((state) => state.cpu());
    const outcomes = await all((state) => state.run({ milliseconds }));
    const after = await all((state) => state.cpu());
    const together = states.map((state, i) => {
      const requests = outcomes[i]?.requests ?? 0;
      return { state, requests, cpu: ((after[i] ?? 0) - (before[i] ?? 0)) / requests };
    });
    const bareCpu = together.find(({ state }) => state.isBare)?.cpu ?? Number.NaN;
    const turn = round % states.length;
    for (const { state, ...shown } of [...together.slice(turn), ...together.slice(0, turn)]) {
      await state.unlessWrong(() => state.alone({ ...shown, bareCpu }));
    }
  }
  return states.map((state) => state.result());
}

class State {
  readonly #running: Running;
  readonly #load: LoadName;
  readonly #plan: Plan;
  readonly #places: Pick<Places, 'commands'>;
  readonly #rounds: Round[] = [];
  #commands: Commands = {};
  #requests = 0;
  #turn = 0;
  #wrong: string | undefined;

  constructor(running: Running, load: LoadName, plan: Plan, places: Pick<Places, 'commands'>) {
    this.#running = running;
    this.#load = load;
    this.#plan = plan;
    this.#places = places;
  }

  get isBare(): boolean {
    return this.#running.variant.kind === 'bare';
  }

  cpu(): Promise<number> {
    return this.#running.server.cpu();
  }

  /** Ends a round, in which it has shown this together with the others, by a slice of its own. */
  async alone(together: Pick<Round, 'requests' | 'cpu' | 'bareCpu'>): Promise<void> {
    await this.run({ requests: this.#plan.rampRequests });
    const commands = await this.#places.commands();
    const { requests, seconds, latencies } = await this.run({ milliseconds: this.#plan.sliceMs });
    this.#commands = sum(this.#commands, between(commands, await this.#places.commands()));
    this.#requests += requests;
    this.#rounds.push({
      ...together,
      throughput: requests / seconds,
      p50: median(latencies),
      p99: quantile(latencies, 0.99),
    });
  }

  /** Who was wrong is asked no more, and who fails was wrong. */
  async unlessWrong<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#wrong !== undefined) return undefined;
    try {
      return await work();
    } catch (error) {
      this.#wrong ??= error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  async run(until: Until): Promise<Outcome> {
    const { server, visitors } = this.#running;
    const { isBare } = this;
    const count = this.#plan.browsers;
    const browsers = browsersFor(this.#load, { visitors, count, isBare, turn: this.#turn++ });
    const outcome = await server.connections.run(browsers, until);
    if (outcome.wrong > 0) {
      this.#wrong ??= `${outcome.wrong} of ${outcome.requests} answers were wrong: ${outcome.firstWrong}`;
    }
    return outcome;
  }

  result(): Result {
    return {
      variant: this.#running.variant,
      load: this.#load,
      rounds: this.#rounds,
      commands: this.#commands,
      requests: this.#requests,
      wrong: this.#wrong,
    };
  }
}

/** Starts the servers of some variants, and signs their visitors in. A variant that can not is named with the reason. */
export async function startAll(
  chosen: readonly Variant[],
  plan: Plan,
  places: Places,
): Promise<{ running: Running[]; failed: { variant: Variant; why: string }[] }> {
  const failed: { variant: Variant; why: string }[] = [];
  const started = await Promise.all(
    chosen.map(async (variant): Promise<Running | undefined> => {
      try {
        const server = await ServerProcess.start(variant, places, { cpu: plan.serverCpu });
        const visitors = Array.from({ length: plan.browsers }, (_, i) => visitor(`user-${i}`));
        await signInAll(server, visitors, variant.kind === 'bare');
        return { variant, server, visitors };
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        failed.push({ variant, why: `${nameOf(variant)} did not start: ${message}` });
        return undefined;
      }
    }),
  );
  const running = started.filter((one) => one !== undefined);
  return { running, failed };
}
