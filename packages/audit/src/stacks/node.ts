import type { Stack } from './stack.ts';

const IN_THE_COOKIE =
  'A session that is kept in the cookie alone can not be ended: keep an identifier of it on the server, look at each request whether that is still good, and forget it at the sign-out';
const NO_STORE = 'Send `Cache-Control: no-store` with each page for who is signed in';

const expressSession: Stack = {
  id: 'express-session',
  name: 'express-session',
  session: 'An identifier, signed with HMAC-SHA-256. The session is on the server.',
  signs: [
    { proofValue: /^s(?::|%3A).+\.[\w+/%=-]{43,}$/i, weighs: 3 },
    { proofName: /^connect\.sid$/, weighs: 2 },
    { header: 'x-powered-by', like: /^Express$/, weighs: 1 },
  ],
  fixes: {
    'cookie-secure':
      "`session({ cookie: { secure: true } })`, and `app.set('trust proxy', 1)` behind a proxy that ends TLS: otherwise no cookie is set at all.",
    'cookie-httponly': 'Leave out `httpOnly: false`: it is on by itself.',
    'cookie-samesite': "`session({ cookie: { sameSite: 'lax' } })`.",
    'cookie-prefix':
      "`session({ name: '__Host-sid', cookie: { secure: true, path: '/' } })`, without `domain`.",
    'cookie-scope': 'Leave out `cookie.domain`.',
    'cookie-lifetime': 'Make `cookie.maxAge` shorter; it is in milliseconds.',
    'page-caching':
      "`res.set('Cache-Control', 'no-store')` in a middleware before the pages of who is signed in.",
    'session-fixation':
      '`req.session.regenerate(next)` at the sign-in, before anything is written. Passport does so in `req.login()` from 0.6 on.',
    'token-renewal':
      '`req.session.regenerate(next)` each time that the password was right, also where somebody is signed in already.',
    'step-up-renewal': '`req.session.regenerate(next)` before the right is written into the session.',
    'account-switch':
      '`req.session.regenerate(next)` at every sign-in, also where somebody is signed in already.',
    'sign-out-replay':
      '`req.session.destroy(next)` at the sign-out; taking the user out of the session is not enough, and clearing the cookie does nothing on the server.',
    'cookie-deletion':
      '`res.clearCookie(name, options)` after `destroy()`, with the name, path and attributes that the cookie has: express-session leaves it.',
    'sign-out-get': '`app.post` for the sign-out, and neither `app.get` nor `app.all`.',
    revival:
      '`resave: false` takes away the most common cause. A request that changes the session still writes it whole, also where it was destroyed meanwhile: the store has to update and never insert, which few do.',
    'lost-updates':
      'The session is written whole when a request ends. Keep what must not be lost in a database, and change it there in one statement.',
    'password-change':
      'Stores know no users: keep a list of the identifiers of each user, and `store.destroy(id)` for all but the own.',
    'idle-timeout':
      '`cookie.maxAge` with `rolling: true`, and a store that ends what was not used for so long.',
    'absolute-timeout':
      'There is no option for it: write the time of the sign-in into the session, and destroy it in a middleware once it is too old.',
  },
};

const fastifySession: Stack = {
  id: 'fastify-session',
  name: '@fastify/session',
  session: 'An identifier, signed with HMAC-SHA-256. The session is on the server.',
  signs: [
    { proofValue: /^[\w-]{32}\.[\w+/%=-]{43,}$/, weighs: 3 },
    { proofName: /^sessionId$/, weighs: 2 },
  ],
  fixes: {
    'cookie-secure':
      '`cookie: { secure: true }`, which is the default, and `trustProxy` behind a proxy that ends TLS: otherwise no cookie is set at all.',
    'cookie-samesite': "`cookie: { sameSite: 'lax' }`.",
    'cookie-prefix': "`cookieName: '__Host-sid'` with `cookie: { secure: true, path: '/' }`.",
    'page-caching':
      "`reply.header('Cache-Control', 'no-store')` in a hook of the routes of who is signed in.",
    'session-fixation': '`await request.session.regenerate()` at the sign-in, before anything is written.',
    'token-renewal': '`await request.session.regenerate()` each time that the password was right.',
    'step-up-renewal': '`await request.session.regenerate()` before the right is written into the session.',
    'account-switch':
      '`await request.session.regenerate()` at every sign-in, also where somebody is signed in already.',
    'sign-out-replay': '`await request.session.destroy()` at the sign-out.',
    'cookie-deletion':
      '`reply.clearCookie(name, options)` after `destroy()`, with the attributes that it has.',
    revival:
      '`rolling: false`, so that a request which changes nothing writes nothing back. One that changes something still brings the session back: the store has to update and never insert.',
    'lost-updates':
      'The session is written whole when a request ends. Keep what must not be lost in a database, and change it there in one statement.',
  },
};

