/** What the environment and the command line say, checked before anything starts. */
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { type MysqlConfig, parseMysqlUrl } from './mysql-url.ts';
import { parsePostgresUrl, type PostgresConfig } from './postgres-url.ts';
import { parseRedisUrl, type RedisConfig, withoutPassword } from './redis-url.ts';

/** Something the person who starts the demo can put right: told in one line, without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Where accounts are kept. */
export type UsersConfig = { readonly kind: 'memory' } | { readonly kind: 'sqlite'; readonly path: string };

/** Where sessions are kept. */
export type StoreConfig = UsersConfig | RedisConfig | PostgresConfig | MysqlConfig;

/** Spans of time, in the library's spelling; what is left out has the library's default. */
export interface Timeouts {
  readonly idleTimeout?: Seconds;
  readonly absoluteTimeout?: Seconds;
  readonly renewAfter?: Seconds;
  readonly grace?: Seconds;
}

type Seconds = number;

export interface Config {
  readonly port: number;
  readonly store: StoreConfig;
  readonly users: UsersConfig;
  readonly timeouts: Timeouts;
  /** How long each instance may answer from its memory what it has read; none reads anew at each request. */
  readonly cacheMaxAge?: Seconds;
}

/** Which variable sets which option of `createSessions`. */
const TIMEOUT_VARIABLES: Readonly<Record<keyof Timeouts, string>> = {
  idleTimeout: 'HOLDFAST_IDLE',
  absoluteTimeout: 'HOLDFAST_ABSOLUTE',
  renewAfter: 'HOLDFAST_RENEW',
  grace: 'HOLDFAST_GRACE',
};

/** The same file whatever the working directory is, from `src` as from `dist`. */
const DEFAULT_FILE = fileURLToPath(new URL('../.data/demo.sqlite', import.meta.url));

export const HELP = `Holdfast's reference application, on this machine only.

  npm start                  serves http://localhost:3000
  npm start -- --help        shows this

Environment variables:
  PORT                       where to listen (3000); 0 takes any free port
  HOLDFAST_STORE             where sessions are kept (sqlite:apps/demo/.data/demo.sqlite):
                             memory:
                             sqlite:<path>
                             redis://host:port, rediss:// with TLS
                             redis+sentinel://host:port,host:port/name
                             redis+cluster://host:port,host:port
                             postgres://host:port/database, postgresql:// as well
                             mysql://host:port/database, mariadb:// as well
  HOLDFAST_USERS             where accounts are kept: sqlite:<path>; beside the sessions, or
                             sqlite:apps/demo/.data/demo.sqlite where these are on a server
  HOLDFAST_IDLE              how long a session lives without a request (30m)
  HOLDFAST_ABSOLUTE          how long a session lives at most (8h)
  HOLDFAST_RENEW             how old a token grows before it is renewed (15m)
  HOLDFAST_GRACE             how long a renewed token is still accepted (60s)
  HOLDFAST_CACHE             how long an instance may answer from its memory what it
                             has read, with sessions in Redis or PostgreSQL (not at all)

A duration is written like 90, 90s, 30m, 8h or 30d; a number alone is seconds.

A password is written redis://user:password@host:port, and so with the others.
Several instances may share one server and, on one machine, one file of accounts:

  HOLDFAST_STORE=redis://localhost:6379 PORT=3000 npm start
  HOLDFAST_STORE=redis://localhost:6379 PORT=3001 npm start

Browsers send a cookie to every port of a host: who signs in at one is signed in
at the other. The header Demo-Instance of an answer says whose it is.
`;

