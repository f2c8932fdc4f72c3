/** The hand-made site with limits on its sessions, as a program: `node program.ts <port> <what it is, as JSON>`. */
import { createServer } from 'node:http';
import { nodeSite } from '../node/site.ts';
import { withLimits } from './with-limits.ts';

export interface Told {
  readonly idle?: number;
  readonly absolute?: number;
  /** Which clock the limits go by. Default: the time of day. */
  readonly clock?: 'time of day' | 'since the start';
  readonly cookieAttributes?: string;
}

if (import.meta.main) {
  const [port, told = '{}'] = process.argv.slice(2);
  const { clock, cookieAttributes, ...limits } = JSON.parse(told) as Told;
  const now = clock === 'since the start' ? () => performance.now() : () => Date.now();
  const site = nodeSite(cookieAttributes === undefined ? {} : { cookieAttributes });
  createServer(withLimits(site, { ...limits, now })).listen(Number(port), '127.0.0.1');
}
