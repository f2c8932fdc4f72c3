/** What a user changes about themselves: the address, and the password. */
import { type Request, Router } from 'express';
import type { Context } from '../app.ts';
import { field } from '../form.ts';
import { accountPage } from '../pages/account.ts';
import { noticeOf } from '../pages/notice.ts';
import type { User } from '../users.ts';
import { confirmFor } from './confirm.ts';

/** The key in the session's data that keeps an address while the password is asked for: it is nobody else's to see. */
const DRAFT = 'emailDraft';
const LONGEST_DRAFT = 300;

export function accountRoutes({ sessions, users, passwords, sessionOf, userOf, isProven }: Context): Router {
  const router = Router();

  router.get('/account', (req, res) => {
    const user = userOf(req);
    if (!user) return res.redirect(303, '/sign-in');
    const notice = noticeOf(req.query['done'], undefined);
    res.send(accountPage({ user, sessionId: sessionOf(req).id, email: draftOf(req) ?? user.email, notice }));
  });

  router.post('/account/email', (req, res) => {
    const user = userOf(req);
    if (!user) return res.redirect(303, '/sign-in');
    const email = field(req, 'email');
    if (!isProven(req)) {
      sessionOf(req).set(DRAFT, email.slice(0, LONGEST_DRAFT));
      return res.redirect(303, confirmFor('/account'));
    }
    if (!users.changeEmail(user, email)) {
      res.status(422).send(accountPage({ user, sessionId: sessionOf(req).id, email, problem: 'email' }));
      return;
    }
    if (draftOf(req) !== undefined) sessionOf(req).delete(DRAFT);
    res.redirect(303, '/account?done=email-changed');
  });

  router.post('/account/password', async (req, res) => {
    const user = userOf(req);
    if (!user) return res.redirect(303, '/sign-in');
    const problem = await passwords.attempt(
      { username: user.username, address: req.ip ?? '' },
      () => users.changePassword(user, field(req, 'current'), field(req, 'next')),
      (it) => it === 'current',
    );
    if (problem) {
      const status = problem === 'current' ? 401 : 422;
      res
        .status(status)
        .send(
          accountPage({ user, sessionId: sessionOf(req).id, email: draftOf(req) ?? user.email, problem }),
        );
      return;
    }
    res.redirect(303, await endSessions(req, user, field(req, 'everywhere') === 'yes'));
  });

  /** Whoever knew the old password is out (ASVS 7.4.3), and an eavesdropper on this session too. Returns where to go. */
  async function endSessions(req: Request, user: User, everywhere: boolean): Promise<string> {
    const session = sessionOf(req);
    await sessions.revokeAll(user.id, { except: session.id });
    if (everywhere) {
      await session.signOut();
      return '/?done=signed-out-everywhere';
    }
    await session.reauthenticate();
    return '/account?done=password-changed';
  }

  function draftOf(req: Request): string | undefined {
    const draft = sessionOf(req).get(DRAFT);
    return typeof draft === 'string' ? draft : undefined;
  }

  return router;
}
