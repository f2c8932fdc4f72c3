/** Rounds of load, the variants of one framework in turns, the bare framework among them. */
import { browsersFor, type LoadName, type Seen, SignIn, visitor, type Visitor } from './browsers.ts';
import { between, type Commands, type Places, sum } from './places.ts';
import { type Pacer, QUIET } from './pacer.ts';
import { ServerProcess } from './server-process.ts';
import { median, quantile } from './stats.ts';
import { nameOf, type Variant } from './variants.ts';

export interface Plan {
  readonly rounds: number;
  /** In so many processes of each variant, one after the other: what V8 makes of the same program differs from one to the next. */
  readonly starts: number;
  readonly browsers: number;
  readonly serverCpu: number | undefined;
  /** Of each variant in each round; more of them let drift reach all variants alike. */
  readonly slices: number;
  readonly sliceMs: number;
  /** Answers before each slice that are not counted: the processor's caches belong to another process. */
  readonly rampRequests: number;
  readonly warmUpMs: number;
  /** A slice that falls into a slow moment of the machine is measured once more, and that in the faster moment counts. */
  readonly pacer?: Pacer | undefined;
}

export interface Round {
  readonly requests: number;
  /** Microseconds of the server's processor for each request. */
  readonly cpu: number;
  /** Answers a second. */
  readonly throughput: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Result {
  readonly variant: Variant;
  readonly load: LoadName;
  readonly rounds: readonly Round[];
  readonly commands: Commands;
  readonly requests: number;
  readonly setCookies: number;
  /** Why it is thrown out: it has answered wrongly, or no more. */
  readonly wrong: string | undefined;
  /** The share of its slices that fell into no slow moment of the machine. Absent where nobody looked. */
  readonly quiet?: number;
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

/** Runs each variant's warm-up, then the rounds. The order changes from round to round. */
export async function measure(
  running: readonly Running[],
  load: LoadName,
  plan: Plan,
  places: Pick<Places, 'commands'>,
): Promise<Result[]> {
  const states = running.map((one) => new State(one, load, plan, places));
  for (const state of states) await state.warmUp();
  for (let round = 0; round < plan.rounds; round++) {
    for (let slice = 0; slice < plan.slices; slice++) {
      const turn = (round * plan.slices + slice) % states.length;
      for (const state of [...states.slice(turn), ...states.slice(0, turn)]) await state.slice();
    }
    for (const state of states) state.endRound();
  }
  return states.map((state) => state.result());
}

interface Slice {
  readonly requests: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly latencies: readonly number[];
  readonly pace: number;
}

class State {
  readonly #running: Running;
  readonly #load: LoadName;
  readonly #plan: Plan;
  readonly #places: Pick<Places, 'commands'>;
  readonly #seen: Seen = { setCookies: 0, answers: 0 };
  readonly #rounds: Round[] = [];
  #slices: Slice[] = [];
  #commands: Commands = {};
  #requests = 0;
  #turn = 0;
  #kept = 0;
  #quiet = 0;
  #wrong: string | undefined;

  constructor(running: Running, load: LoadName, plan: Plan, places: Pick<Places, 'commands'>) {
    this.#running = running;
    this.#load = load;
    this.#plan = plan;
    this.#places = places;
  }

  async warmUp(): Promise<void> {
    await this.#unlessWrong(() => this.#run({ milliseconds: this.#plan.warmUpMs }));
    this.#seen.setCookies = 0;
    this.#seen.answers = 0;
  }

  async slice(): Promise<void> {
    await this.#unlessWrong(async () => {
      const first = await this.#measure();
      const second = first.pace > QUIET ? await this.#measure() : undefined;
      // By the machine's speed alone: by its own, the lucky ones would be chosen.
      const kept = second && second.pace < first.pace ? second : first;
      this.#kept++;
      if (kept.pace <= QUIET) this.#quiet++;
      this.#slices.push(kept);
    });
  }

  async #measure(): Promise<Slice> {
    const { server } = this.#running;
    const { pacer, rampRequests, sliceMs } = this.#plan;
    const paceBefore = (await pacer?.whenQuiet()) ?? 1;
    await this.#run({ requests: rampRequests });
    const commands = await this.#places.commands();
    const before = await server.cpu();
    const { requests, seconds, latencies } = await this.#run({ milliseconds: sliceMs });
    const cpu = (await server.cpu()) - before;
    this.#commands = sum(this.#commands, between(commands, await this.#places.commands()));
    this.#requests += requests;
    const pace = Math.max(paceBefore, (await pacer?.pace()) ?? 1);
    return { requests, seconds, cpu, latencies, pace };
  }

  /** Who was wrong is asked no more, and who fails was wrong. */
  async #unlessWrong(work: () => Promise<unknown>): Promise<void> {
    if (this.#wrong !== undefined) return;
    try {
      await work();
    } catch (error) {
      this.#wrong ??= error instanceof Error ? error.message : String(error);
    }
  }

  endRound(): void {
    const slices = this.#slices;
    this.#slices = [];
    const answering = slices.filter((slice) => slice.requests > 0);
    if (answering.length === 0) return;
    const latencies = answering.flatMap((slice) => slice.latencies);
    // What else the machine does falls into some of the slices, and the median does not see it.
    this.#rounds.push({
      requests: answering.reduce((all, one) => all + one.requests, 0),
      cpu: median(answering.map((slice) => slice.cpu / slice.requests)),
      throughput: median(answering.map((slice) => slice.requests / slice.seconds)),
      p50: median(latencies),
      p99: quantile(latencies, 0.99),
    });
  }

  result(): Result {
    return {
      variant: this.#running.variant,
      load: this.#load,
      rounds: this.#rounds,
      commands: this.#commands,
      requests: this.#requests,
      setCookies: this.#seen.answers === 0 ? 0 : this.#seen.setCookies / this.#seen.answers,
      wrong: this.#wrong,
      ...(this.#plan.pacer && this.#kept > 0 && { quiet: this.#quiet / this.#kept }),
    };
  }

  async #run(until: { requests?: number; milliseconds?: number }) {
    const { variant, server, visitors } = this.#running;
    const isBare = variant.kind === 'bare';
    const browsers = browsersFor(this.#load, {
      visitors,
      count: this.#plan.browsers,
      isBare,
      seen: this.#seen,
      turn: this.#turn++,
    });
    const outcome = await server.connections.run(browsers, until);
    if (outcome.wrong > 0) {
      this.#wrong ??= `${outcome.wrong} of ${outcome.requests} answers were wrong: ${outcome.firstWrong}`;
    }
    return outcome;
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
