/** Signing up, in and out. */
import { type Request, type Response, Router } from 'express';
import type { Context } from '../app.ts';
import { field } from '../form.ts';
import { noticeOf } from '../pages/notice.ts';
import { signInPage } from '../pages/sign-in.ts';
import { signUpPage } from '../pages/sign-up.ts';
import type { SignUpProblem, User } from '../users.ts';

/** An epoch to read for a name that nobody has, so that it takes the same steps. */
const NOBODY = 'nobody';

const STATUS: Readonly<Record<SignUpProblem, number>> = {
  username: 422,
  password_short: 422,
  password_long: 422,
  taken: 409,
};

export function signInRoutes({
  sessions,
  users,
  passwords,
  demoAccount,
  sessionOf,
  userOf,
}: Context): Router {
  const router = Router();

  router.get('/sign-up', (req, res) => {
    if (userOf(req)) return res.redirect(303, '/');
    res.send(signUpPage({}));
  });

  router.post('/sign-up', async (req, res) => {
    const username = field(req, 'username');
    const { user, problem } = await users.create(username, field(req, 'password'));
    if (problem) {
      res.status(STATUS[problem]).send(signUpPage({ username, problem }));
      return;
    }
    await signIn(req, res, user, { userEpoch: await sessions.userEpoch(user.id) });
  });

  router.get('/sign-in', (req, res) => {
    if (userOf(req)) return res.redirect(303, '/');
    const notice = noticeOf(req.query['done'], sessionOf(req).rejected);
    res.send(signInPage({ notice, demoAccount }));
  });

  router.post('/sign-in', async (req, res) => {
    const username = field(req, 'username');
    const persistent = field(req, 'persistent') === 'yes';
    const user = users.byName(username);
    // Before the password is looked at: a sign-in with an old password that races its change must lose.
    const userEpoch = await sessions.userEpoch(user?.id ?? NOBODY);
    const isRight = await passwords.attempt(
      { username, address: req.ip ?? '' },
      () => users.verify(user, field(req, 'password')),
      (it) => !it,
    );
    if (!user || !isRight) {
      res.status(401).send(signInPage({ username, persistent, isRefused: true, demoAccount }));
      return;
    }
    await signIn(req, res, user, { userEpoch, persistent });
  });

  router.post('/sign-out', async (req, res) => {
    await sessionOf(req).signOut();
    res.redirect(303, '/?done=signed-out');
  });

  async function signIn(
    req: Request,
    res: Response,
    user: User,
    details: { readonly userEpoch: number; readonly persistent?: boolean },
  ): Promise<void> {
    await sessionOf(req).signIn({ userId: user.id, ...details });
    res.redirect(303, '/');
  }

  return router;
}
