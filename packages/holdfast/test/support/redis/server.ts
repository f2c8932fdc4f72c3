/** Real Redis servers for tests: each on a free loopback port, in a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../until.ts';
import { startWatched, type WatchedProcess } from '../watched-process.ts';
import { freePort } from '../ports.ts';
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

function run(args: readonly string[], folder: string): WatchedProcess {
  return startWatched(process.env['HOLDFAST_REDIS_SERVER'] || 'redis-server', args, { folder });
}

async function isAnswering(port: number, running: WatchedProcess): Promise<boolean> {
  if (running.hasEnded) throw new Error(`redis-server ended:\n${running.log.trim()}`);
  // LOADING is an error reply: not yet.
  return (await call(port, 'PING').catch(() => undefined)) === 'PONG';
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
        await running.end();
        if (tries === 5 || !/address already in use/i.test(running.log)) throw error;
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function serverOf(port: number, folder: string, args: readonly string[], first: WatchedProcess): RedisServer {
  let running = first;
  return {
    port,
    folder,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return running.pid;
    },
    get isRunning() {
      return !running.hasEnded;
    },
    call: (...command) => call(port, ...command),
    async stop() {
      await running.end();
      await rm(folder, { recursive: true, force: true });
    },
    async kill() {
      running.signal('SIGKILL');
      await running.ended;
    },
    async restart() {
      await running.end();
      running = run(args, folder);
      await until(`redis-server answers on port ${port} again`, () => isAnswering(port, running));
    },
    pause: () => void running.signal('SIGSTOP'),
    resume: () => void running.signal('SIGCONT'),
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
