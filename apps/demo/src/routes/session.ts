/** How long the session still lives, for the countdown, and the button that lets it live on. */
import { Router } from 'express';
import type { Context } from '../app.ts';
import { field } from '../form.ts';
import { localPath } from '../local-path.ts';
import { countdownOf } from '../countdown.ts';

/** Asked by a page, not by a person: no activity. */
export const POLLED = '/session/state';

export function ownSessionRoutes({ clock, sessionOf, userOf }: Context): Router {
  const router = Router();

  router.get(POLLED, (req, res) => {
    const { info } = sessionOf(req);
    const isSignedIn = userOf(req) !== undefined && info !== undefined;
    res.json(isSignedIn ? countdownOf(info, clock.now()) : { signedIn: false });
  });

  // Whatever is asked for by a person is activity: there is nothing more to do.
  router.post('/session/stay', (req, res) => {
    if (!userOf(req)) return res.redirect(303, '/sign-in');
    res.redirect(303, localPath(field(req, 'to')));
  });

  return router;
}
