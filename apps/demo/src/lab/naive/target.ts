/** NAIVE ON PURPOSE: the shop on sessions with the usual mistakes. Do not copy anything from this file. */
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { fieldOf, SAYINGS, type Target, type TargetOptions } from '../target.ts';
import { type NaiveRecord, NaiveSessions } from './sessions.ts';

/** In every answer, for whoever meets one outside the lab. */
const WARNING = 'insecure on purpose, for the lab only';

const COOKIE = 'sid';

interface Opened {
  readonly id: string;
  readonly record: NaiveRecord;
}

export function naiveTarget({ gate, passwords, naiveSignOut }: TargetOptions): Target {
  const sessions = new NaiveSessions();
  const opened = new WeakMap<Request, Opened>();

  /** Mistake: an id that nobody handed out is as good as any other. */
  function open(req: Request, _res: Response, next: NextFunction): void {
    const given = /(?:^|;\s*)sid=([\w.-]+)/.exec(req.get('cookie') ?? '')?.[1];
    const id = given ?? sessions.newId();
    opened.set(req, { id, record: sessions.read(id) ?? { data: {} } });
    next();
  }

  async function untilReleased(req: Request, _res: Response, next: NextFunction): Promise<void> {
    if (req.query['slow'] !== undefined) await gate.hold();
    next();
  }

  function sessionOf(req: Request): Opened {
    const session = opened.get(req);
    if (!session) throw new Error('not opened');
    return session;
  }

  /** Mistake: writes everything that was read at the start, in a cookie without any protection. */
  function save(req: Request, res: Response, text: string): void {
    const { id, record } = sessionOf(req);
    sessions.write(id, record);
    if (!req.get('cookie')?.includes(`sid=${id}`)) res.append('Set-Cookie', `${COOKIE}=${id}; Path=/`);
    res.send(text);
  }

  const shop = Router();
  shop.get('/account', (req, res) => {
    const { user } = sessionOf(req).record;
    if (user === undefined) res.status(401).send(SAYINGS.nobody);
    else res.send(SAYINGS.hello(user));
  });
  shop.post('/sign-in', (req, res) => {
    const user = fieldOf(req.body, 'user');
    if (!passwords.has(user) || passwords.get(user) !== fieldOf(req.body, 'password')) {
      res.status(401).send(SAYINGS.wrongPassword);
      return;
    }
    // Mistake: the id stays what it was.
    sessionOf(req).record.user = user;
    save(req, res, SAYINGS.hello(user));
  });
  shop.post('/sign-out', (req, res) => {
    // Mistake: where only the cookie goes, every copy of it still works.
    if (naiveSignOut === 'deletes the record') sessions.delete(sessionOf(req).id);
    res.append('Set-Cookie', `${COOKIE}=; Path=/; Max-Age=0`);
    res.send(SAYINGS.signedOut);
  });
  shop.post('/email', (req, res) => {
    const { record } = sessionOf(req);
    if (record.user === undefined) {
      res.status(401).send(SAYINGS.nobody);
      return;
    }
    record.data['email'] = fieldOf(req.body, 'email');
    save(req, res, SAYINGS.saved);
  });
  shop.get('/email', (req, res) => {
    res.send(SAYINGS.email(String(sessionOf(req).record.data['email'] ?? 'none')));
  });
  shop.post('/basket', (req, res) => {
    const { data } = sessionOf(req).record;
    data['basket'] = Number(data['basket'] ?? 0) + 1;
    save(req, res, SAYINGS.basket(data['basket']));
  });
  shop.get('/basket', (req, res) => {
    res.send(SAYINGS.basket(Number(sessionOf(req).record.data['basket'] ?? 0)));
  });
  shop.post('/settings', (req, res) => {
    sessionOf(req).record.data[`setting.${fieldOf(req.body, 'name')}`] = fieldOf(req.body, 'value');
    save(req, res, SAYINGS.saved);
  });
  shop.get('/settings', (req, res) => {
    const keys = Object.keys(sessionOf(req).record.data).filter((key) => key.startsWith('setting.'));
    res.send(SAYINGS.settings(keys.map((key) => key.slice('setting.'.length))));
  });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_req, res, next) => {
    res.set('X-Naive-Sessions', WARNING).type('text/plain');
    next();
  });
  app.use(express.urlencoded({ extended: false }));
  // Mistake: nobody asks which site a request comes from.
  app.use(open, untilReleased, shop);
  return { handler: app, cookie: COOKIE };
}
