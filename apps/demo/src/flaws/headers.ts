/** Flaws of the headers: changed on their way in and out. */
import type { RequestHandler, Response } from 'express';
import type { Flaw } from './flaw.ts';

export const headerFlaws = {
  csrf: {
    says: 'forms of other sites are taken for our own, and the cookie goes with them (SameSite=None)',
    exchange(req, res, next) {
      // What tells where a request comes from.
      for (const name of ['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest', 'origin', 'referer']) {
        delete req.headers[name];
      }
      rewriteCookies(res, (cookie) => cookie.replace('SameSite=Lax', 'SameSite=None'));
      next();
    },
  },
  samesite: {
    says: 'the cookie goes with requests of other sites (SameSite=None)',
    exchange: outgoing((cookie) => cookie.replace('SameSite=Lax', 'SameSite=None')),
  },
  httponly: {
    says: 'scripts can read the cookie',
    exchange: outgoing((cookie) => cookie.replace('; HttpOnly', '')),
  },
  secure: {
    says: 'the cookie has no Secure and no __Host- prefix: it goes over plain HTTP, and a sibling host can plant one',
    exchange(req, res, next) {
      const { cookie } = req.headers;
      if (cookie !== undefined) {
        req.headers.cookie = cookie.replaceAll(/(^|; *)session=/g, '$1__Host-session=');
      }
      rewriteCookies(res, (value) => value.replace(/^__Host-/, '').replace('; Secure', ''));
      next();
    },
  },
  'no-store': {
    says: 'browsers and proxies may keep personal pages',
    exchange(_req, res, next) {
      rewriteHeader(res, 'cache-control', (value) => (/no-store/.test(value) ? undefined : value));
      next();
    },
  },
} satisfies Readonly<Record<string, Flaw>>;

function outgoing(change: (cookie: string) => string): RequestHandler {
  return (_req, res, next) => {
    rewriteCookies(res, change);
    next();
  };
}

/** @param change `undefined` takes the cookie out */
export function rewriteCookies(res: Response, change: (cookie: string) => string | undefined): void {
  rewriteHeader(res, 'set-cookie', change);
}

/** Headers are rewritten as they are set: the session's are set at the last moment. */
function rewriteHeader(res: Response, header: string, change: (value: string) => string | undefined): void {
  const setHeader = res.setHeader.bind(res);
  res.setHeader = (name, value) => {
    if (name.toLowerCase() !== header) return setHeader(name, value);
    const changed = [value].flat().map((it) => change(String(it)));
    const left = changed.filter((it) => it !== undefined);
    if (left.length === 0) {
      res.removeHeader(name);
      return res;
    }
    return setHeader(name, Array.isArray(value) ? left : (left[0] ?? ''));
  };
}
