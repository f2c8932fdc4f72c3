/** A site on node:http and nothing else, with its own sessions: sound as it is, and each part of it can be replaced. */
import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { PASSWORD, USER } from '../exhibit.ts';
import { bodyOf, cookiesOf } from '../plain.ts';

export interface Session {
  user?: string;
  csrf: string;
  visits: number;
  device?: string;
}

/** The parts that can be bad. Default: none is. */
export interface Parts {
  readonly cookieName: string;
  readonly cookieAttributes: string;
  /** What the answer to the sign-out says about the cookie; an empty list leaves it alone. */
  readonly deletion: readonly string[];
  /** A session for everybody who opens the sign-in page. */
  readonly sessionsForStrangers: boolean;
  /** What happens to the identifier at sign-in. */
  readonly atSignIn: 'renew' | 'keep' | 'renew and keep the old one';
  /** Whether an identifier that was never given out becomes a session. */
  readonly adopts: boolean;
  readonly newId: (user: string | undefined) => string;
  readonly endsAtSignOut: boolean;
  readonly signsOutByGet: boolean;
  readonly checksOrigin: boolean;
  /** Another cookie that is enough to be signed in. */
  readonly remembers: 'no' | 'until sign-out' | 'for ever';
  readonly setsTwice: boolean;
  readonly cacheControl: string | undefined;
  /** A second cookie that is needed together with the session. */
  readonly needsDevice: boolean;
  /** The sign-in page and the account are one address that is 200 for everybody. */
  readonly onePage: boolean;
  readonly acceptsIdInAddress: boolean;
  readonly showsId: boolean;
  readonly linksWithId: boolean;
  readonly echoesTrace: boolean;
  readonly failsOnStrangeCookie: boolean;
  /** A session is read when the headers are there and written back whole when the body is. */
  readonly writesBack: boolean;
  readonly endsOthersAtPasswordChange: boolean;
}

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const NAME = '__Host-sid';

export const SOUND: Parts = {
  cookieName: NAME,
  cookieAttributes: ATTRIBUTES,
  deletion: [`${NAME}=; ${ATTRIBUTES}; Max-Age=0`],
  sessionsForStrangers: true,
  atSignIn: 'renew',
  adopts: false,
  newId: () => randomBytes(16).toString('hex'),
  endsAtSignOut: true,
  signsOutByGet: false,
  checksOrigin: true,
  remembers: 'no',
  setsTwice: false,
  cacheControl: 'no-store',
  needsDevice: false,
  onePage: false,
  acceptsIdInAddress: false,
  showsId: false,
  linksWithId: false,
  echoesTrace: false,
  failsOnStrangeCookie: false,
  writesBack: false,
  endsOthersAtPasswordChange: true,
};

/** Every sign-in the same: what a site does that signs the name of the user and calls it a session. */
export function signedName(user: string | undefined): string {
  return user === undefined
    ? randomBytes(16).toString('hex')
    : createHmac('sha256', 'a secret of the site').update(user).digest('hex');
}

