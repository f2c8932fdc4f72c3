/** The application on sessions that are an object, as those of most libraries are. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Actions, PAUSE } from './server.ts';

export type Bag = Record<string, unknown>;

export interface BagOptions<Req, Res> {
  bagOf(req: Req, res: Res): Bag | undefined | null | Promise<Bag>;
  /** What the library's documentation asks for before someone is signed in: as a rule, another id. */
  renew?: (req: Req, res: Res) => unknown;
  /** Where the library stores only when it is told to. */
  save?: (req: Req, res: Res, bag: Bag) => unknown;
}

export function onBag<Req, Res>({ bagOf, renew, save }: BagOptions<Req, Res>): Actions<Req, Res> {
  async function writable(req: Req, res: Res): Promise<Bag> {
    const bag = await bagOf(req, res);
    if (!bag) throw new Error('there is no session to write to');
    return bag;
  }
  function readFrom(bag: Bag | undefined | null): string {
    return bag?.['userId'] === undefined ? 'nobody' : `${String(bag['userId'])} ${String(bag['color'])}`;
  }
  return {
    read(req, res) {
      const bag = bagOf(req, res);
      return bag instanceof Promise ? bag.then(readFrom) : readFrom(bag);
    },
    async write(req, res, value) {
      const bag = await writable(req, res);
      const before = bag['note'] ?? '-';
      bag['note'] = value;
      await save?.(req, res, bag);
      return `${String(bag['userId'])} ${String(before)}`;
    },
    async signIn(req, res, user) {
      await renew?.(req, res);
      const bag = await writable(req, res);
      bag['userId'] = user;
      bag['color'] = 'blue';
      await save?.(req, res, bag);
      return `signed in ${user}`;
    },
    async put(req, res, key) {
      const bag = await writable(req, res);
      await pause(PAUSE);
      bag[key] = 1;
      await save?.(req, res, bag);
      return 'kept';
    },
    async count(req, res) {
      const bag = await writable(req, res);
      await pause(PAUSE);
      bag['count'] = Number(bag['count'] ?? 0) + 1;
      await save?.(req, res, bag);
      return 'counted';
    },
    async kept(req, res) {
      const bag = await writable(req, res);
      const keys = Object.keys(bag).filter((key) => /^k\d+$/.test(key));
      return `${keys.length} ${String(bag['count'] ?? 0)}`;
    },
  };
}
