/** A command in a process group of its own, so that all it starts ends with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isListedAsDead } from '../time/foreign-clocks.ts';

export interface ProcessGroup {
  readonly pid: number;
  /** Why it is no more; absent while it runs. */
  readonly ended: string | undefined;
  /** What it has written lately, line by line. */
  lines(): string[];
  /** Ends every process of the group. */
  stop(): Promise<void>;
}

const KEPT_CHARACTERS = 16_384;
const GRACE = 3_000;
const LOOK_EVERY = 20;

/** @throws Error where there is no shell to run it */
export async function runGroup(command: string, env: NodeJS.ProcessEnv): Promise<ProcessGroup> {
  const child = spawn(command, { shell: true, detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let ended: string | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-KEPT_CHARACTERS);
    });
  }
  child.once('exit', (code, signal) => {
    ended = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
  });
  await once(child, 'spawn');
  const pid = pidOf(child);
  // Whatever ends the auditor, nothing that it started outlives it.
  const onExit = (): void => void signalGroup(pid, 'SIGKILL');
  process.once('exit', onExit);
  return {
    pid,
    get ended() {
      return ended;
    },
    lines: () => output.split('\n').filter((line) => line.trim() !== ''),
    async stop() {
      // The shell may be gone before what it has started, which may take a moment to end well.
      const until = performance.now() + GRACE;
      let isThere = signalGroup(pid, 'SIGTERM');
      // In a container the first process may never ask how a child ended that came to it.
      while (isThere && !(await isListedAsDead(pid))) {
        await sleep(LOOK_EVERY);
        isThere = signalGroup(pid, performance.now() < until ? 0 : 'SIGKILL');
      }
      // Whoever was born while the list was read.
      if (isThere) signalGroup(pid, 'SIGKILL');
      process.off('exit', onExit);
    },
  };
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a process that has begun has a number');
  return pid;
}

/** @returns whether there is anybody left to hear it */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
