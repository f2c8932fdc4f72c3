/** Programs that tests start, and that never outlive the process that started them. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * The shell becomes the program, and so has its process id. What it leaves behind first waits for the end of a pipe that
 * the system closes when the starting process is gone, however it went, and then ends the program. A line on the pipe
 * says that the program has ended by itself, and its process id may be another's.
 */
function watched(signal: string): string {
  return `
{ read -r _ <&3 || { kill -${signal} $$; sleep 1; kill -9 $$; rm -rf "$HOLDFAST_FOLDER"; }; } >/dev/null 2>&1 &
exec "$@" 3<&-`;
}

export interface WatchedOptions {
  /** Its working directory, which is removed if the starting process is gone. */
  readonly folder: string;
  /** Who it runs as, where that is not who starts it. */
  readonly uid?: number | undefined;
  /** What ends it if the starting process is gone: by default KILL. After a second KILL is what does. */
  readonly lastSignal?: 'KILL' | 'QUIT';
}

export interface WatchedProcess {
  readonly pid: number;
  readonly hasEnded: boolean;
  readonly ended: Promise<void>;
  /** The last of what it printed. */
  readonly log: string;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, or another signal, and SIGKILL where that does not help within two seconds. */
  end(name?: NodeJS.Signals): Promise<void>;
}

export function startWatched(
  program: string,
  args: readonly string[],
  { folder, uid, lastSignal = 'KILL' }: WatchedOptions,
): WatchedProcess {
  const child: ChildProcess = spawn('sh', ['-c', watched(lastSignal), 'sh', program, ...args], {
    cwd: folder,
    env: { ...process.env, HOLDFAST_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // Ctrl-C is for the process that started it, which may want to say a last word to the program.
    detached: true,
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const pipe = child.stdio[3] as Writable;
  pipe.on('error', () => undefined);
  let hasEnded = false;
  let log = '';
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      hasEnded = true;
      pipe.end('ended\n');
      resolve();
    };
    child.on('exit', end);
    child.on('error', (error) => {
      log += String(error);
      end();
    });
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4000);
    });
  }
  return {
    pid: child.pid ?? 0,
    get hasEnded() {
      return hasEnded;
    },
    ended,
    get log() {
      return log;
    },
    signal: (name) => void child.kill(name),
    async end(name = 'SIGTERM') {
      if (hasEnded) return;
      child.kill(name);
      child.kill('SIGCONT');
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(timer);
    },
  };
}
