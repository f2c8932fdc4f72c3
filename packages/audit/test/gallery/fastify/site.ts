/** Notes on Fastify, with @fastify/session or @fastify/secure-session. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import secureSession from '@fastify/secure-session';
import session from '@fastify/session';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { PASSWORD, type Running, USER } from '../exhibit.ts';

export interface Parts {
  readonly keeps: 'on the server' | 'in the cookie';
  readonly cookie: object;
  readonly name: string;
  readonly regenerates: boolean;
  readonly saveUninitialized: boolean;
  /** Written back at the end of each request, changed or not. */
  readonly rolling: boolean;
}

/** What both kinds of sessions are, for a site that has a user and a number in them. */
interface Notes {
  user(): string | undefined;
  remarks(): number;
  set(values: { user?: string; remarks?: number }): void;
  renew(): Promise<void>;
  end(): Promise<void>;
}

const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const;

async function app(parts: Partial<Parts>): Promise<FastifyInstance> {
  const { keeps = 'on the server', name = '__Host-sid', regenerates = true } = parts;
  const options = { ...(parts.cookie ?? COOKIE) };
  const server = Fastify({ trustProxy: true });
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_req, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  server.addHook('onRequest', async (req, reply) => {
    // As behind a proxy that ends TLS: otherwise @fastify/session sets no Secure cookie at all.
    req.headers['x-forwarded-proto'] = 'https';
    reply.header('Cache-Control', 'no-store');
    if (req.method === 'POST' && req.headers['sec-fetch-site'] === 'cross-site') {
      return reply.code(403).send();
    }
  });
  if (keeps === 'in the cookie') {
    await server.register(secureSession, { key: randomBytes(32), cookieName: name, cookie: options });
  } else {
    await server.register(cookie);
    await server.register(session, {
      secret: 'a secret of the site that is long enough',
      cookieName: name,
      cookie: options,
      saveUninitialized: parts.saveUninitialized ?? false,
      rolling: parts.rolling ?? false,
    });
  }
  const notes = keeps === 'in the cookie' ? sealed : stored;

  server.get('/', async (_req, reply) => html(reply, '<a href="/login">Sign in</a>'));
  server.get('/login', async (_req, reply) =>
    html(
      reply,
      '<form method="post"><input name="user"><input name="password" type="password"><button>Sign in</button></form>',
    ),
  );
  server.post('/login', async (req, reply) => {
    const given = req.body as Record<string, string>;
    if (given['user'] !== USER || given['password'] !== PASSWORD) return html(reply.code(401), 'No.');
    if (regenerates) await notes(req).renew();
    notes(req).set({ user: USER, remarks: 0 });
    return reply.redirect('/notes', 303);
  });
  server.get('/notes', async (req, reply) => {
    const user = notes(req).user();
    if (user === undefined) return reply.redirect('/login', 303);
    return html(
      reply,
      `<h1>Notes of ${user}</h1><p>Remarks: ${notes(req).remarks()}</p><form method="post" action="/logout"><button>Sign out</button></form>`,
    );
  });
  server.post('/remark', async (req, reply) => {
    if (notes(req).user() === undefined) return reply.code(401).send();
    notes(req).set({ remarks: notes(req).remarks() + 1 });
    return reply.redirect('/notes', 303);
  });
  server.post('/logout', async (req, reply) => {
    await notes(req).end();
    reply.header('Set-Cookie', `${name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`);
    return reply.redirect('/', 303);
  });
  return server;
}

function stored(req: FastifyRequest): Notes {
  const { session: held } = req as unknown as {
    session: {
      get(key: string): unknown;
      set(key: string, value: unknown): void;
      regenerate(): Promise<void>;
      destroy(): Promise<void>;
    };
  };
  return {
    user: () => held.get('user') as string | undefined,
    remarks: () => Number(held.get('remarks') ?? 0),
    set: (values) => {
      for (const [key, value] of Object.entries(values)) held.set(key, value);
    },
    renew: () => held.regenerate(),
    end: () => held.destroy(),
  };
}

function sealed(req: FastifyRequest): Notes {
  const { session: held } = req as unknown as {
    session: {
      get(key: string): unknown;
      set(key: string, value: unknown): void;
      regenerate(): void;
      delete(): void;
    };
  };
  return {
    user: () => held.get('user') as string | undefined,
    remarks: () => Number(held.get('remarks') ?? 0),
    set: (values) => {
      for (const [key, value] of Object.entries(values)) held.set(key, value);
    },
    renew: async () => held.regenerate(),
    end: async () => held.delete(),
  };
}

function html(reply: FastifyReply, body: string): FastifyReply {
  return reply.type('text/html').send(body);
}

export async function startFastify(parts: Partial<Parts> = {}): Promise<Running> {
  const server = await app(parts);
  await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `http://localhost:${(server.server.address() as AddressInfo).port}/`,
    async stop() {
      server.server.closeAllConnections();
      await server.close();
    },
  };
}
