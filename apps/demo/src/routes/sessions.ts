/** A user's sessions, and how they end them (ASVS 7.5.2). */
import { type Request, type Response, Router } from 'express';
import type { Context } from '../app.ts';
import { noticeOf } from '../pages/notice.ts';
import { problemPage } from '../pages/problem.ts';
import { sessionsPage } from '../pages/sessions.ts';
import type { User } from '../users.ts';
import { confirmFor } from './confirm.ts';

export function sessionRoutes({ sessions, clock, sessionOf, userOf, isProven }: Context): Router {
  const router = Router();

  router.get('/sessions', async (req, res) => {
    const user = signedIn(req, res);
    if (!user) return;
    const list = await sessions.list(user.id);
    const notice = noticeOf(req.query['done'], undefined);
    res.send(sessionsPage({ user, list, currentId: sessionOf(req).id, now: clock.now(), notice }));
  });

  router.post('/sessions/end-others', async (req, res) => {
    const user = signedIn(req, res);
    if (!user) return;
    // Who sits down at an open browser must not be able to lock its owner out everywhere else.
    if (!isProven(req)) return res.redirect(303, confirmFor('/sessions'));
    await sessions.revokeAll(user.id, { except: sessionOf(req).id });
    res.redirect(303, '/sessions?done=others-ended');
  });

  router.post('/sessions/:id/end', async (req, res) => {
    const user = signedIn(req, res);
    if (!user) return;
    const session = sessionOf(req);
    if (req.params.id === session.id) {
      await session.signOut();
      return res.redirect(303, '/?done=signed-out');
    }
    if (!isProven(req)) return res.redirect(303, confirmFor('/sessions'));
    // The id comes from the browser: only this user's sessions can be meant.
    if (await sessions.revoke(req.params.id, { userId: user.id })) {
      return res.redirect(303, '/sessions?done=ended');
    }
    res.status(404).send(
      problemPage({
        title: 'You have no such session',
        text: 'It may have ended in the meantime.',
        action: { href: '/sessions', label: 'Your sessions' },
      }),
    );
  });

  function signedIn(req: Request, res: Response): User | undefined {
    const user = userOf(req);
    if (!user) res.redirect(303, '/sign-in');
    return user;
  }

  return router;
}
