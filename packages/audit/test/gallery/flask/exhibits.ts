/** Flask from Debian, on the server of its own that it is developed with. */
import { join } from 'node:path';
import { type Exhibit, PASSWORD, USER } from '../exhibit.ts';
import { pythonOf, startProcess } from '../process.ts';

const NOTE = 'changeState: [{ request: POST /note, form: { note: "${mark}" } }]';

function exhibit(name: string, truth: string, found: readonly string[], flaw = ''): Exhibit {
  return {
    name: `Flask, ${name}`,
    stack: 'Flask',
    truth,
    found,
    madeWith: 'flask',
    recipe: NOTE,
    allow: ['state-change'],
    start: () =>
      startProcess({
        command: pythonOf(process.env['HOLDFAST_FLASK'] || '/usr/bin/flask'),
        args: [join(import.meta.dirname, 'site.py'), flaw, USER, PASSWORD],
        port: /port (\d+)\./,
      }),
  };
}

export const flaskExhibits: readonly Exhibit[] = [
  exhibit('sound', 'The signed cookie has an identifier, and the server knows which are good.', []),
  exhibit(
    'session in the cookie',
    'As Flask does it: session.clear() deletes the cookie, and a copy stays good, after a sign-out and after a new sign-in.',
    ['sign-out-replay', 'token-renewal'],
    'nothing on the server',
  ),
  exhibit(
    'note in the cookie',
    'The server knows which sessions are good; what they say is in the cookie, and an older cookie says what was before.',
    ['session-rollback'],
    'note in the cookie',
  ),
  exhibit(
    'written without a look',
    'A note that comes after the sign-out is written as if there were a session, and then there is one again.',
    ['revival'],
    'written without a look',
  ),
  exhibit(
    'cookie by default',
    'The cookie is as Flask sets it: no Secure, no SameSite, and its own name.',
    ['cookie-secure', 'cookie-samesite'],
    'cookie by default',
  ),
];
