/** The application, put together: everything it depends on comes in, so that a test can build the same. */
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import {
  type Clock,
  createSessions,
  type EventListener,
  type Session,
  type Sessions,
  type SessionStore,
  systemClock,
  type UntypedData,
} from 'holdfast';
import { expressSessions } from 'holdfast/express';
import type { Timeouts } from './config.ts';
import { refuseCrossSite } from './csrf.ts';
import { sayInstance } from './instance.ts';
import { labPages } from './lab/routes.ts';
import { flawed, type FlawName } from './flaws/index.ts';
import { type PasswordAttempts, passwordAttempts } from './password-attempts.ts';
import { answerProblems, notFound } from './problems.ts';
import { accountRoutes } from './routes/account.ts';
import { confirmRoutes } from './routes/confirm.ts';
import { homeRoutes } from './routes/home.ts';
import { labRoutes } from './routes/lab.ts';
import { ownSessionRoutes, POLLED } from './routes/session.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { securityHeaders } from './security-headers.ts';
import type { User, Users } from './users.ts';
import { realWait, type Wait } from './wait.ts';

export interface AppOptions {
  readonly store: SessionStore;
  readonly users: Users;
  readonly timeouts?: Timeouts;
  /** Shown beside the sign-in form. Default: none. */
  readonly demoAccount?: DemoAccount;
  /** Defences to leave out, for audits. Default: none. */
  readonly without?: readonly FlawName[];
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** How the lab waits. Default: by a timer. */
  readonly wait?: Wait;
  /** Receives the session events. Default: warnings go to the console. */
  readonly onEvent?: EventListener;
}

export interface DemoAccount {
  readonly username: string;
  readonly password: string;
}

/** What the routes work with. */
export interface Context {
  readonly sessions: Sessions;
  readonly users: Users;
  readonly passwords: PasswordAttempts;
  readonly clock: Clock;
  readonly wait: Wait;
  readonly demoAccount: DemoAccount | undefined;
  sessionOf(req: Request): Session<UntypedData>;
  /** Who is signed in. Nobody, too, when the account is gone. */
  userOf(req: Request): User | undefined;
  /** Whether the user's last proof of who they are is recent enough for what matters. */
  isProven(req: Request): boolean;
}

/** Minutes in which a proof of who somebody is need not be asked for again (ASVS 7.5.1). */
const PROOF_LASTS = 5;

/** A few short fields; a longer form is not one of ours. */
const FORM_LIMIT = '8kb';

const PUBLIC = fileURLToPath(new URL('../public', import.meta.url));

/** @throws TypeError for timeouts that can not work, naming the option. */
export function createApp(options: AppOptions): Express {
  const { store, timeouts, clock = systemClock, wait = realWait, demoAccount, onEvent } = options;
  const flaws = flawed(options.without ?? []);
  const { proofLasts = PROOF_LASTS } = flaws;
  const { sessions, users } = flaws.services({
    sessions: createSessions(flaws.options({ store, clock, ...timeouts, ...(onEvent && { onEvent }) })),
    users: options.users,
  });
  const holdfast = expressSessions(sessions, { open: (req) => ({ passive: req.path === POLLED }) });
  const context: Context = {
    sessions,
    users,
    passwords: passwordAttempts(clock),
    clock,
    wait,
    demoAccount,
    sessionOf: holdfast.sessionOf,
    userOf(req) {
      const { userId } = holdfast.sessionOf(req);
      return userId === undefined ? undefined : users.byId(userId);
    },
    isProven(req) {
      const proofs = holdfast.sessionOf(req).info?.authentications ?? [];
      return proofs.some(({ at }) => clock.now() - at <= proofLasts * 60_000);
    },
  };

  const app = express();
  app.disable('x-powered-by');
  // Pages are not stored, so there is nothing to compare.
  app.disable('etag');
  app.set('query parser', 'simple');

  for (const exchange of flaws.exchanges) app.use(exchange);
  app.use(sayInstance);
  app.use(securityHeaders);
  app.use(express.static(PUBLIC, { index: false, redirect: false }));
  app.use(refuseCrossSite());
  // Before the session is opened: how slowly a form arrives must not decide how old the session's picture is.
  app.use(express.urlencoded({ extended: false, limit: FORM_LIMIT, parameterLimit: 10 }));
  app.use(holdfast.middleware);

  app.use(homeRoutes(context));
  app.use(signInRoutes(context));
  app.use(confirmRoutes(context));
  app.use(accountRoutes(context));
  app.use(ownSessionRoutes(context));
  app.use(sessionRoutes(context));
  app.use('/lab', labRoutes(context));
  app.use('/lab', labPages(context));

  app.use(notFound);
  // Scripts get the adapter's plain answers, people get pages.
  app.use('/lab', forScripts(holdfast.errorHandler));
  app.use(answerProblems);
  return app;
}

/** A browser that loads a page says that it would like one; a script takes whatever comes. */
function forScripts(handler: ErrorRequestHandler): ErrorRequestHandler {
  return (error, req, res, next) =>
    req.accepts(['text', 'html']) === 'html' ? next(error) : handler(error, req, res, next);
}
