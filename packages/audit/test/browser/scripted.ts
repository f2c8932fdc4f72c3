/** Sites whose pages are empty until a script has run. */
import type { RequestListener } from 'node:http';
import { PASSWORD, USER } from '../gallery/exhibit.ts';

const FORM_BY_SCRIPT = `<!doctype html><title>Shop</title><div id="app">Loading …</div><script src="/app.js"></script>`;

const APP = `
(async () => {
  document.cookie = 'seen=by-script; path=/';
  const html = await (await fetch('/form')).text();
  const app = document.getElementById('app');
  app.innerHTML = html.slice(html.indexOf('<form method=post'), html.lastIndexOf('</form>') + 7);
  const form = app.querySelector('form');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    await fetch('/login', { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    location.href = '/account';
  });
  fetch('http://elsewhere.invalid/').catch(() => {});
})();`;

/** In front of the hand-made site: its form is put there by a script, and sent by it. */
export function formByScript(site: RequestListener): RequestListener {
  return (req, res) => {
    if (req.url === '/app.js') {
      res.setHeader('Content-Type', 'text/javascript').end(APP);
      return;
    }
    if (req.url === '/form') req.url = '/login';
    else if (req.url === '/login' && req.method === 'GET') {
      res.setHeader('Content-Type', 'text/html').end(FORM_BY_SCRIPT);
      return;
    }
    site(req, res);
  };
}

const SPA = `<!doctype html><title>App</title><div id="app"></div><script>
const app = document.getElementById('app');
app.innerHTML = '<form><input name="mail" autocomplete="username"><input name="pass" type="password"><button>Go</button></form>';
app.firstChild.addEventListener('submit', async (event) => {
  event.preventDefault();
  const [user, pass] = [...app.querySelectorAll('input')].map((it) => it.value);
  const answer = await (await fetch('/api/enter', { method: 'POST', body: JSON.stringify({ user, pass }) })).json();
  localStorage.token = answer.ticket.value;
  const me = await (await fetch('/api/whoami', { headers: { Authorization: 'Bearer ' + localStorage.token } })).json();
  app.textContent = 'Hello ' + me.name;
});
</script>`;

/** A page with an interface beside it, which gives out a token for the Authorization header. */
export function singlePage(): RequestListener {
  return async (req, res) => {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += String(chunk);
    const json = (status: number, value: unknown): void => {
      res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      res.end(JSON.stringify(value));
    };
    if (req.url === '/api/enter') {
      const { user, pass } = JSON.parse(body) as { user: string; pass: string };
      const isRight = user === USER && pass === PASSWORD;
      return isRight
        ? json(200, { ticket: { value: TOKEN } })
        : json(401, { ticket: { value: 'wrong-token-0' } });
    }
    if (req.url === '/api/whoami')
      return req.headers.authorization === `Bearer ${TOKEN}`
        ? json(200, { name: 'Ada Lovelace' })
        : json(401, {});
    res.setHeader('Content-Type', 'text/html').end(SPA);
  };
}

const TOKEN = 'ada-0123456789abcdef0123456789';

/** Redirects to the page with the form, and from there; the script waits for a picture, and a search stands before the form. */
export function behindRedirects(site: RequestListener): RequestListener {
  return (req, res) => {
    if (req.url === '/') res.writeHead(302, { Location: `/login?back=a&b` }).end();
    else if (req.url === '/app.js')
      // Longer than what is read of a page.
      res.setHeader('Content-Type', 'text/javascript').end(`${' '.repeat(1_100_000)}
        const logo = new Image();
        logo.onload = () => fetch("/moved").then((answer) => answer.text()).then((html) => {
          document.getElementById('app').innerHTML = html.replace('name="login"', 'type=username name=login');
        });
        logo.src = '/logo.png';`);
    else if (req.url === '/moved') res.writeHead(302, { Location: '/form' }).end();
    else if (req.url?.startsWith('/login') && req.method === 'GET')
      res.setHeader('Content-Type', 'text/html').end(FORM_BY_SCRIPT);
    else {
      if (req.url === '/form' || req.url?.startsWith('/login')) req.url = '/login';
      site(req, res);
    }
  };
}
