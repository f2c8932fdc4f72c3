/** The shop on Holdfast: the library, the adapter and the checks of the real application, with a store of its own. */
import { type NextFunction, type Request, type Response, Router } from 'express';
import express from 'express';
import { createSessions } from 'holdfast';
import { csrfProtection } from 'holdfast/csrf';
import { expressSessions } from 'holdfast/express';
import { memoryStore } from 'holdfast/stores/memory';
import { fieldOf, SAYINGS, type Target, type TargetOptions } from '../target.ts';

/** More than a run makes. */
const MAX_SESSIONS = 200;

export function holdfastTarget({ clock, gate, passwords }: TargetOptions): Target {
  const sessions = createSessions({
    store: memoryStore({ maxSessions: MAX_SESSIONS }),
    clock,
    // Whatever alarm an experiment raises is part of the show, and no news for the console.
    onEvent: () => undefined,
  });
  const { middleware, csrf, errorHandler, sessionOf } = expressSessions(sessions);

  async function untilReleased(req: Request, _res: Response, next: NextFunction): Promise<void> {
    if (req.query['slow'] !== undefined) await gate.hold();
    next();
  }

  const shop = Router();
  shop.get('/account', (req, res) => {
    const { userId } = sessionOf(req);
    if (userId === undefined) res.status(401).send(SAYINGS.nobody);
    else res.send(SAYINGS.hello(userId));
  });
  shop.post('/sign-in', async (req, res) => {
    const user = fieldOf(req.body, 'user');
    if (passwords.get(user) !== fieldOf(req.body, 'password') || !passwords.has(user)) {
      res.status(401).send(SAYINGS.wrongPassword);
      return;
    }
    await sessionOf(req).signIn({ userId: user });
    res.send(SAYINGS.hello(user));
  });
  shop.post('/sign-out', async (req, res) => {
    await sessionOf(req).signOut();
    res.send(SAYINGS.signedOut);
  });
  shop.post('/email', async (req, res) => {
    const session = sessionOf(req);
    if (session.userId === undefined) {
      res.status(401).send(SAYINGS.nobody);
      return;
    }
    session.set('email', fieldOf(req.body, 'email'));
    res.send(SAYINGS.saved);
  });
  shop.get('/email', (req, res) => {
    res.send(SAYINGS.email(String(sessionOf(req).get('email') ?? 'none')));
  });
  shop.post('/basket', async (req, res) => {
    const count = await sessionOf(req).update('basket', (before) => Number(before ?? 0) + 1);
    res.send(SAYINGS.basket(Number(count)));
  });
  shop.get('/basket', (req, res) => {
    res.send(SAYINGS.basket(Number(sessionOf(req).get('basket') ?? 0)));
  });
  shop.post('/settings', async (req, res) => {
    const session = sessionOf(req);
    session.set(`setting.${fieldOf(req.body, 'name')}`, fieldOf(req.body, 'value'));
    // Before it says so, not after: an answer must not promise what is refused a moment later.
    await session.commit();
    res.send(SAYINGS.saved);
  });
  shop.get('/settings', (req, res) => {
    const keys = Object.keys(sessionOf(req).all()).filter((key) => key.startsWith('setting.'));
    res.send(SAYINGS.settings(keys.map((key) => key.slice('setting.'.length))));
  });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(express.urlencoded({ extended: false }));
  app.use(middleware, csrf(csrfProtection()), untilReleased);
  app.use((_req, res, next) => {
    res.type('text/plain');
    next();
  });
  app.use(shop);
  app.use(errorHandler);
  return { handler: app, cookie: '__Host-session' };
}
