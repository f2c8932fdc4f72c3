/** Real Redis servers for tests: each on a free loopback port, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../until.ts';
import { freePort } from './ports.ts';
import { call, type Reply } from './resp.ts';

export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
  readonly isRunning: boolean;
  /** Removed by `stop`. */
  readonly folder: string;
  /** One command on a connection of its own; an error reply is thrown. */
  call(...command: readonly (string | number)[]): Promise<Reply>;
  /** SIGTERM, and SIGKILL where that does not help; the folder is removed. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash; `restart` may follow. */
  kill(): Promise<void>;
  /** On the same port and folder, with the same arguments; stops it first where it runs. */
  restart(): Promise<void>;
  /** SIGSTOP: connections are accepted by the system, and nothing is answered. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RedisOptions {
  /** Put after the default arguments, which they override: `['--appendonly', 'yes']`. */
  readonly args?: readonly string[];
}

/**
 * The shell becomes the server, and so has its process id. What it leaves behind first waits for the end of a pipe that
 * the system closes when the starting process is gone, however it went, and then kills the server. A line on the pipe
 * says that the server has ended by itself, and its process id may be another's.
 */
const WATCHED = `
{ read -r _ <&3 || { kill -9 $$; rm -rf "$HOLDFAST_FOLDER"; }; } >/dev/null 2>&1 &
exec "$@" 3<&-`;

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  hasEnded: boolean;
  /** The last of what it printed. */
  log: string;
}

function run(args: readonly string[], folder: string): Running {
  const redis = process.env['HOLDFAST_REDIS_SERVER'] || 'redis-server';
  const child = spawn('sh', ['-c', WATCHED, 'sh', redis, ...args], {
    cwd: folder,
    env: { ...process.env, HOLDFAST_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // Ctrl-C is for the process that started it, which may want to say a last word to the server.
    detached: true,
  });
  const pipe = child.stdio[3] as Writable;
  pipe.on('error', () => undefined);
  const running: Running = {
    child,
    hasEnded: false,
    ended: new Promise((resolve) => {
      const ended = (): void => {
        running.hasEnded = true;
        pipe.end('ended\n');
        resolve();
      };
      child.on('exit', ended);
      child.on('error', (error) => {
        running.log += String(error);
        ended();
      });
    }),
    log: '',
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      running.log = (running.log + text).slice(-4000);
    });
  }
  return running;
}

async function isAnswering(port: number, running: Running): Promise<boolean> {
  if (running.hasEnded) throw new Error(`redis-server ended:\n${running.log.trim()}`);
  // LOADING is an error reply: not yet.
  return (await call(port, 'PING').catch(() => undefined)) === 'PONG';
}

async function end(running: Running): Promise<void> {
  const { child } = running;
  if (running.hasEnded) return;
  child.kill('SIGTERM');
  child.kill('SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
  await running.ended;
  clearTimeout(timer);
}

/** A server whose arguments depend on its port, as those of Sentinel do. Not for tests: see `startRedis`. */
export async function startOn(
  argsOf: (port: number, folder: string) => readonly string[] | Promise<readonly string[]>,
): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-redis-'));
  try {
    for (let tries = 1; ; tries++) {
      const port = await freePort();
      const args = await argsOf(port, folder);
      const running = run(args, folder);
      try {
        await until(`redis-server answers on port ${port}`, () => isAnswering(port, running));
        return serverOf(port, folder, args, running);
      } catch (error) {
        await end(running);
        if (tries === 5 || !/address already in use/i.test(running.log)) throw error;
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function serverOf(port: number, folder: string, args: readonly string[], first: Running): RedisServer {
  let running = first;
  return {
    port,
    folder,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return running.child.pid ?? 0;
    },
    get isRunning() {
      return !running.hasEnded;
    },
    call: (...command) => call(port, ...command),
    async stop() {
      await end(running);
      await rm(folder, { recursive: true, force: true });
    },
    async kill() {
      running.child.kill('SIGKILL');
      await running.ended;
    },
    async restart() {
      await end(running);
      running = run(args, folder);
      await until(`redis-server answers on port ${port} again`, () => isAnswering(port, running));
    },
    pause: () => void running.child.kill('SIGSTOP'),
    resume: () => void running.child.kill('SIGCONT'),
  };
}

/** What every server of ours has: nobody else can reach it, and it writes nothing but what a test asks for. */
export function baseArgs(port: number, folder: string): readonly string[] {
  const options: Readonly<Record<string, string>> = {
    bind: '127.0.0.1',
    'protected-mode': 'yes',
    port: String(port),
    dir: folder,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
    // A replica would otherwise wait 5 s for others to come along.
    'repl-diskless-sync': 'yes',
    'repl-diskless-sync-delay': '0',
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Starts a server of its own for a test, and waits until it answers. Where a shared one will do, see `shared.ts`. */
export function startRedis({ args = [] }: RedisOptions = {}): Promise<RedisServer> {
  return startOn((port, folder) => [...baseArgs(port, folder), ...args]);
}

export async function stopAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}
