import { Router } from 'express';
import type { Context } from '../app.ts';
import { homePage } from '../pages/home.ts';
import { noticeOf } from '../pages/notice.ts';
import { welcomePage } from '../pages/welcome.ts';

export function homeRoutes({ sessions, clock, sessionOf, userOf }: Context): Router {
  const router = Router();

  router.get('/', async (req, res) => {
    const session = sessionOf(req);
    const user = userOf(req);
    const { info } = session;
    if (!user || !info) {
      res.send(welcomePage({ notice: noticeOf(req.query['done'], session.rejected) }));
      return;
    }
    const { length: devices } = await sessions.list(user.id);
    res.send(homePage({ user, info, devices, now: clock.now() }));
  });

  return router;
}
