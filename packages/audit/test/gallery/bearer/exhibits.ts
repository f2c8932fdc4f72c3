/** An interface for scripts: a token in the answer to the sign-in, and in the Authorization header from then on. */
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { type Exhibit, listen, PASSWORD, USER } from '../exhibit.ts';

interface Parts {
  readonly endsAtSignOut: boolean;
  readonly acceptsInAddress: boolean;
  readonly isConstant: boolean;
}

const RECIPE = `
signIn:
  - request: POST /api/login
    json: { user: "\${user}", password: "\${password}" }
token: session.accessToken
signedIn: { page: /api/me }
signOut:
  - request: POST /api/logout
`;

function bearerSite(parts: Partial<Parts>): RequestListener {
  const { endsAtSignOut = true, acceptsInAddress = false, isConstant = false } = parts;
  const tokens = new Map<string, string>();
  return (req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    const token =
      /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1] ??
      (acceptsInAddress ? url.searchParams.get('access_token') : null);
    const user = tokens.get(token ?? '');
    const answer = (status: number, value: object): void => {
      res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      res.end(JSON.stringify(value));
    };
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => {
      if (url.pathname === '/api/login' && req.method === 'POST') {
        const given = JSON.parse(body) as { user: string; password: string };
        if (given.user !== USER || given.password !== PASSWORD) return answer(401, { error: 'no' });
        const fresh = isConstant
          ? Buffer.from(`${USER}:${PASSWORD}`).toString('base64url')
          : randomBytes(32).toString('base64url');
        tokens.set(fresh, USER);
        return answer(200, { session: { accessToken: fresh, expiresIn: 3600 } });
      }
      if (url.pathname === '/api/me') {
        if (user === undefined) return answer(401, { error: 'who are you?' });
        return answer(200, { name: user, now: Date.now(), request: randomBytes(9).toString('hex') });
      }
      if (url.pathname === '/api/logout' && req.method === 'POST') {
        if (endsAtSignOut && token !== null) tokens.delete(token);
        return answer(200, {});
      }
      answer(404, { error: 'nothing here' });
    });
  };
}

function exhibit(name: string, truth: string, found: readonly string[], parts: Partial<Parts> = {}): Exhibit {
  return {
    name: `bearer, ${name}`,
    stack: 'node:http, JSON',
    truth,
    found,
    recipe: RECIPE,
    start: () => listen(bearerSite(parts)),
  };
}

export const bearerExhibits: readonly Exhibit[] = [
  exhibit('sound', 'The token ends at sign-out, and is taken from the header alone.', []),
  exhibit('sign-out does nothing', 'The token is good after the sign-out.', ['sign-out-replay'], {
    endsAtSignOut: false,
  }),
  exhibit(
    'taken from the address',
    'access_token in the address is as good as the header.',
    ['token-in-address'],
    { acceptsInAddress: true },
  ),
  exhibit('always the same', 'The token is the name and the password, encoded.', ['static-token'], {
    isConstant: true,
  }),
];
