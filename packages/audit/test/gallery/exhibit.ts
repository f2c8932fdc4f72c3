/** A tiny site of ours with exactly one planted flaw, or with none, and the truth about it. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TimeControl } from '../../src/time/control.ts';

export interface Exhibit {
  readonly name: string;
  readonly stack: string;
  /** What is wrong with it, or that nothing is, for whoever doubts a result. */
  readonly truth: string;
  /** The checks that find something, and no others do. */
  readonly found: readonly string[];
  /** What its sessions are recognised as, by the id of the stack. Default: nothing. */
  readonly madeWith?: string;
  /** As a recipe file would say it. Default: everything is found out. */
  readonly recipe?: string;
  readonly allow?: readonly ('password-change' | 'state-change')[];
  /** The audit is given no account: what is wrong is seen without. */
  readonly isAnonymous?: boolean;
  /** Whether the audit is given the second account. */
  readonly hasSecondAccount?: boolean;
  /** Its certificate is not trusted. */
  readonly isInsecure?: boolean;
  start(): Promise<Running>;
}

export interface Running {
  readonly url: string;
  /** Where time can be moved. */
  readonly time?: TimeControl;
  stop(): Promise<void>;
}

export const USER = 'ada';
export const SECOND = { user: 'grace', password: 'nanoseconds of wire' };
export const PASSWORD = 'correct horse battery staple';

export async function listen(listener: RequestListener): Promise<Running> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
