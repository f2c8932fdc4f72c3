/** The framework alone: it answers as much, and knows nobody. */
import type { Actions } from './server.ts';

export const bare: Actions<unknown, unknown> = {
  read: () => 'user-0 blue',
  write: () => 'user-0 -',
  signIn: (_req, _res, user) => `signed in ${user}`,
  put: () => 'kept',
  count: () => 'counted',
  kept: () => '0 0',
};
