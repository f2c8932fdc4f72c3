/** What is measured beside what. */
import type { LoadName } from './browsers.ts';
import type { Store } from './servers/server.ts';

export type Framework = 'express' | 'node' | 'fastify' | 'hono' | 'koa';

export const FRAMEWORKS: readonly Framework[] = ['express', 'node', 'fastify', 'hono', 'koa'];

export interface Variant {
  readonly framework: Framework;
  readonly library: string;
  readonly store: Store;
  readonly kind: 'bare' | 'by-hand' | 'holdfast' | 'peer';
  /** What it can do. */
  readonly loads: readonly LoadName[];
}

const ALL: readonly LoadName[] = ['read', 'write', 'sign-in', 'anonymous'];

const bare = (framework: Framework): Variant => ({
  framework,
  library: 'bare',
  store: 'none',
  kind: 'bare',
  loads: ALL,
});

const ours =
  (library: 'by-hand' | 'holdfast') =>
  (framework: Framework, ...stores: Store[]): Variant[] =>
    stores.map((store) => ({ framework, library, store, kind: library, loads: ALL }));
const byHand = ours('by-hand');
const holdfast = ours('holdfast');

const peer = (framework: Framework, library: string, stores: readonly Store[], loads = ALL): Variant[] =>
  stores.map((store) => ({ framework, library, store, kind: 'peer', loads }));

export const variants: readonly Variant[] = [
  bare('express'),
  ...byHand('express', 'memory', 'sqlite', 'redis', 'ioredis', 'postgres'),
  ...holdfast('express', 'memory', 'sqlite', 'redis', 'ioredis', 'postgres', 'cached'),
  ...peer('express', 'express-session', ['memory', 'redis', 'postgres']),
  ...peer('express', 'cookie-session', ['cookie']),

  bare('node'),
  ...byHand('node', 'memory', 'sqlite', 'redis', 'ioredis', 'postgres', 'mysql'),
  ...holdfast('node', 'memory', 'sqlite', 'redis', 'ioredis', 'postgres', 'mysql', 'cached'),

  bare('fastify'),
  ...byHand('fastify', 'memory', 'redis'),
  ...holdfast('fastify', 'memory', 'redis'),
  ...peer('fastify', '@fastify/session', ['memory', 'redis']),
  ...peer('fastify', '@fastify/secure-session', ['cookie']),

  bare('hono'),
  ...byHand('hono', 'memory', 'redis'),
  ...holdfast('hono', 'memory', 'redis'),
  ...peer('hono', 'iron-session', ['cookie']),
  // With `cookie`, the id in its cookie is sealed; the data is in memory all the same.
  ...peer('hono', 'hono-sessions', ['memory', 'cookie']),
  // With `cookie`, its cookie cache answers; behind it is memory.
  ...peer('hono', 'better-auth', ['memory', 'sqlite', 'cookie'], ['read', 'anonymous']),

  bare('koa'),
  ...byHand('koa', 'memory'),
  ...holdfast('koa', 'memory'),
  ...peer('koa', 'koa-session', ['cookie']),
];

/** Reads are what sessions do all day: every variant takes them. The other loads are taken where peers are. */
export function isMeasured({ framework, kind, store, loads }: Variant, load: LoadName): boolean {
  if (!loads.includes(load)) return false;
  if (load === 'read') return true;
  if (framework === 'node' || framework === 'koa' || store === 'ioredis') return false;
  return kind !== 'by-hand' || store !== 'sqlite';
}

/** Those that are under load at once, beside the bare framework: the more there are, the less of the processor each has to warm up in. */
export const GROUPS = ['in the process', 'Redis', 'SQL'] as const;

export function groupOf({ store }: Variant): (typeof GROUPS)[number] {
  if (store === 'redis' || store === 'ioredis') return 'Redis';
  return store === 'sqlite' || store === 'postgres' || store === 'mysql' ? 'SQL' : 'in the process';
}

export const nameOf = ({ framework, library, store }: Variant): string =>
  store === 'none' ? `${framework} ${library}` : `${framework} ${library} ${store}`;

const TITLES: Readonly<Record<string, string>> = {
  bare: 'the framework alone',
  'by-hand': 'by hand',
  holdfast: '**Holdfast**',
};

const STORES: Readonly<Record<Store, string>> = {
  none: '',
  memory: 'memory',
  sqlite: 'SQLite',
  redis: 'Redis (node-redis)',
  ioredis: 'Redis (ioredis)',
  postgres: 'PostgreSQL',
  mysql: 'MariaDB',
  cached: 'Redis, cached',
  cookie: 'in the cookie',
};

/** Where `store` says something else than where the data is. */
const SPECIAL: Readonly<Record<string, string>> = {
  'express-session memory': 'express-session, MemoryStore',
  'express-session redis': 'express-session, connect-redis',
  'express-session postgres': 'express-session, connect-pg-simple',
  'hono-sessions cookie': 'hono-sessions, memory, sealed id',
  'better-auth cookie': 'better-auth `getSession`, cookie cache',
  'better-auth memory': 'better-auth `getSession`, memory',
  'better-auth sqlite': 'better-auth `getSession`, SQLite',
};

export function titleOf({ library, store }: Variant): string {
  const special = SPECIAL[`${library} ${store}`];
  if (special) return special;
  const title = TITLES[library] ?? library;
  return store === 'none' ? title : `${title}, ${STORES[store]}`;
}
