/** Applications that run in the page: what they do can be done in no other way, or only by who sends what they send. */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { PASSWORD, USER } from '../gallery/exhibit.ts';

/** The hand-made site with a button to sign out that a script makes. */
export function signOutByScript(
  site: RequestListener,
  where: 'at once' | 'in a menu' | 'nowhere' = 'at once',
): RequestListener {
  return (req, res) => {
    if (req.url === '/out.js') {
      res.setHeader('Content-Type', 'text/javascript').end(`
        const out = document.createElement('button');
        out.textContent = 'Log out';
        out.onclick = async () => {
          await fetch('/logout', { method: 'POST' });
          location.href = '/';
        };
        const menu = document.createElement('button');
        menu.textContent = 'ada';
        menu.ariaHasPopup = 'menu';
        menu.onclick = () => document.body.append(out);
        ${where === 'nowhere' ? '' : `document.body.append(${where === 'in a menu' ? 'menu' : 'out'});`}`);
      return;
    }
    const end = res.end.bind(res) as (body?: string) => typeof res;
    res.end = ((body?: string) =>
      end(
        body?.replace(/<form[^>]*\/logout".*?<\/form>/, '<script src=/out.js defer></script>'),
      )) as typeof res.end;
    site(req, res);
  };
}

/** The hand-made site with these controls in place of its own, which a script makes: one that `data-posts` somewhere does so. */
export function controlsByScript(
  site: RequestListener,
  html: string,
  onPost: (path: string) => void = () => undefined,
): RequestListener {
  return (req, res) => {
    if (req.url === '/controls.js') {
      res.setHeader('Content-Type', 'text/javascript').end(`
        document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(html)});
        for (const it of document.querySelectorAll('[data-posts]')) it.onclick = async () => {
          if (it.dataset.asks && !confirm(it.dataset.asks)) return;
          await fetch(it.dataset.posts, { method: 'POST' });
          location.href = '/';
        };`);
      return;
    }
    if (req.method === 'POST' && req.url !== undefined) onPost(req.url);
    const end = res.end.bind(res) as (body?: string) => typeof res;
    res.end = ((body?: string) =>
      end(
        body?.replace(/<form[^>]*\/logout".*?<\/form>/, '<script src=/controls.js defer></script>'),
      )) as typeof res.end;
    site(req, res);
  };
}

interface Api {
  /** What runs in the page. */
  readonly script: string;
  answer(call: { line: string; body: unknown; headers: IncomingHttpHeaders }): [number, object];
}

function application({ script, answer }: Api): RequestListener {
  return async (req, res) => {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += String(chunk);
    if (!req.url?.startsWith('/api/')) {
      res.setHeader('Content-Type', 'text/html');
      res.end(`<!doctype html><title>App</title><div id="app"></div><script>${HELPERS}${script}</script>`);
      return;
    }
    const line = `${req.method} ${req.url}`;
    const parsed: unknown = body === '' ? {} : JSON.parse(body);
    const [status, value] = answer({ line, body: parsed, headers: req.headers });
    res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    res.end(JSON.stringify(value));
  };
}

const HELPERS = `
const app = document.getElementById('app');
const show = (html) => { app.innerHTML = html; };
const on = (event, selector, act) => app.querySelector(selector).addEventListener(event, (it) => { it.preventDefault(); act(); });
const of = (name) => app.querySelector('[name=' + name + ']').value;
const call = async (method, path, body, headers = {}) => {
  const type = body && { 'Content-Type': 'application/json' };
  const answer = await fetch(path, { method, headers: { ...type, ...headers }, body: body && JSON.stringify(body) });
  return answer.ok ? answer.json() : undefined;
};`;

/** Keeps its token in the storage of the page, asks for one against forged requests, and whether one is sure. */
export function appWithTokens({ onlyForgets = false } = {}): RequestListener {
  const tokens = new Set<string>();
  const csrf = randomBytes(12).toString('hex');
  return application({
    script: `
      const bearer = () => ({ Authorization: 'Bearer ' + localStorage.token });
      const forged = async () => ({ 'X-CSRF-Token': (await call('GET', '/api/csrf')).token });
      async function start() {
        const me = localStorage.token && await call('GET', '/api/me', undefined, bearer());
        if (me) {
          show('<p>Hello, ' + me.name + '</p><button>Sign out</button>');
          on('click', 'button', async () => {
            if (!confirm('Really?')) return;
            ${onlyForgets} || await call('DELETE', '/api/session', undefined, { ...bearer(), ...await forged() });
            localStorage.removeItem('token');
            start();
          });
          return;
        }
        show('<form><input name=mail autocomplete=username><input name=pass type=password><button>Sign in</button></form>');
        on('submit', 'form', async () => {
          const answer = await call('POST', '/api/session', { mail: of('mail'), password: of('pass'), client: 'web' }, await forged());
          if (answer) localStorage.token = answer.session.token;
          start();
        });
      }
      start();`,
    answer({ line, body, headers }) {
      const token = headers.authorization?.toString().replace('Bearer ', '') ?? '';
      if (line === 'GET /api/csrf') return [200, { token: csrf }];
      if (line === 'GET /api/me') return tokens.has(token) ? [200, { name: 'Ada Lovelace' }] : [401, {}];
      if (headers['x-csrf-token'] !== csrf) return [403, {}];
      if (line === 'DELETE /api/session') return [tokens.delete(token) ? 200 : 401, {}];
      const { mail, password } = body as { mail: string; password: string };
      if (mail !== USER || password !== PASSWORD) return [401, {}];
      const created = randomBytes(16).toString('hex');
      tokens.add(created);
      return [200, { session: { token: created } }];
    },
  });
}

/** Asks for the name and then for the password, of which it sends no more than a proof: no request can be written down. */
export function appWithProof(): RequestListener {
  const sessions = new Set<string>();
  const nonces = new Map<string, string>();
  return application({
    script: `
      const sha = async (text) => [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))].map((it) => it.toString(16).padStart(2, '0')).join('');
      const key = () => ({ 'X-Key': sessionStorage.key ?? '' });
      async function start() {
        const me = await call('GET', '/api/me', undefined, key());
        document.cookie = 'key=' + (me ? sessionStorage.key : '') + '; path=/; SameSite=Lax' + (me ? '' : '; Max-Age=0');
        if (me) {
          show('<p>Hello, ' + me.name + '</p><button>Menu</button><span></span>');
          on('click', 'button', () => {
            app.querySelector('span').innerHTML = '<a href="#">Leave us</a>';
            on('click', 'a', async () => {
              await call('POST', '/api/end', {}, key());
              delete sessionStorage.key;
              start();
            });
          });
          return;
        }
        show('<form><label>Your name <input name=who></label><button>Next</button></form>');
        on('submit', 'form', async () => {
          const who = of('who');
          const { nonce } = await call('POST', '/api/begin', { who });
          show('<form><input name=secret type=password><button>Enter</button></form>');
          on('submit', 'form', async () => {
            const answer = await call('POST', '/api/prove', { who, proof: await sha(nonce + of('secret')) });
            if (answer) sessionStorage.key = answer.key;
            start();
          });
        });
      }
      start();`,
    answer({ line, body, headers }) {
      const cookie = /key=([\da-f]+)/.exec(headers.cookie ?? '')?.[1];
      const key = cookie ?? String(headers['x-key'] ?? '');
      if (line === 'GET /api/me') return sessions.has(key) ? [200, { name: 'Ada Lovelace' }] : [401, {}];
      if (line === 'POST /api/end') return [sessions.delete(key) ? 200 : 401, {}];
      const { who = '', proof } = body as { who?: string; proof?: string };
      if (line === 'POST /api/begin') {
        const nonce = randomBytes(8).toString('hex');
        nonces.set(who, nonce);
        return [200, { nonce }];
      }
      const wanted = createHash('sha256')
        .update(`${nonces.get(who)}${PASSWORD}`)
        .digest('hex');
      if (who !== USER || proof !== wanted) return [401, {}];
      const created = randomBytes(16).toString('hex');
      sessions.add(created);
      return [200, { key: created }];
    },
  });
}
