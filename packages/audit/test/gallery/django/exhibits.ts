/** Django from Debian, with its own sign-in and sessions, in SQLite. */
import { join } from 'node:path';
import { type Exhibit, PASSWORD, SECOND, USER } from '../exhibit.ts';
import { pythonOf, startInFolder } from '../process.ts';

function exhibit(name: string, truth: string, found: readonly string[], flaw = ''): Exhibit {
  return {
    name: `Django, ${name}`,
    stack: 'Django',
    truth,
    found,
    madeWith: flaw === 'session in the cookie' ? 'django-signed-cookies' : 'django',
    recipe: 'changeState: [{ request: POST /note/ }]',
    allow: ['state-change'],
    start: () =>
      startInFolder('django', (folder) => ({
        command: pythonOf(process.env['HOLDFAST_DJANGO'] || '/usr/bin/django-admin'),
        args: [
          join(import.meta.dirname, 'site.py'),
          flaw,
          USER,
          PASSWORD,
          folder,
          SECOND.user,
          SECOND.password,
        ],
        port: /port (\d+)\./,
      })),
  };
}

export const djangoExhibits: readonly Exhibit[] = [
  exhibit(
    'sound',
    "Django's own sign-in, with a new key each time; sessions in the database, a sign-out by POST.",
    [],
  ),
  {
    ...exhibit('two accounts', 'The same; login() throws away the session of another user.', []),
    hasSecondAccount: true,
  },
  exhibit(
    'LoginView as it is',
    'login() gives a new key to a stranger, and keeps the key of who is signed in and signs in once more.',
    ['token-renewal'],
    'LoginView',
  ),
  exhibit(
    'LogoutView of 3.2',
    'Until Django 5, the view that comes with it signs out by GET as well.',
    ['sign-out-get'],
    'LogoutView',
  ),
  exhibit(
    'session in the cookie',
    'With the engine signed_cookies a copy stays good, after a sign-out and after a new sign-in.',
    ['sign-out-replay', 'token-renewal'],
    'session in the cookie',
  ),
  exhibit(
    'count in the session',
    'A session is read whole and saved whole: of requests at the same time, the last one wins.',
    ['lost-updates'],
    'count in the session',
  ),
  exhibit(
    'without never_cache',
    'Nothing keeps a browser from keeping the page: Django says so of its own pages alone.',
    ['page-caching'],
    'without never_cache',
  ),
  exhibit(
    'cookie by default',
    'The cookie is as Django sets it: no Secure, and its own name.',
    ['cookie-secure'],
    'cookie by default',
  ),
];
