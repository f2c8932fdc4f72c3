import { randomBytes } from 'node:crypto';
import { type Exhibit, listen } from '../exhibit.ts';
import { nodeSite, type Parts, signedName } from './site.ts';

function exhibit(
  name: string,
  truth: string,
  found: readonly string[],
  parts: Partial<Parts> = {},
  more: Partial<Exhibit> = {},
): Exhibit {
  return { name, stack: 'node:http', truth, found, start: () => listen(nodeSite(parts)), ...more };
}

const CHANGES_PASSWORD: Partial<Exhibit> = {
  allow: ['password-change'],
  recipe: `
changePassword:
  - request: POST /password
    form: { old: "\${password}", new: "\${newPassword}" }
`,
};

export const nodeExhibits: readonly Exhibit[] = [
  // Clean twins, each with a trap of its own.
  exhibit('sound', 'Everything is as it should be.', []),
  exhibit(
    'sound, no session before the sign-in',
    'No cookie is set before the sign-in, so none can be frozen.',
    [],
    {
      sessionsForStrangers: false,
    },
  ),
  exhibit(
    'sound, two cookies needed',
    'The session cookie opens nothing without a second cookie, which is set at the sign-in only. The identifier stays the same across the sign-in: alone it is worth nothing, so there is no fixation.',
    [],
    { needsDevice: true, atSignIn: 'keep' },
  ),
  exhibit(
    'sound, one page for everybody',
    'The start page answers 200 to strangers and to who is signed in; only its words differ.',
    [],
    {
      onePage: true,
    },
  ),
  exhibit(
    'sound, remembered until the sign-out',
    'A second cookie is enough alone, and ends with the sign-out too.',
    [],
    {
      remembers: 'until sign-out',
    },
  ),

  // One flaw each.
  exhibit('no Secure', 'The cookie has no Secure, and so no prefix either.', ['cookie-secure'], {
    cookieName: 'sid',
    cookieAttributes: 'Path=/; HttpOnly; SameSite=Lax',
  }),
  exhibit('no HttpOnly', 'Scripts can read the cookie.', ['cookie-httponly'], {
    cookieAttributes: 'Path=/; Secure; SameSite=Lax',
  }),
  exhibit(
    'no SameSite',
    'The cookie has no SameSite; the site checks where forms come from.',
    ['cookie-samesite'],
    {
      cookieAttributes: 'Path=/; Secure; HttpOnly',
    },
  ),
  exhibit('SameSite misspelt', 'SameSite=Lex is as good as none.', ['cookie-samesite'], {
    cookieAttributes: 'Path=/; Secure; HttpOnly; SameSite=Lex',
  }),
  exhibit('no prefix', 'The name could begin with __Host-, and does not.', ['cookie-prefix'], {
    cookieName: 'sid',
  }),
  exhibit('whole domain', 'The cookie has Domain, and goes to every host below it.', ['cookie-scope'], {
    cookieName: '__Secure-sid',
    cookieAttributes: 'Path=/; Domain=localhost; Secure; HttpOnly; SameSite=Lax',
  }),
  exhibit('kept for a year', 'The browser keeps the cookie for a year.', ['cookie-lifetime'], {
    cookieAttributes: 'Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000',
    deletion: ['__Host-sid=; Path=/; Secure; HttpOnly; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
  }),
  exhibit('set twice', 'The answer to the sign-in sets the cookie twice.', ['cookie-duplicates'], {
    setsTwice: true,
  }),
  exhibit('nearly too long', 'The cookie has almost 4096 bytes.', ['cookie-size'], {
    newId: () => randomBytes(1950).toString('hex'),
  }),
  exhibit('always the same token', 'The token is the signed name of the user.', ['static-token'], {
    newId: signedName,
  }),
  exhibit(
    'fixation',
    'The identifier from before the sign-in is the session after it.',
    ['session-fixation'],
    { atSignIn: 'keep' },
  ),
  exhibit(
    'fixation by a made-up identifier',
    'No cookie is set before the sign-in, but whatever a browser brings along becomes its session.',
    ['session-fixation'],
    { sessionsForStrangers: false, adopts: true, atSignIn: 'keep' },
  ),
  exhibit('old token kept', 'A new sign-in gives a new token; the old one stays good.', ['token-renewal'], {
    atSignIn: 'renew and keep the old one',
  }),
  exhibit(
    'sign-out forgets the cookie only',
    'The session lives on after the sign-out.',
    ['sign-out-replay'],
    { endsAtSignOut: false },
  ),
  exhibit(
    'remembered after the sign-out',
    'The sign-out ends the session, and not the cookie that remembers the user.',
    ['sign-out-replay'],
    {
      remembers: 'for ever',
    },
  ),
  exhibit(
    'cookie left behind',
    'The sign-out ends the session and leaves the cookie as it is.',
    ['cookie-deletion'],
    { deletion: [] },
  ),
  exhibit(
    'cookie “deleted”',
    'The sign-out overwrites the cookie with the word “deleted”, without a date.',
    ['cookie-deletion'],
    {
      deletion: ['__Host-sid=deleted; Path=/; Secure; HttpOnly; SameSite=Lax'],
    },
  ),
  exhibit(
    'cookie deleted elsewhere',
    'The deletion has another path than the cookie.',
    ['cookie-deletion'],
    {
      cookieName: '__Secure-sid',
      cookieAttributes: 'Path=/; Domain=localhost; Secure; HttpOnly; SameSite=Lax',
      deletion: ['__Secure-sid=; Path=/; Secure; HttpOnly; Max-Age=0'],
    },
    // It has to be shared with other hosts for the two to differ in more than the path.
    { found: ['cookie-deletion', 'cookie-scope'] },
  ),
  exhibit('sign-out by a link', 'GET signs out.', ['sign-out-get'], { signsOutByGet: true }),
  exhibit(
    'sign-out from anywhere',
    'SameSite=None, and nothing looks at where a form comes from.',
    ['cookie-samesite', 'sign-out-cross-site'],
    { cookieAttributes: 'Path=/; Secure; HttpOnly; SameSite=None', checksOrigin: false },
  ),
  exhibit(
    'pages without Cache-Control',
    'Nothing keeps a browser from keeping the account page.',
    ['page-caching'],
    {
      cacheControl: undefined,
    },
  ),
  exhibit(
    'pages for shared caches',
    'Every page may be kept by every proxy, also the one that gives out the cookie.',
    ['cookie-caching', 'page-caching'],
    {
      cacheControl: 'public, max-age=600',
    },
  ),
  exhibit(
    'token in a redirect',
    'The sign-in leads to an address with the token, which is not looked at there.',
    ['token-in-address'],
    {
      linksWithId: true,
    },
  ),
  exhibit(
    'token taken from the address',
    'An identifier in the address is as good as a cookie.',
    ['token-in-address'],
    {
      acceptsIdInAddress: true,
    },
  ),
  exhibit('token in the page', 'The account page shows the identifier, for support.', ['token-in-body'], {
    showsId: true,
  }),
  exhibit('TRACE', 'TRACE answers with the request, cookies included.', ['trace-method'], {
    echoesTrace: true,
  }),
  exhibit(
    'stack trace',
    'A cookie that is no hexadecimal number is answered by 500 and a stack trace.',
    ['error-page'],
    {
      failsOnStrangeCookie: true,
    },
  ),
  exhibit(
    'written back whole',
    'What was read when a request began is written when it ends, also after a sign-out.',
    ['revival'],
    {
      writesBack: true,
    },
  ),
  exhibit('password change, sound', 'Other sessions end with the password.', [], {}, CHANGES_PASSWORD),
  exhibit(
    'password change leaves others',
    'Other sessions survive a change of the password.',
    ['password-change'],
    { endsOthersAtPasswordChange: false },
    CHANGES_PASSWORD,
  ),
];
