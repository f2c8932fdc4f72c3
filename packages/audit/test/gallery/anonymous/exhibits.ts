/** What is wrong is seen by strangers already: a start page, a sign-in form that nobody uses, and a cookie for each visitor. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Exhibit, listen } from '../exhibit.ts';
import { START_PAGE } from '../plain.ts';
import { listenTls } from '../tls/exhibits.ts';

interface Parts {
  readonly cacheControl: string;
  readonly form: string;
  /** Further fields of every answer. */
  headersFor(req: IncomingMessage): Readonly<Record<string, string>>;
  /** The value of the cookie, which each visitor has one of. */
  cookieFor(req: IncomingMessage): string;
}

const POST = 'method="post"';
const newId = (): string => randomBytes(16).toString('hex');
const fromAddress = (req: IncomingMessage, name: string): string | undefined =>
  new URLSearchParams(req.url?.split('?')[1]).get(name) ?? undefined;

function strangersSite(parts: Partial<Parts>): RequestListener {
  const { cacheControl = 'no-store', form = POST, headersFor, cookieFor = newId } = parts;
  return (req: IncomingMessage, res: ServerResponse) => {
    const path = req.url?.split(/[?;]/)[0];
    res.setHeader('Content-Type', 'text/html');
    res.setHeader('Cache-Control', cacheControl);
    for (const [name, value] of Object.entries(headersFor?.(req) ?? {})) res.setHeader(name, value);
    const cookies = [`theme=dark-blue-and-grey; Path=/; SameSite=Lax`];
    if (!/__Host-sid=/.test(req.headers.cookie ?? ''))
      cookies.push(`__Host-sid=${cookieFor(req)}; Path=/; Secure; HttpOnly; SameSite=Lax`);
    res.setHeader('Set-Cookie', cookies);
    res.statusCode = req.method === 'GET' && (path === '/' || path === '/login') ? 200 : 404;
    res.end(
      path === '/login'
        ? `<!doctype html><title>Sign in</title><form ${form}><input name="user"><input name="password" type="password"><button>Sign in</button></form>`
        : `<!doctype html><title>Shop</title>${START_PAGE}`,
    );
  };
}

function exhibit(
  name: string,
  truth: string,
  found: readonly string[],
  parts: Partial<Parts> = {},
  more: Partial<Exhibit> = {},
): Exhibit {
  const start: Exhibit['start'] = () => listen(strangersSite(parts));
  return { name: `strangers, ${name}`, stack: 'node:http', truth, found, isAnonymous: true, start, ...more };
}

/** Lets these origins read with cookies. */
function allowing(isAllowed: (origin: string) => boolean): Parts['headersFor'] {
  return ({ headers: { origin } }) =>
    origin !== undefined && isAllowed(origin)
      ? {
          'Access-Control-Allow-Origin': origin,
          'Access-Control-Allow-Credentials': 'true',
          Vary: 'Origin',
        }
      : {};
}

const HTTPS: Readonly<Record<string, string>> = {
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
};

export const anonymousExhibits: readonly Exhibit[] = [
  exhibit('sound', 'Each has a cookie of their own, and no cache keeps what sets it.', []),
  exhibit(
    'star without credentials',
    'Every origin may read the pages, and browsers send no cookies then.',
    [],
    { headersFor: () => ({ 'Access-Control-Allow-Origin': '*' }) },
  ),
  exhibit('one other origin', 'One origin, named whole, may read with cookies.', [], {
    headersFor: allowing((origin) => origin === 'https://app.example.org'),
  }),
  exhibit('private caching', 'The browser of the visitor may keep the page, and no cache in between.', [], {
    cacheControl: 'private, max-age=600',
  }),
  exhibit('every origin', 'Whatever origin asks may read with cookies.', ['cross-origin-reads'], {
    headersFor: allowing(() => true),
  }),
  exhibit('origins that begin alike', 'Origins are compared by how they begin.', ['cross-origin-reads'], {
    headersFor: allowing((origin) => origin.startsWith('http://localhost')),
  }),
  exhibit(
    'cookie in shared caches',
    'Proxies may keep the page together with the cookie of who asked first.',
    ['cookie-caching'],
    { cacheControl: 'public, max-age=600' },
  ),
  exhibit('cookie by a link', 'What stands in the address as sid becomes the cookie.', ['cookie-by-link'], {
    cookieFor: (req) => fromAddress(req, 'sid') ?? newId(),
  }),
  exhibit(
    'password in the address',
    'The form sends by GET, and no script sends it otherwise.',
    ['sign-in-form'],
    { form: '' },
  ),
  exhibit(
    'form without encryption',
    'The page is encrypted, and its form sends to http://.',
    ['sign-in-form'],
    {},
    {
      stack: 'node:https',
      isInsecure: true,
      start: () =>
        listenTls(
          strangersSite({ form: `${POST} action="http://localhost/login"`, headersFor: () => HTTPS }),
        ),
    },
  ),
];
