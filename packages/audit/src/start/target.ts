/** Starts the target, where libfaketime is installed with a clock that can be moved, and ends it. */
import { connect } from 'node:net';
import { type Clock, systemClock } from '../clock.ts';
import { AuditError } from '../errors.ts';
import { isLoopback } from '../http/limits.ts';
import { createMask } from '../mask.ts';
import type { TimeControl } from '../time/control.ts';
import { createFakeClock, type FakeClock, findLibfaketime, type Moved } from '../time/faketime.ts';
import { foreignServers } from '../time/foreign-clocks.ts';
import { type ProcessGroup, runGroup } from './process-group.ts';

export interface StartOptions {
  /** For the shell, as in `node server.js`. */
  readonly command: string;
  /** Where it answers once it is up: on this machine. */
  readonly target: URL;
  /** How long that may take, in milliseconds. Default: a minute. */
  readonly within?: number;
  /** Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** What must not stand in its output: passwords. Default: nothing. */
  readonly secrets?: readonly string[];
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface StartedTarget {
  /** Absent where its clock can not be moved. */
  readonly time?: TimeControl;
  /** Why not. */
  readonly whyNoTime?: string;
  /** Why it is no more; absent while it runs. */
  readonly ended: string | undefined;
  /** The last lines of its output, without what looks like a secret. */
  lines(): string[];
  stop(): Promise<void>;
}

const LINES = 15;
const LOOK_EVERY = 50;
/** Servers keep the second that they have last read for as long as it lasts. */
const SETTLED_AFTER = 1_100;

/** @throws AuditError `usage` where it can not be started there, `unreachable` where it does not come up */
export async function startTarget(options: StartOptions): Promise<StartedTarget> {
  const { command, target, clock = systemClock, signal } = options;
  if (!isLoopback(target.hostname))
    throw new AuditError('usage', '--start: what is started here answers on this machine, as localhost');
  if (await answers(target))
    throw new AuditError(
      'usage',
      `--start: something answers at ${target.origin} already. Stop it, or leave --start out`,
    );
  const env = { ...(options.env ?? process.env) };
  const library = findLibfaketime(env);
  const fake = 'path' in library ? await createFakeClock(library.path) : undefined;
  const mask = createMask();
  for (const secret of options.secrets ?? []) mask.hidePassword(secret, 'password');

  let group: ProcessGroup | undefined;
  const pids: number[] = [];
  const lines = (): string[] => (group?.lines() ?? []).slice(-LINES).map((line) => mask.apply(line));

  async function start(moved: Moved): Promise<void> {
    group = await runGroup(command, { ...env, ...fake?.environment(moved, env) });
    pids.push(group.pid);
    const until = clock.now() + (options.within ?? 60_000);
    while (!(await answers(target))) {
      const why = group.ended ?? (clock.now() > until ? `it does not answer at ${target.origin}` : undefined);
      if (why !== undefined) {
        const said = lines();
        const colon = said.length > 0 ? ':' : ' nothing.';
        throw new AuditError('unreachable', [`--start: ${why}. It said${colon}`, ...said].join('\n  '));
      }
      await clock.sleep(LOOK_EVERY, signal);
    }
  }

  async function stop(): Promise<void> {
    await group?.stop();
    await fake?.remove(pids);
  }

  try {
    await start('the time of day');
  } catch (error) {
    await stop();
    throw error;
  }
  const time = fake && movedTime({ fake, clock, groupOf: () => group?.pid, restart: startAgain });

  async function startAgain(): Promise<void> {
    await group?.stop();
    await start('every clock');
  }

  return {
    ...(time && { time }),
    ...('missing' in library && { whyNoTime: library.missing }),
    get ended() {
      return group?.ended;
    },
    lines,
    stop,
  };
}

interface MovedTime {
  readonly fake: FakeClock;
  readonly clock: Clock;
  readonly groupOf: () => number | undefined;
  readonly restart: () => Promise<void>;
}

function movedTime({ fake, clock, groupOf, restart }: MovedTime): TimeControl {
  let ahead = 0;
  let movesAll = false;
  return {
    kind: 'moved',
    says: 'The clock of the target is moved with libfaketime.',
    atMost: Number.POSITIVE_INFINITY,
    async pass(ms) {
      ahead += ms;
      await fake.set(ahead);
    },
    settle: () => clock.sleep(SETTLED_AFTER),
    async foreignClocks() {
      const group = groupOf();
      return group === undefined ? [] : foreignServers(group);
    },
    async moveMore() {
      const group = groupOf();
      if (movesAll || group === undefined) return false;
      movesAll = true;
      await restart();
      return true;
    },
  };
}

/** Whether somebody listens there: the first request shall be the audit's. */
function answers({ hostname, port, protocol }: URL): Promise<boolean> {
  const at = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port),
  };
  return new Promise((done) => {
    const socket = connect(at);
    const end = (isThere: boolean): void => {
      socket.destroy();
      done(isThere);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
