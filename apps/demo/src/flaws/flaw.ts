/** What a flaw may put itself around. Nothing here is the application's: without a switch none of it runs. */
import type { RequestHandler } from 'express';
import type { Sessions, SessionOptions, SessionStore } from 'holdfast';
import type { Users } from '../users.ts';

export interface Flaw {
  /** What is wrong with the sessions then, for whoever reads the help, the log or the page. */
  readonly says: string;
  readonly options?: (options: SessionOptions) => Partial<SessionOptions>;
  readonly store?: (store: SessionStore) => SessionStore;
  /** What the routes call, which a flaw may make to do less. */
  readonly services?: (services: Services) => Services;
  /** In front of everything else: may change what comes in, and what goes out. */
  readonly exchange?: RequestHandler;
  /** How many minutes a password counts for what asks for it again. */
  readonly proofLasts?: number;
}

export interface Services {
  readonly sessions: Sessions;
  readonly users: Users;
}