const secureSession: Stack = {
  id: 'fastify-secure-session',
  name: '@fastify/secure-session',
  session: 'The whole session, encrypted in the cookie. Nothing is on the server.',
  signs: [{ proofValue: /^[\w+/%=-]{20,}(?:;|%3B)[\w+/%=-]{32,40}$/i, weighs: 3 }],
  fixes: {
    'cookie-secure': '`cookie: { secure: true }`.',
    'cookie-samesite': "`cookie: { sameSite: 'lax' }`.",
    'cookie-prefix': "`cookieName: '__Host-session'` with `cookie: { secure: true, path: '/' }`.",
    'page-caching': `${NO_STORE}.`,
    'sign-out-replay': `${IN_THE_COOKIE}. \`request.session.delete()\` deletes the cookie of the own browser and nothing else.`,
    'token-renewal': `${IN_THE_COOKIE}.`,
    'session-rollback': 'Keep on the server what must not go back, and only its identifier in the session.',
    'lost-updates':
      'Two answers at the same time each set a cookie, and the browser keeps one: keep on the server what must not be lost.',
    'idle-timeout': '`expiry` in seconds limits the age of a cookie, and the server looks at it.',
  },
};

const cookieSession: Stack = {
  id: 'cookie-session',
  name: 'cookie-session',
  session: 'The whole session, readable in the cookie and signed in a second one.',
  signs: [
    { cookieName: /\.sig$/, weighs: 2 },
    { proofValue: /^eyJ[\w+/=-]+$/, weighs: 1 },
  ],
  fixes: {
    'cookie-secure': '`cookieSession({ secure: true })`.',
    'cookie-samesite': "`cookieSession({ sameSite: 'lax' })`.",
    'sign-out-replay': `${IN_THE_COOKIE}. \`req.session = null\` deletes the cookie of the own browser and nothing else.`,
    'token-renewal': `${IN_THE_COOKIE}.`,
    'session-rollback': 'Keep on the server what must not go back, and only its identifier in the session.',
    'lost-updates':
      'Two answers at the same time each set a cookie, and the browser keeps one: keep on the server what must not be lost.',
  },
};

const ironSession: Stack = {
  id: 'iron-session',
  name: 'iron-session',
  session: 'The whole session, encrypted and signed in the cookie. Nothing is on the server.',
  signs: [{ proofValue: /^Fe26\.2(?:\*|%2A)/i, weighs: 3 }],
  fixes: {
    'cookie-secure': '`cookieOptions: { secure: true }`.',
    'cookie-samesite': "`cookieOptions: { sameSite: 'lax' }`.",
    'sign-out-replay': `${IN_THE_COOKIE}. \`session.destroy()\` deletes the cookie of the own browser and nothing else.`,
    'token-renewal': `${IN_THE_COOKIE}.`,
    'session-rollback': 'Keep on the server what must not go back, and only its identifier in the session.',
    'idle-timeout': 'Make `ttl` shorter; it is in seconds.',
  },
};

const authJs: Stack = {
  id: 'auth-js',
  name: 'Auth.js (NextAuth)',
  session: 'Encrypted in the cookie, or an identifier where a database keeps the sessions.',
  signs: [{ proofName: /^(?:next-auth|authjs)\.session-token(?:\.\d)?$/, weighs: 3 }],
  fixes: {
    'sign-out-replay':
      "`session: { strategy: 'database' }`: with the default, a sign-out deletes the cookie of the own browser and nothing else.",
    'token-renewal': "`session: { strategy: 'database' }`.",
    'idle-timeout': 'Make `session.maxAge` shorter; it is in seconds, and 30 days by default.',
    'password-change': 'Delete the rows of the user from the table of sessions when the password changes.',
  },
};

const holdfast: Stack = {
  id: 'holdfast',
  name: 'Holdfast',
  session: 'An identifier, a lineage and a secret. The session is on the server, with hashes of them.',
  signs: [{ proofValue: /^[\w-]{22}\.[\w-]{16}\.[\w-]{43}$/, weighs: 3 }],
  fixes: {},
};

export const nodeStacks: readonly Stack[] = [
  holdfast,
  expressSession,
  fastifySession,
  secureSession,
  ironSession,
  authJs,
  cookieSession,
];
