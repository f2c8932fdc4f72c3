/** A site on node:http with two accounts and an administration that asks for the password once more. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { PASSWORD, SECOND, USER } from '../exhibit.ts';
import { bodyOf, cookiesOf, SIGN_IN_FORM, START_PAGE } from '../plain.ts';

export interface Parts {
  /** What becomes of the session that a browser brings along to a sign-in; `stays another's` is so only where it is of somebody else. */
  readonly atSignIn: 'ends' | 'goes on as another' | "stays another's";
  /**
   * What there is beside the session:
   * - `device`: a second cookie, compared with the session; `any device` has to exist alone
   * - `name`: a cookie that says who one is, and `name if there is one` is the same where it may be missing
   * - `any name`: the same, and nobody looks at whether there is such an account
   * - `greeting`: a cookie with the name that the page greets, and nothing else goes by it
   */
  readonly beside:
    | 'nothing'
    | 'device'
    | 'any device'
    | 'name'
    | 'name if there is one'
    | 'any name'
    | 'greeting';
  /** What the password for the administration gives the right to. */
  readonly atStepUp: 'a new session' | 'the same session' | 'a cookie of its own';
  /** Whether somebody who is signed in may sign in as somebody else. */
  readonly switches: boolean;
}

interface Session {
  user: string;
  device: string;
  isAdmin: boolean;
}

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const NAMES = ['__Host-sid', '__Host-device', '__Host-name', '__Host-admin'] as const;
const PASSWORDS = new Map([
  [USER, PASSWORD],
  [SECOND.user, SECOND.password],
]);
/** What the pages show besides the name, where the name is only sent along. */
export const LETTERS: ReadonlyMap<string, string> = new Map([
  [USER, 'Charles asks for the notes on the engine.'],
  [SECOND.user, 'Howard asks where the relay is.'],
]);

export function accountSite(parts: Partial<Parts> = {}): RequestListener {
  const { atSignIn = 'ends', beside = 'nothing', atStepUp = 'a new session', switches = true } = parts;
  const sessions = new Map<string, Session>();
  const devices = new Set<string>();
  const admins = new Map<string, Session>();
  const hasDevice = beside === 'device' || beside === 'any device';
  const hasName = beside === 'name' || beside === 'name if there is one' || beside === 'any name';

  return (req, res) => void handle(req, res);

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const cookies = cookiesOf(req);
    const form = new URLSearchParams(await bodyOf(req));
    const id = cookies.get('__Host-sid') ?? '';
    const session = sessions.get(id);
    const user = session && userOf(session, cookies);
    const set: string[] = [];
    const give = (name: (typeof NAMES)[number], value: string): void =>
      void set.push(`${name}=${value}; ${ATTRIBUTES}`);
    const start = (started: Session): void => {
      const newId = randomBytes(16).toString('hex');
      sessions.set(newId, started);
      give('__Host-sid', newId);
    };
    const page = (status: number, body: string): void => {
      res.writeHead(status, { 'Content-Type': 'text/html', 'Cache-Control': 'no-store' });
      res.end(`<!doctype html><title>Letters</title>${body}<p>${new Date().toISOString()}</p>`);
    };
    const redirect = (to: string): void => {
      if (set.length > 0) res.setHeader('Set-Cookie', set);
      res.writeHead(303, { Location: to }).end();
    };
    if (req.method === 'POST' && req.headers['sec-fetch-site'] === 'cross-site') return page(403, 'No.');
    switch (`${req.method} ${req.url}`) {
      case 'POST /login': {
        const who = form.get('user') ?? '';
        if (PASSWORDS.get(who) === undefined || PASSWORDS.get(who) !== form.get('password'))
          return page(401, 'No.');
        if (session && session.user !== who && !switches) return redirect('/letters');
        const isAnother = session !== undefined && session.user !== who;
        if (session && isAnother && atSignIn === 'goes on as another') session.user = who;
        else {
          if (!(isAnother && atSignIn === "stays another's")) sessions.delete(id);
          const device = randomBytes(16).toString('hex');
          devices.add(device);
          start({ user: who, device, isAdmin: false });
          if (hasDevice) give('__Host-device', device);
        }
        if (hasName || beside === 'greeting') give('__Host-name', who);
        return redirect('/letters');
      }
      case 'POST /logout':
        sessions.delete(id);
        admins.delete(cookies.get('__Host-admin') ?? '');
        for (const name of NAMES) if (cookies.has(name)) set.push(`${name}=; ${ATTRIBUTES}; Max-Age=0`);
        return redirect('/');
      case 'POST /admin': {
        if (!session || user === undefined) return redirect('/login');
        if (form.get('password') !== PASSWORDS.get(user)) return page(403, 'No.');
        if (atStepUp === 'a cookie of its own') {
          const token = randomBytes(16).toString('hex');
          admins.set(token, session);
          give('__Host-admin', token);
        } else {
          if (atStepUp === 'a new session') {
            sessions.delete(id);
            start({ ...session, isAdmin: true });
          } else session.isAdmin = true;
        }
        return redirect('/admin');
      }
      case 'GET /admin': {
        if (!session || user === undefined) return redirect('/login');
        const isAdmin = session.isAdmin || admins.get(cookies.get('__Host-admin') ?? '') === session;
        return page(
          200,
          isAdmin
            ? '<h1>Administration</h1>'
            : '<form method="post"><input name="password" type="password"><button>Go on</button></form>',
        );
      }
      case 'GET /letters':
        if (user === undefined) return redirect('/login');
        return page(
          200,
          `<h1>The letters of ${greeted(user, cookies)}</h1>${letters(user)}<form method="post" action="/logout"><button>Sign out</button></form>`,
        );
      case 'GET /login':
        return page(200, SIGN_IN_FORM);
      default:
        return page(req.url === '/' ? 200 : 404, START_PAGE);
    }
  }

  /** Nobody, where what stands beside the session does not fit. */
  function userOf(session: Session, cookies: ReadonlyMap<string, string>): string | undefined {
    const device = cookies.get('__Host-device') ?? '';
    const name = cookies.get('__Host-name');
    if (beside === 'device' && device !== session.device) return undefined;
    if (beside === 'any device' && !devices.has(device)) return undefined;
    if (beside === 'name' && !PASSWORDS.has(name ?? '')) return undefined;
    const isTaken = hasName && name !== undefined && (beside === 'any name' || PASSWORDS.has(name));
    return isTaken ? name : session.user;
  }

  function greeted(user: string, cookies: ReadonlyMap<string, string>): string {
    const name = beside === 'greeting' ? (cookies.get('__Host-name') ?? user) : user;
    return name.replaceAll(/[^\w ]/g, '');
  }

  function letters(user: string): string {
    return beside === 'greeting' || beside === 'any name' ? `<p>${LETTERS.get(user) ?? 'None.'}</p>` : '';
  }
}
