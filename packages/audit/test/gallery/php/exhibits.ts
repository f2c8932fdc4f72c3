/** PHP from Debian with its own sessions, in files, on the server that it is developed with. */
import { join } from 'node:path';
import { type Exhibit, PASSWORD, type Running, USER } from '../exhibit.ts';
import { startInFolder } from '../process.ts';

function start(flaw: string): Promise<Running> {
  return startInFolder('php', (folder) => ({
    command: process.env['HOLDFAST_PHP'] || '/usr/bin/php',
    args: ['-S', '127.0.0.1:0', join(import.meta.dirname, 'site.php')],
    env: {
      FLAW: flaw,
      SESSIONS: folder,
      SITE_USER: USER,
      SITE_PASSWORD: PASSWORD,
      // One process would answer one request after the other, and nothing could overlap.
      PHP_CLI_SERVER_WORKERS: '4',
    },
    port: /Development Server \(http:\/\/127\.0\.0\.1:(\d+)\) started/,
  }));
}

function exhibit(name: string, truth: string, found: readonly string[], flaw = ''): Exhibit {
  return {
    name: `PHP, ${name}`,
    stack: 'PHP',
    truth,
    found,
    madeWith: 'php',
    recipe: 'changeState: [{ request: POST /note.php }]',
    allow: ['state-change'],
    start: () => start(flaw),
  };
}

export const phpExhibits: readonly Exhibit[] = [
  exhibit(
    'sound',
    'Strict mode, a new identifier at sign-in, destroyed at sign-out. Requests of one session wait for each other.',
    [],
  ),
  exhibit(
    'without strict mode',
    'As PHP is without a setting: it takes over an identifier that it never gave out, and nothing renews it at sign-in.',
    ['session-fixation'],
    'without strict mode',
  ),
  exhibit(
    'identifier in the address',
    'use_only_cookies is off, and an identifier in the address opens the session; for this the cookie has no prefix.',
    ['token-in-address', 'cookie-prefix'],
    'identifier in the address',
  ),
  exhibit(
    'identifier by a link',
    'session_id() is given what stands in the address, without strict mode: that becomes the cookie, until the sign-in renews it.',
    ['token-in-address', 'cookie-by-link'],
    'identifier by a link',
  ),
  exhibit(
    'without session_destroy',
    'The sign-out deletes the cookie, and the file of the session stays.',
    ['sign-out-replay'],
    'without session_destroy',
  ),
  exhibit(
    'cookie by default',
    'The cookie is as PHP sets it: no Secure, no HttpOnly, no SameSite, and its own name.',
    ['cookie-secure', 'cookie-httponly', 'cookie-samesite'],
    'cookie by default',
  ),
];
