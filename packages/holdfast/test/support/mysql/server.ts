/** Real MariaDB servers for tests: each on a free loopback port, in a folder of its own. */
import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { startWatched, type WatchedProcess } from '../watched-process.ts';

export interface MariadbServer {
  readonly port: number;
  /** `mysql://root@127.0.0.1:port/holdfast` */
  readonly url: string;
  readonly pid: number;
  readonly isRunning: boolean;
  /** Removed by `stop`. */
  readonly folder: string;
  /** One statement on a connection of its own. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** SIGTERM, and SIGKILL where that does not help; the folder is removed. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash; `restart` may follow. */
  kill(): Promise<void>;
  /** On the same port and folder, with the same settings; stops it first where it runs. */
  restart(): Promise<void>;
  /** SIGSTOP: connections are accepted by the system, and nothing is answered. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
}

export interface MariadbOptions {
  /** Put after the default settings, which they override: `{ 'innodb-flush-log-at-trx-commit': '1' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The server refuses to run as root: then it runs as `nobody`. */
const UID: number | undefined = process.getuid?.() === 0 ? 65_534 : undefined;
const INSTALL = process.env['HOLDFAST_MARIADB_INSTALL'] || 'mariadb-install-db';
const DATABASE = 'holdfast';

function run(args: readonly string[], folder: string): WatchedProcess {
  const program = process.env['HOLDFAST_MARIADB_SERVER'] || '/usr/sbin/mariadbd';
  return startWatched(program, args, { folder, uid: UID });
}

async function query(port: number, sql: string, database?: string) {
  const connection = await mysql.createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    connectTimeout: 5000,
    ...(database && { database }),
  });
  connection.on('error', () => undefined);
  try {
    return (await connection.query(sql))[0] as readonly Record<string, unknown>[];
  } finally {
    connection.destroy();
  }
}

async function isAnswering(port: number, running: WatchedProcess): Promise<boolean> {
  if (running.hasEnded) throw new Error(`mariadbd ended:\n${running.log.trim()}`);
  return query(port, `CREATE DATABASE IF NOT EXISTS ${DATABASE}`).then(
    () => true,
    () => false,
  );
}

/** Nobody else can reach it, and it waits for no disk: who tests durability overrides that. */
const SETTINGS: Readonly<Record<string, string>> = {
  'bind-address': '127.0.0.1',
  'skip-name-resolve': 'ON',
  'max-connections': '200',
  'innodb-buffer-pool-size': '64M',
  'innodb-log-file-size': '16M',
  'innodb-flush-log-at-trx-commit': '0',
  'innodb-doublewrite': 'OFF',
  'performance-schema': 'OFF',
};

function argsOf(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}

/** Starts a server of its own for a test, and waits until it answers. Where a shared one will do, see `shared.ts`. */
export async function startMariadb({ settings = {} }: MariadbOptions = {}): Promise<MariadbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-mariadb-'));
  try {
    if (UID !== undefined) await chown(folder, UID, UID);
    const data = join(folder, 'data');
    const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'];
    await promisify(execFile)(
      INSTALL,
      [
        ...install,
        '--skip-test-db',
        ...(UID === undefined ? [] : ['--user=nobody']),
        '--innodb-log-file-size=16M',
      ],
      // A server that starts deletes every temporary table in its temporary folder, also those of others.
      { cwd: folder, env: { ...process.env, TMPDIR: folder } },
    );
    for (let tries = 1; ; tries++) {
      const port = await freePort();
      const own = {
        datadir: data,
        tmpdir: folder,
        socket: join(folder, 'socket'),
        'pid-file': join(folder, 'pid'),
      };
      const args = ['--no-defaults', ...argsOf({ ...SETTINGS, ...settings, ...own, port: String(port) })];
      const running = run(args, folder);
      try {
        await until(`mariadbd answers on port ${port}`, () => isAnswering(port, running));
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

function serverOf(
  port: number,
  folder: string,
  args: readonly string[],
  first: WatchedProcess,
): MariadbServer {
  let running = first;
  return {
    port,
    folder,
    url: `mysql://root@127.0.0.1:${port}/${DATABASE}`,
    get pid() {
      return running.pid;
    },
    get isRunning() {
      return !running.hasEnded;
    },
    query: (sql) => query(port, sql, DATABASE),
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
      await until(`mariadbd answers on port ${port} again`, () => isAnswering(port, running));
    },
    pause: () => running.signal('SIGSTOP'),
    resume: () => running.signal('SIGCONT'),
  };
}