/** @throws StartError that names the variable and says what to write. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const store = readStore(env['HOLDFAST_STORE']);
  const cacheMaxAge = readCache(env['HOLDFAST_CACHE'], store);
  return {
    port: readPort(env['PORT']),
    store,
    users: readUsers(env['HOLDFAST_USERS'], store),
    timeouts: readTimeouts(env),
    ...(cacheMaxAge !== undefined && { cacheMaxAge }),
  };
}

function readPort(text: string | undefined): number {
  if (!text) return 3000;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535))
    throw new StartError(`PORT: ${quote(text)} is not a port; write a number up to 65535`);
  return port;
}

const CREDENTIALS = 'user:password@ before the host, with %40 for @';
const MISTAKES: readonly (readonly [start: RegExp, mistake: string])[] = [
  [
    /^redis/,
    `is no address of a Redis; write redis://host:port, redis+sentinel://host:port,host:port/name or redis+cluster://host:port,host:port, and ${CREDENTIALS}`,
  ],
  [/^postgres/, `is no address of a PostgreSQL; write postgres://host:port/database, and ${CREDENTIALS}`],
  [
    /^(mysql|mariadb)/,
    `is no address of a MySQL or MariaDB; write mysql://host:port/database, and ${CREDENTIALS}`,
  ],
];

function readStore(text: string | undefined): StoreConfig {
  if (!text) return { kind: 'sqlite', path: DEFAULT_FILE };
  if (text === 'memory:') return { kind: 'memory' };
  const store = readFile(text) ?? parseRedisUrl(text) ?? parsePostgresUrl(text) ?? parseMysqlUrl(text);
  if (store) return store;
  const shown = quote(withoutPassword(text));
  const [
    ,
    mistake = 'is not a store; write memory:, sqlite:<path>, redis://host:port, postgres://host:port/database or mysql://host:port/database',
  ] = MISTAKES.find(([start]) => start.test(text)) ?? [];
  throw new StartError(`HOLDFAST_STORE: ${shown} ${mistake}`);
}

function readUsers(text: string | undefined, store: StoreConfig): UsersConfig {
  if (!text)
    return store.kind === 'memory' || store.kind === 'sqlite'
      ? store
      : { kind: 'sqlite', path: DEFAULT_FILE };
  const users = readFile(text);
  if (users) return users;
  throw new StartError(`HOLDFAST_USERS: ${quote(text)} is not a file of accounts; write sqlite:<path>`);
}

function readFile(text: string): UsersConfig | undefined {
  const path = text.startsWith('sqlite:') ? text.slice('sqlite:'.length) : '';
  // A name in colons is a database of one connection, and the demo opens two.
  return path && !path.startsWith(':') ? { kind: 'sqlite', path: resolve(path) } : undefined;
}

/** Where sessions are, when no instance is told what another has changed: it would go on with what has ended. */
const SILENT = { memory: 'memory', sqlite: 'a file', mysql: 'MySQL' } as const;

function readCache(text: string | undefined, store: StoreConfig): Seconds | undefined {
  const seconds = readSeconds('HOLDFAST_CACHE', text);
  if (seconds === undefined || store.kind === 'redis' || store.kind === 'postgres') return seconds;
  throw new StartError(
    `HOLDFAST_CACHE: a store in ${SILENT[store.kind]} can not tell other instances of its changes; write HOLDFAST_STORE=redis://host:port, or leave HOLDFAST_CACHE out`,
  );
}

function readTimeouts(env: Readonly<Record<string, string | undefined>>): Timeouts {
  const entries = Object.entries(TIMEOUT_VARIABLES).map(
    ([option, variable]) => [option, readSeconds(variable, env[variable])] as const,
  );
  return Object.fromEntries(entries.filter(([, seconds]) => seconds !== undefined));
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };
const LONGEST = 400 * 86_400;

function readSeconds(variable: string, text: string | undefined): Seconds | undefined {
  if (!text) return undefined;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text) ?? [];
  const seconds = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (seconds <= LONGEST) return seconds;
  throw new StartError(
    `${variable}: ${quote(text)} is not a duration; write one like 90, 90s, 30m or 8h, at most 400d`,
  );
}

/** What the library says about an option, said about the variable that set it. */
export function explainOptionError(error: TypeError): StartError {
  let message = error.message;
  for (const [option, variable] of Object.entries(TIMEOUT_VARIABLES)) {
    message = message.replaceAll(option, variable).replace(/^grace:/, 'HOLDFAST_GRACE:');
  }
  return new StartError(message);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
