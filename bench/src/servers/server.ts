/** What every server under measurement has in common: the same small application, each on sessions of its own. */
import type { Server } from 'node:http';
import { load } from '../../peers/load.ts';

export type Store =
  | 'none'
  | 'memory'
  | 'sqlite'
  | 'redis'
  | 'ioredis'
  | 'postgres'
  | 'mysql'
  | 'cached'
  | 'cookie';

/** Where a server keeps its sessions. */
export interface Place {
  readonly store: Store;
  readonly redisUrl: string;
  readonly postgresUrl: string;
  readonly mysqlUrl: string;
}

/** What is in a store after it was filled. */
export interface Filled {
  /** A Cookie header for each session. */
  readonly cookies: readonly string[];
  /** That each takes: of the heap, of Redis' memory, of tables and their indexes. */
  readonly bytesEach: number;
}

export interface Started {
  readonly server: Server;
  /** Puts so many signed-in sessions (`user-0`, `user-1` …, each with the color blue) into the store. */
  readonly fill?: (count: number) => Promise<Filled>;
}

/** The sessions a library gives to a framework, made for a store. */
export type Start = (place: Place) => Promise<Started>;

export type Libraries = Readonly<Record<string, Start>>;

/**
 * What the application does with a session, and what it answers. A framework's file has one route for each, the same for all
 * libraries, the bare framework among them.
 */
export interface Actions<Req, Res> {
  /** `GET /read`: the user and a field of their session, or `nobody`. */
  read(req: Req, res: Res): string | Promise<string>;
  /** `POST /write/…`: keeps a value, and answers with the user and the value before. */
  write(req: Req, res: Res, value: string): string | Promise<string>;
  /** `POST /sign-in/…`: a new session, with a color in it. */
  signIn(req: Req, res: Res, user: string): string | Promise<string>;
  /** `POST /put/…`: keeps `1` under a key, after a pause as for another database. */
  put(req: Req, res: Res, key: string): string | Promise<string>;
  /** `POST /count`: one more, after such a pause. */
  count(req: Req, res: Res): string | Promise<string>;
  /** `GET /kept`: how many keys `put` has kept, and what `count` has come to. */
  kept(req: Req, res: Res): string | Promise<string>;
}

export const PAUSE = 5;

export type Route = readonly [action: keyof Actions<never, never>, value: string];

/** For frameworks without a router. */
export function routeOf(method: string | undefined, url: string | undefined): Route | undefined {
  const [, name = '', value = ''] = (url ?? '').split('/');
  if (method === 'GET') return name === 'read' || name === 'kept' ? [name, value] : undefined;
  if (name === 'write' || name === 'put' || name === 'count') return [name, value];
  return name === 'sign-in' ? ['signIn', value] : undefined;
}

export function act<Req, Res>(
  actions: Actions<Req, Res>,
  req: Req,
  res: Res,
  [action, value]: Route,
): string | Promise<string> {
  return actions[action](req, res, value);
}

/** A module of a peer, typed as far as it is used. */
export async function peer<Module>(name: string): Promise<Module> {
  return (await load(name)) as Module;
}

export const SECRET = 'a secret of the benchmark, longer than 32 characters';
