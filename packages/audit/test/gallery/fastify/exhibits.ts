import type { Exhibit } from '../exhibit.ts';
import { type Parts, startFastify } from './site.ts';

const REMARKS: Partial<Exhibit> = {
  recipe: 'changeState: [{ request: POST /remark }]',
  allow: ['state-change'],
};

function exhibit(
  name: string,
  stack: string,
  truth: string,
  found: readonly string[],
  parts: Partial<Parts> = {},
  more: Partial<Exhibit> = {},
): Exhibit {
  return {
    name: `Fastify, ${name}`,
    stack,
    truth,
    found,
    madeWith: parts.keeps === 'in the cookie' ? 'fastify-secure-session' : 'fastify-session',
    start: () => startFastify(parts),
    ...more,
  };
}

export const fastifyExhibits: readonly Exhibit[] = [
  exhibit(
    'sound',
    '@fastify/session',
    'New identifier at sign-in, destroyed at sign-out; rolling is off, so that only a change is written.',
    [],
  ),
  exhibit(
    'rolling, as it is',
    '@fastify/session',
    'Each request writes its session back when it ends, also one that was destroyed meanwhile.',
    ['revival'],
    { rolling: true },
  ),
  exhibit(
    'without regenerate',
    '@fastify/session',
    'Strangers have a session, and its identifier is kept at sign-in.',
    ['session-fixation'],
    { regenerates: false, saveUninitialized: true },
  ),
  exhibit(
    'remarks in the session',
    '@fastify/session',
    'A session is written back whole when a request ends: it brings back what was destroyed, and forgets what others wrote.',
    ['lost-updates', 'revival'],
    {},
    REMARKS,
  ),
  exhibit(
    'cookie by default',
    '@fastify/session',
    'The cookie has its own name and no SameSite; Secure and HttpOnly are set.',
    ['cookie-samesite', 'cookie-prefix'],
    { name: 'sessionId', cookie: { path: '/' } },
  ),
  exhibit(
    'session in the cookie',
    '@fastify/secure-session',
    'The session is encrypted in the cookie: a copy is still good after a sign-out, and after a new sign-in.',
    ['sign-out-replay', 'token-renewal'],
    { keeps: 'in the cookie' },
  ),
  exhibit(
    'remarks in the cookie',
    '@fastify/secure-session',
    'What the session says is in the cookie: an older one brings it back, and of two written at once one is forgotten.',
    ['lost-updates', 'session-rollback', 'sign-out-replay', 'token-renewal'],
    { keeps: 'in the cookie' },
    REMARKS,
  ),
];
