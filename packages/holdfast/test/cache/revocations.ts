/** How long a session that one process has ended is still accepted by others, each of which has a cache. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { type BackendName, backends, type Server } from './backends.ts';
import type { Calls, Counts, How, ProcessSettings, Question, Reply, Subject } from './process.ts';

/** Each call, answered with a promise. */
type Asked = {
  readonly [Name in keyof Calls]: (
    ...values: Parameters<Calls[Name]>
  ) => Promise<Awaited<ReturnType<Calls[Name]>>>;
};

interface Process {
  readonly ask: Asked;
  stop(): Promise<void>;
}

async function startProcess(settings: ProcessSettings): Promise<Process> {
  const child = fork(join(import.meta.dirname, 'process.ts'), [JSON.stringify(settings)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  const up = new Promise<Reply>((resolve) => waiting.set(0, resolve));
  let asked = 0;
  child.on('message', (reply: Reply) => {
    waiting.get(reply.number)?.(reply);
    waiting.delete(reply.number);
  });
  const gone = once(child, 'exit').then(([code]) => {
    for (const [number, tell] of waiting) tell({ number, error: `the process has ended with ${code}` });
  });
  const answerTo = async (reply: Promise<Reply>): Promise<unknown> => {
    const { answer, error } = await reply;
    if (error !== undefined) throw new Error(error);
    return answer;
  };
  await answerTo(up);
  const askFor =
    (call: keyof Calls) =>
    (...values: unknown[]): Promise<unknown> => {
      const number = ++asked;
      const reply = new Promise<Reply>((resolve) => waiting.set(number, resolve));
      child.send({ number, call, values } satisfies Question);
      return answerTo(reply);
    };
  const names = ['isUp', 'signIn', 'watch', 'seen', 'end', 'load', 'idle', 'counts'] as const;
  return {
    ask: Object.fromEntries(names.map((name) => [name, askFor(name)])) as unknown as Asked,
    async stop() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

/** Of notices, and of nothing else. */
export type Way = 'open' | 'cut' | 'silent';

export interface Revocations {
  /** For each session, how long after the acknowledgement the last request came in that another process accepted; 0 for none. */
  readonly late: readonly number[];
  /** The same, in the process that ended the session. */
  readonly lateAtHome: readonly number[];
  /** Sessions that nobody had ended and that were refused, and why. */
  readonly signedOut: readonly string[];
  readonly unavailable: number;
}

export interface Fleet {
  /** Ends so many sessions, a batch after another, while the way of the notices is as it is said. */
  revoke(options: {
    readonly count: number;
    readonly batch: number;
    /** How many of a batch are being ended at a time. Default 1. */
    readonly inFlight?: number;
    readonly way: Way;
  }): Promise<Revocations>;
  /** What so many visitors of each process cost the server, for so long. */
  cost(
    visitors: number,
    lasts: number,
  ): Promise<{ readonly hits: number; readonly commands: number; readonly requests: number }>;
  load(visitors: number): Promise<void>;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly backend: BackendName;
  readonly processes: number;
  /** In milliseconds; without, there is no cache. */
  readonly maxAge?: number;
}

const HOWS: readonly How[] = ['signs out', 'is revoked', 'all are revoked'];
/** Sessions that are watched beside those that end. */
const KEPT = 5;
const LOADED = 200;

export async function startFleet({ backend, processes: count, maxAge }: FleetOptions): Promise<Fleet> {
  const server: Server = await backends[backend].start();
  const proxy = await startProxy(server.port);
  const settings: ProcessSettings = {
    backend,
    port: server.port,
    noticePort: proxy.port,
    ...(maxAge !== undefined && { maxAge }),
  };
  const processes = await Promise.all(Array.from({ length: count }, () => startProcess(settings)));
  const [first] = processes;
  if (!first) throw new RangeError('no process');
  let users = 0;

  const all = <T>(ask: (process: Process) => Promise<T>): Promise<T[]> => Promise.all(processes.map(ask));
  const areUp = async (): Promise<boolean> =>
    maxAge === undefined || (await all(({ ask }) => ask.isUp())).every(Boolean);
  const signIn = (many: number): Promise<Subject[]> =>
    first.ask.signIn(Array.from({ length: many }, () => `user-${users++}`));
  const total = async (): Promise<Counts> => {
    const counts = await all(({ ask }) => ask.counts());
    const sum = (key: keyof Counts): number => counts.reduce((before, each) => before + each[key], 0);
    return {
      requests: sum('requests'),
      reads: sum('reads'),
      unavailable: sum('unavailable'),
      refused: sum('refused'),
    };
  };

  async function batchOf(size: number, way: Way, inFlight: number) {
    await proxy.mend();
    await until('notices arrive everywhere', areUp);
    const subjects = await signIn(size + KEPT);
    await all(({ ask }) => ask.watch(subjects));
    const isKnown = async (): Promise<boolean> =>
      (await all(({ ask }) => ask.seen())).every((seen) =>
        seen.every(({ lastAcceptedAt }) => lastAcceptedAt > 0),
      );
    await until('every process has accepted each session', isKnown);
    await pause(50);
    if (way === 'cut') await proxy.cut();
    if (way === 'silent') await proxy.hang();
    const endedAt: number[] = [];
    let next = 0;
    const endOneByOne = async (): Promise<void> => {
      for (let i = next++; i < size; i = next++) {
        const { ask } = processes[i % count] as Process;
        const how = HOWS[Math.floor(i / count) % HOWS.length] ?? 'is revoked';
        endedAt[i] = await ask.end(subjects[i] as Subject, how);
        await pause(Math.random() * 10);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, endOneByOne));
    const areRefused = async (): Promise<boolean> =>
      (await all(({ ask }) => ask.seen())).every((seen) =>
        seen.slice(0, size).every(({ refusedAt }) => refusedAt !== undefined),
      );
    await until('every process refuses each session', areRefused, { everyMs: 50 });
    // What was refused once is not accepted again.
    await pause(100);
    return { endedAt, seen: await all(({ ask }) => ask.seen()) };
  }

  return {
    async revoke({ count: howMany, batch, inFlight = 1, way }) {
      const late: number[] = [];
      const lateAtHome: number[] = [];
      const signedOut: string[] = [];
      const before = await total();
      while (late.length < howMany) {
        const size = Math.min(batch, howMany - late.length);
        const { endedAt, seen } = await batchOf(size, way, inFlight);
        for (const [i, at] of endedAt.entries()) {
          const after = seen.map((each) => Math.max(0, (each[i]?.lastAcceptedAt ?? 0) - at));
          lateAtHome.push(...after.splice(i % count, 1));
          late.push(Math.max(...after));
        }
        for (const each of seen) {
          for (const { why } of each.slice(size)) if (why !== undefined) signedOut.push(why);
        }
      }
      await proxy.mend();
      await all(({ ask }) => ask.watch([]));
      const { unavailable, refused } = await total();
      for (let i = before.refused; i < refused; i++) signedOut.push('under load');
      return { late, lateAtHome, signedOut, unavailable: unavailable - before.unavailable };
    },
    async cost(visitors, lasts) {
      await until('notices arrive everywhere', areUp);
      await all(({ ask }) => ask.watch([]));
      const subjects = await signIn(LOADED);
      await all(({ ask }) => ask.load(subjects, visitors));
      await pause(2_000);
      const [counts, commands] = [await total(), await server.commands()];
      await pause(lasts);
      const [countsAfter, commandsAfter] = [await total(), await server.commands()];
      await all(({ ask }) => ask.idle());
      const requests = countsAfter.requests - counts.requests;
      const hits = 1 - (countsAfter.reads - counts.reads) / requests;
      return { hits, commands: (commandsAfter - commands) / requests, requests };
    },
    async load(visitors) {
      const subjects = await signIn(LOADED);
      await all(({ ask }) => ask.load(subjects, visitors));
    },
    idle: async () => void (await all(({ ask }) => ask.idle())),
    async stop() {
      await all((process) => process.stop());
      await proxy.close();
      await server.stop();
    },
  };
}
