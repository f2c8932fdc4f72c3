/** express-session, as its own guide shows it, and as people use it. */
import { createRequire } from 'node:module';
import express, { type Express, type RequestHandler } from 'express';
import { type Exhibit, listen, PASSWORD, USER } from '../exhibit.ts';

interface ExpressSession {
  user?: string;
  remarks?: number;
  isEditor?: boolean;
  regenerate(done: (error?: unknown) => void): void;
  destroy(done: (error?: unknown) => void): void;
}

// Its types declare `req.session` for the whole workspace, where Holdfast has one of its own.
const expressSession = createRequire(import.meta.url)('express-session') as (
  options: object,
) => RequestHandler;

const sessionOf = (req: object): ExpressSession => (req as { session: ExpressSession }).session;

interface Parts {
  readonly cookie: object;
  readonly name: string;
  readonly options: object;
  readonly regenerates: boolean;
  readonly destroys: boolean;
  readonly clears: boolean;
  readonly regeneratesAtStepUp: boolean;
  /** Of the page with the sign-in form. */
  readonly formCaching: string;
}

const COOKIE = { secure: true, httpOnly: true, sameSite: 'lax' } as const;

const SOUND: Parts = {
  cookie: COOKIE,
  name: '__Host-sid',
  options: { resave: false, saveUninitialized: false },
  regenerates: true,
  destroys: true,
  clears: true,
  regeneratesAtStepUp: true,
  formCaching: 'no-store',
};

function app(parts: Partial<Parts>): Express {
  const site = { ...SOUND, ...parts };
  const server = express();
  server.set('trust proxy', true);
  server.use((req, res, next) => {
    // As behind a proxy that ends TLS: otherwise express-session sets no Secure cookie at all.
    req.headers['x-forwarded-proto'] = 'https';
    res.setHeader('Cache-Control', 'no-store');
    if (req.method === 'POST' && req.headers['sec-fetch-site'] === 'cross-site') res.sendStatus(403);
    else next();
  });
  server.use(
    expressSession({ secret: 'a secret of the site', name: site.name, cookie: site.cookie, ...site.options }),
  );
  server.use(express.urlencoded({ extended: false }));
  server.get('/', (_req, res) => res.send('<title>Notes</title><a href="/login">Sign in</a>'));
  server.get('/login', (_req, res) =>
    res
      .set('Cache-Control', site.formCaching)
      .send(
        '<form method="post"><input name="username"><input name="password" type="password"><button>Sign in</button></form>',
      ),
  );
  server.post('/login', (req, res, next) => {
    const { username, password } = req.body as Record<string, string>;
    if (username !== USER || password !== PASSWORD) {
      res.status(401).send('No.');
      return;
    }
    const finish = (): void => {
      sessionOf(req).user = username;
      res.redirect('/notes');
    };
    if (site.regenerates) sessionOf(req).regenerate((error) => (error ? next(error) : finish()));
    else finish();
  });
  server.get('/notes', (req, res) => {
    const { user } = sessionOf(req);
    if (user === undefined) return res.redirect('/login');
    res.send(
      `<h1>Notes of ${user}</h1><p>${Date.now()}</p><p>Remarks: ${sessionOf(req).remarks ?? 0}</p><form method="post" action="/logout"><button>Sign out</button></form>`,
    );
  });
  server.get('/edit', (req, res) => {
    const { user, isEditor } = sessionOf(req);
    if (user === undefined) return res.redirect('/login');
    res.send(
      isEditor
        ? '<textarea></textarea>'
        : '<form method="post"><input name="password" type="password"><button>Go on</button></form>',
    );
  });
  server.post('/edit', (req, res, next) => {
    const { user } = sessionOf(req);
    if (user === undefined || (req.body as Record<string, string>)['password'] !== PASSWORD) {
      res.status(403).send('No.');
      return;
    }
    const finish = (): void => {
      Object.assign(sessionOf(req), { user, isEditor: true });
      res.redirect('/edit');
    };
    if (site.regeneratesAtStepUp) sessionOf(req).regenerate((error) => (error ? next(error) : finish()));
    else finish();
  });
  server.post('/remark', (req, res) => {
    sessionOf(req).remarks = (sessionOf(req).remarks ?? 0) + 1;
    res.redirect('/notes');
  });
  server.post('/logout', (req, res, next) => {
    const done = (error?: unknown): void => {
      if (error) return next(error);
      if (site.clears) res.clearCookie(site.name, { path: '/', ...site.cookie });
      res.redirect('/');
    };
    if (site.destroys) sessionOf(req).destroy(done);
    else done();
  });
  return server;
}

const EDITOR = `
stepUp: [{ open: /edit, submit: { password: "\${password}" } }]
steppedUp: { page: /edit, shows: "<textarea>" }
`;

function exhibit(
  name: string,
  truth: string,
  found: readonly string[],
  parts: Partial<Parts> = {},
  recipe = '',
): Exhibit {
  return {
    name: `express-session, ${name}`,
    stack: 'express-session',
    truth,
    found,
    madeWith: 'express-session',
    recipe,
    start: () => listen(app(parts)),
  };
}

export const expressExhibits: readonly Exhibit[] = [
  exhibit('sound', 'New identifier at sign-in, destroyed and cleared at sign-out.', []),
  exhibit('sound, a session for everybody', 'Strangers have a session, which is regenerated.', [], {
    options: { resave: false, saveUninitialized: true },
  }),
  exhibit('without regenerate', 'The identifier of a stranger is kept at sign-in.', ['session-fixation'], {
    regenerates: false,
    options: { resave: false, saveUninitialized: true },
  }),
  exhibit(
    'without regenerate, no session for strangers',
    'A stranger has no cookie to plant, and identifiers are signed; but who signs in again keeps the old one.',
    ['token-renewal'],
    {
      regenerates: false,
    },
  ),
  exhibit('step-up', 'The password once more gives a right, and a new identifier with it.', [], {}, EDITOR),
  exhibit(
    'step-up without regenerate',
    'The password once more writes a right into the session, whose identifier stays.',
    ['step-up-renewal'],
    { regeneratesAtStepUp: false },
    EDITOR,
  ),
  exhibit(
    'form for shared caches',
    'The page with the form is the same for everybody and may be kept by proxies; with it comes a session.',
    ['cookie-caching'],
    { formCaching: 'public, max-age=300', options: { resave: false, saveUninitialized: true } },
  ),
  exhibit('without destroy', 'The sign-out clears the cookie, and the session stays.', ['sign-out-replay'], {
    destroys: false,
  }),
  exhibit(
    'without clearCookie',
    'The sign-out destroys the session and leaves the cookie.',
    ['cookie-deletion'],
    { clears: false },
  ),
  exhibit(
    'cookie by default',
    'The cookie is as express-session sets it: no Secure, no SameSite, and its own name.',
    ['cookie-secure', 'cookie-samesite'],
    {
      cookie: {},
      name: 'connect.sid',
    },
  ),
  exhibit(
    'with resave',
    'resave: true writes a session back that was destroyed while a request was on its way.',
    ['revival'],
    {
      options: { resave: true, saveUninitialized: false },
    },
  ),
  exhibit(
    'with a slow change',
    'Even without resave, a request that changes the session brings it back after it was destroyed.',
    ['revival'],
    {},
    'changeState: [{ request: "POST /remark" }]',
  ),
  {
    ...exhibit(
      'with changes at the same time',
      'The session is read whole when a request begins, and written whole when it ends: the last one wins, also over a sign-out.',
      ['lost-updates', 'revival'],
      {},
      'changeState: [{ request: "POST /remark" }]',
    ),
    allow: ['state-change'],
  },
];