export function nodeSite(parts: Partial<Parts> = {}): RequestListener {
  const site = { ...SOUND, ...parts };
  const name = site.cookieName;
  const deletion = parts.deletion ?? [`${name}=; ${site.cookieAttributes}; Max-Age=0`];
  const sessions = new Map<string, Session>();
  const remembered = new Map<string, string>();
  let password = PASSWORD;

  return (req, res) => {
    void handle(req, res).catch(() => {
      res.statusCode = 500;
      res.end('Something went wrong.');
    });
  };

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://localhost');
    const cookies = cookiesOf(req);
    if (req.method === 'TRACE') return trace(req, res);
    const given =
      cookies.get(name) ?? (site.acceptsIdInAddress ? url.searchParams.get('sid') : null) ?? undefined;
    if (site.failsOnStrangeCookie && given !== undefined && !/^[\da-f.]*$/.test(given)) {
      res.statusCode = 500;
      res.end(
        "TypeError: Cannot read properties of undefined (reading 'user')\n    at load (/srv/app/session.js:12:7)",
      );
      return;
    }
    let id = given;
    let session = id === undefined ? undefined : sessions.get(id);
    const copy = session && { ...session };
    if (!session && id !== undefined && site.adopts) {
      session = { csrf: randomBytes(8).toString('hex'), visits: 0 };
      sessions.set(id, session);
    }
    const user = remembered.get(cookies.get('__Host-remember') ?? '');
    if (!session?.user && user !== undefined) session = { user, csrf: '', visits: 0 };
    const form = new URLSearchParams(await bodyOf(req));
    if (site.writesBack && id !== undefined && copy) sessions.set(id, copy);
    if (site.needsDevice && session?.user !== undefined && cookies.get('__Host-device') !== session.device)
      session = undefined;
    const signedIn = session?.user;

    const setCookies: string[] = [];
    const set = (value: string): void => {
      setCookies.push(`${name}=${value}; ${site.cookieAttributes}`);
    };
    const start = (who: string | undefined): Session => {
      id = site.newId(who);
      const created: Session = { csrf: randomBytes(8).toString('hex'), visits: 0, ...(who && { user: who }) };
      sessions.set(id, created);
      set(id);
      return created;
    };
    const send = (status: number, body: string): void => {
      res.statusCode = status;
      res.setHeader('Content-Type', 'text/html; charset=utf-8');
      if (site.cacheControl !== undefined) res.setHeader('Cache-Control', site.cacheControl);
      if (setCookies.length > 0) res.setHeader('Set-Cookie', setCookies);
      res.end(
        `<!doctype html><title>Shop</title>${body}<footer>${new Date().toISOString()}, ${randomBytes(20).toString('base64')}</footer>`,
      );
    };
    const redirect = (to: string): void => {
      res.statusCode = 303;
      res.setHeader('Location', to);
      if (setCookies.length > 0) res.setHeader('Set-Cookie', setCookies);
      res.end();
    };
    const isForeign = site.checksOrigin && req.headers['sec-fetch-site'] === 'cross-site';
    const home = site.onePage ? '/' : '/account';

    if (url.pathname === '/login' && req.method === 'GET') {
      if (!session && site.sessionsForStrangers) session = start(undefined);
      return send(200, loginForm(session?.csrf ?? ''));
    }
    if (url.pathname === '/login' && req.method === 'POST') {
      if (isForeign || (session?.csrf && form.get('csrf') !== session.csrf && !session.user))
        return send(403, '<p>From another site.</p>');
      if (form.get('login') !== USER || form.get('pass') !== password) {
        return send(401, `<p>Wrong name or password.</p>${loginForm(session?.csrf ?? '')}`);
      }
      const old = id;
      if (site.atSignIn === 'keep' && session && id !== undefined) {
        session.user = USER;
        if (signedIn === undefined) set(id);
      } else {
        if (site.atSignIn === 'renew' && old !== undefined) sessions.delete(old);
        if (site.setsTwice) set('replaced-below');
        start(USER);
      }
      if (site.remembers !== 'no') {
        remembered.delete(cookies.get('__Host-remember') ?? '');
        const token = randomBytes(20).toString('hex');
        remembered.set(token, USER);
        setCookies.push(`__Host-remember=${token}; ${ATTRIBUTES}; Max-Age=86400`);
      }
      if (site.needsDevice) {
        const device = randomBytes(16).toString('hex');
        Object.assign(sessions.get(id ?? '') ?? {}, { device });
        setCookies.push(`__Host-device=${device}; ${ATTRIBUTES}`);
      }
      setCookies.push('theme=dark; Path=/; SameSite=Lax');
      return redirect(site.linksWithId ? `${home}?sid=${id}` : home);
    }
    if (url.pathname === '/logout' && (req.method === 'POST' || site.signsOutByGet)) {
      if (isForeign && !site.signsOutByGet) return send(403, '<p>From another site.</p>');
      if (site.endsAtSignOut && id !== undefined) sessions.delete(id);
      if (site.remembers !== 'no') setCookies.push(`__Host-remember=; ${ATTRIBUTES}; Max-Age=0`);
      if (site.remembers === 'until sign-out') remembered.delete(cookies.get('__Host-remember') ?? '');
      if (site.needsDevice) setCookies.push(`__Host-device=; ${ATTRIBUTES}; Max-Age=0`);
      setCookies.push(...deletion);
      return redirect('/');
    }
    if (url.pathname === '/password' && req.method === 'POST' && signedIn !== undefined) {
      if (form.get('old') !== password) return send(403, '<p>Wrong password.</p>');
      password = form.get('new') ?? password;
      if (site.endsOthersAtPasswordChange)
        for (const other of sessions.keys()) if (other !== id) sessions.delete(other);
      if (id !== undefined) sessions.delete(id);
      start(signedIn);
      return redirect('/account');
    }
    if (url.pathname === '/account' || (site.onePage && url.pathname === '/')) {
      if (signedIn === undefined || !session)
        return site.onePage
          ? send(200, '<h1>Hello, stranger</h1><a href="/login">Log in</a>')
          : redirect('/login');
      session.visits++;
      const shown = site.showsId ? `<p>Support code: ${id}</p>` : '';
      return send(
        200,
        `<h1>Hello, ${signedIn}</h1><p>Visit ${session.visits}, basket: 3 pears</p>${shown}${signOut(site.signsOutByGet)}`,
      );
    }
    if (url.pathname === '/')
      return send(200, '<h1>A shop</h1><a href="/login">Log in</a><a href="/account">Account</a>');
    return send(404, '<p>Nothing here.</p>');
  }

  function trace(req: IncomingMessage, res: ServerResponse): void {
    res.statusCode = site.echoesTrace ? 200 : 405;
    res.setHeader('Content-Type', 'message/http');
    res.end(site.echoesTrace ? req.rawHeaders.join('\n') : '');
  }
}

function loginForm(csrf: string): string {
  return `<h1>Log in</h1><form method="post" action="/search"><input name="q"></form>
    <form method=post action="/login" class='f'><input type="hidden" name="csrf" value="${csrf}">
    <label>Name <input name="login"></label><label>Password <input type=password name="pass"></label><button>Log in</button></form>`;
}

function signOut(byLink: boolean): string {
  return byLink
    ? '<a href="/logout">Log out</a>'
    : '<form method="post" action="/logout"><button>Log out</button></form>';
}
