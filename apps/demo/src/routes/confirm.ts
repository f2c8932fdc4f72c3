/** Step-up: the password once more, and back to where it was asked for (ASVS 7.5.1). */
import { Router } from 'express';
import type { Context } from '../app.ts';
import { field } from '../form.ts';
import { localPath, withDone } from '../local-path.ts';
import { confirmPage } from '../pages/confirm.ts';

/** Where a page asks for the password, and comes back to `path` with it. */
export function confirmFor(path: string): string {
  return `/confirm?${new URLSearchParams({ to: path })}`;
}

export function confirmRoutes({ users, passwords, sessionOf, userOf }: Context): Router {
  const router = Router();

  router.get('/confirm', (req, res) => {
    const user = userOf(req);
    if (!user) return res.redirect(303, '/sign-in');
    res.send(confirmPage({ user, sessionId: sessionOf(req).id, to: localPath(req.query['to']) }));
  });

  router.post('/confirm', async (req, res) => {
    const user = userOf(req);
    if (!user) return res.redirect(303, '/sign-in');
    const to = localPath(field(req, 'to'));
    const isRight = await passwords.attempt(
      { username: user.username, address: req.ip ?? '' },
      () => users.verify(user, field(req, 'password')),
      (it) => !it,
    );
    if (!isRight) {
      res.status(401).send(confirmPage({ user, sessionId: sessionOf(req).id, to, isRefused: true }));
      return;
    }
    await sessionOf(req).reauthenticate();
    res.redirect(303, withDone(to, 'confirmed'));
  });

  return router;
}
