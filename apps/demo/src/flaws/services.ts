/** Flaws of what the application does with its sessions. */
import type { Flaw, Services } from './flaw.ts';

export const serviceFlaws = {
  'step-up': {
    says: 'nothing asks for the password again, however long ago it was given',
    proofLasts: Number.POSITIVE_INFINITY,
  },
  'password-change': {
    says: 'other sessions survive a change of the password',
    services: withoutRevocation,
  },
} satisfies Readonly<Record<string, Flaw>>;

/** The revocation that follows a change of the password is left out, and no other. */
function withoutRevocation({ sessions, users }: Services): Services {
  const changed = new Set<string>();
  return {
    users: {
      ...users,
      async changePassword(user, current, next) {
        const problem = await users.changePassword(user, current, next);
        if (problem === undefined) changed.add(user.id);
        return problem;
      },
    },
    sessions: {
      ...sessions,
      async revokeAll(userId, options) {
        return changed.delete(userId) ? 0 : sessions.revokeAll(userId, options);
      },
    },
  };
}
