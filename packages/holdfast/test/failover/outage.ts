/** One outage under load: what the browsers saw, from the fault on. */
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { type Changes, type Kind, startLoad } from './load.ts';

export interface Outage {
  readonly port: number;
  readonly browsers: number;
  readonly think: number;
  readonly seed: number;
  /** How long the browsers are at work before the fault, in milliseconds, and how long there must be no 503 after the last. */
  readonly calm: number;
  /** What fails. Resolves when it has: the outage counts from then. */
  fail(): Promise<void>;
  /** Ends the fault, where it does not end by itself. */
  mend?(): Promise<void>;
  /** Whether the store has a session now, asked when all is over. */
  exists(id: string): Promise<boolean>;
}

export interface Unavailable {
  readonly count: number;
  /** When the first and the last was answered, in milliseconds after the fault; `undefined` where there was none. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

export interface OutageReport {
  readonly requests: number;
  /** How often each status was answered; 0 for a connection that broke. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Answers with 503 before the fault. */
  readonly early: number;
  readonly unavailable: Readonly<Record<'all' | 'pages' | 'privileges', Unavailable>>;
  /** How many requests were served between the first 503 and the last. */
  readonly servedMeanwhile: number;
  readonly longest: number;
  readonly acknowledged: Changes;
  readonly lost: Changes;
  readonly signedOut: readonly string[];
}

export async function goThrough(outage: Outage): Promise<OutageReport> {
  const { port, browsers, think, seed, calm, exists } = outage;
  const load = startLoad({ port, browsers, think, seed, exists });
  const { answers } = load.observed;
  await pause(calm);
  await outage.fail();
  const failedAt = performance.now();
  await outage.mend?.();
  const mendedAt = performance.now();
  const quietSince = (): number => Math.max(answers.findLast(is503)?.at ?? 0, mendedAt);
  await until('requests are served again', () => performance.now() - quietSince() > calm, {
    timeoutMs: 40_000,
  });
  const { longest, acknowledged, lost, signedOut } = await load.stop();
  const after = answers.filter(({ at }) => at >= failedAt);
  const unavailable = after.filter(is503);
  const within = (kinds: readonly Kind[]): Unavailable => {
    const times = unavailable.filter(({ kind }) => kinds.includes(kind)).map(({ at }) => at - failedAt);
    return { count: times.length, first: times[0], last: times.at(-1) };
  };
  const all = within(['reads', 'writes', 'signIns', 'ends']);
  const statuses: Record<number, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  const meanwhile = after.slice(after.findIndex(is503), after.findLastIndex(is503) + 1);
  return {
    requests: answers.length,
    statuses,
    early: answers.filter(is503).length - unavailable.length,
    unavailable: {
      all,
      pages: within(['reads', 'writes']),
      privileges: within(['signIns', 'ends']),
    },
    servedMeanwhile: meanwhile.filter(({ status }) => status === 200).length,
    longest,
    acknowledged,
    lost,
    signedOut,
  };
}

function is503({ status }: { readonly status: number }): boolean {
  return status === 503;
}
