/**
 * Endpoints for scripts that try what sessions must withstand: requests that overlap, are late, or come back.
 *
 * They answer JSON, below 400 when they worked. `ms` is how long the request waits between reading the session and
 * what it does to it, so that another one can come in between.
 */
import { type Request, type Response, Router } from 'express';
import type { Context } from '../app.ts';

const LONGEST_WAIT = 30_000;
const KEY = /^[\w.-]{1,128}$/;
const LONGEST_VALUE = 4_096;

export function labRoutes({ wait, sessionOf, userOf }: Context): Router {
  const router = Router();

  router.get('/read', async (req, res) => {
    const ms = waitOf(req);
    if (ms === undefined) return refuse(res, WRONG_WAIT);
    const signedIn = userOf(req) !== undefined;
    await wait(ms);
    res.json({ signedIn, waited: ms });
  });

  router.post('/set', async (req, res) => {
    const { key, value } = req.query;
    const ms = waitOf(req);
    if (ms === undefined) return refuse(res, WRONG_WAIT);
    if (typeof key !== 'string' || !KEY.test(key)) return refuse(res, WRONG_KEY);
    if (typeof value !== 'string' || value.length > LONGEST_VALUE) return refuse(res, WRONG_VALUE);
    const session = sessionOf(req);
    session.get(key);
    await wait(ms);
    try {
      session.set(key, value);
    } catch (error) {
      if (error instanceof RangeError) return refuse(res, FULL);
      throw error;
    }
    await session.commit();
    res.json({ key, value });
  });

  router.post('/increment', async (req, res) => {
    const ms = waitOf(req);
    if (ms === undefined) return refuse(res, WRONG_WAIT);
    const session = sessionOf(req);
    await wait(ms);
    const counter = await session.update('counter', (value) => {
      // `set` may have written anything there; what is no number counts as none.
      const before = Number(value ?? 0);
      return Number.isSafeInteger(before) ? before + 1 : 1;
    });
    res.json({ counter });
  });

  router.get('/state', (req, res) => {
    const session = sessionOf(req);
    const user = userOf(req);
    res.json({
      signedIn: user !== undefined,
      user: user?.username ?? null,
      data: session.all(),
      renewals: session.info?.renewals ?? 0,
    });
  });

  router.post('/privilege', async (req, res) => {
    const session = sessionOf(req);
    await session.elevate();
    res.json({ renewals: session.info?.renewals ?? 0 });
  });

  return router;
}

const WRONG_WAIT = `ms: write whole milliseconds from 0 to ${LONGEST_WAIT}.`;
const WRONG_KEY = 'key: write 1 to 128 letters, digits, points, - or _.';
const WRONG_VALUE = `value: write up to ${LONGEST_VALUE} characters.`;
const FULL = 'The session is full: no more keys fit into it.';

function refuse(res: Response, error: string): void {
  res.status(400).json({ error });
}

/** How long to wait; `undefined` for what is no such time. */
function waitOf(req: Request): number | undefined {
  const { ms = '0' } = req.query;
  if (typeof ms !== 'string' || !/^\d{1,5}$/.test(ms)) return undefined;
  return Number(ms) <= LONGEST_WAIT ? Number(ms) : undefined;
}
