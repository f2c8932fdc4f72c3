import { setFlagsFromString } from 'node:v8';
/** What a held answer does when the handler misbehaves: one answer or a broken connection, never a dead process. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { nodeSessions } from '../../src/adapters/node.ts';
import { createSessions, type Session, type SessionStore } from '../../src/index.ts';
import type { UntypedData } from '../../src/data.ts';
import { memoryStore } from '../../src/stores/memory.ts';

type Handler = (req: IncomingMessage, res: ServerResponse, session: Session<UntypedData>) => unknown;

let server: Server;
let handler: Handler;
let url: string;
let isBroken: boolean;

beforeEach(async () => {
  isBroken = false;
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const memory = memoryStore();
  const store: SessionStore = {
    ...memory,
    insert: async (record) => {
      if (isBroken) throw new Error('the disk is full');
      return memory.insert(record);
    },
    apply: async (id, change) => {
      if (isBroken) throw new Error('the disk is full');
      return memory.apply(id, change);
    },
  };
  const { withSession } = nodeSessions(createSessions({ store, onEvent: () => undefined }));
  const handle = withSession((req, res, session) => handler(req, res, session));
  server = createServer((req, res) => {
    res.setHeader('X-Request-Id', '17');
    void handle(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  vi.restoreAllMocks();
});

describe('a held answer', () => {
  test('of a type that can not be sent becomes a 500, and the process lives', async () => {
    handler = (_req, res, session) => {
      session.set('a', 1);
      res.end(42 as never);
    };
    expect((await fetch(url)).status).toBe(500);
    expect((await fetch(url)).status).toBe(500);
  });

  test('with a status out of range becomes a 500', async () => {
    handler = (_req, res, session) => {
      session.set('a', 1);
      res.statusCode = 42;
      res.end('x');
    };
    expect((await fetch(url)).status).toBe(500);
  });

  test('stands when the handler throws after it was complete', async () => {
    handler = async (_req, res, session) => {
      await session.signIn({ userId: 'ada' });
      session.set('a', 1);
      res.end('done');
      throw new Error('too late to matter');
    };
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('done');
    expect(response.headers.getSetCookie()).toHaveLength(1);
  });

  test('breaks the connection when the handler throws in the middle of it', async () => {
    handler = (_req, res, session) => {
      session.set('a', 1);
      res.write('half');
      throw new Error('in the middle');
    };
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow(/terminated|fetch failed/);
  });

  test('that is replaced keeps the headers set before the handler, and drops its own', async () => {
    isBroken = true;
    handler = (_req, res, session) => {
      session.set('a', 1);
      res.setHeader('X-Handler', 'no');
      res.end('saved');
    };
    const response = await fetch(url);
    expect(response.status).toBe(503);
    expect(response.headers.get('x-request-id')).toBe('17');
    expect(response.headers.get('x-handler')).toBeNull();
  });

  test('that is replaced still carries the cookie of a privilege change that stands', async () => {
    handler = async (_req, res, session) => {
      await session.signIn({ userId: 'ada' });
      session.set('a', 1);
      isBroken = true;
      res.end('saved');
    };
    const response = await fetch(url);
    expect(response.status).toBe(503);
    expect(response.headers.getSetCookie()).toHaveLength(1);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('calls every callback, also when it is replaced', async () => {
    isBroken = true;
    const called: string[] = [];
    let done: (value: unknown) => void;
    const finished = new Promise((resolve) => (done = resolve));
    handler = async (_req, res, session) => {
      session.set('a', 1);
      await new Promise<void>((resolve) => res.write('x', () => resolve()));
      called.push('write');
      await new Promise<void>((resolve) => res.end('y', () => resolve()));
      called.push('end');
      done(undefined);
    };
    expect((await fetch(url)).status).toBe(503);
    await finished;
    expect(called).toEqual(['write', 'end']);
  });

  test('waits for an operation that the handler did not wait for, and tells its failure', async () => {
    handler = async (_req, res, session) => {
      await session.signIn({ userId: 'ada' });
      isBroken = true;
      void session.signOut();
      res.end('bye');
    };
    const response = await fetch(url);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('bye');
  });

  test.each<[string, unknown[]]>([
    ['an object', [200, { 'X-A': '1' }]],
    ['an object behind no reason', [200, undefined, { 'X-A': '1' }]],
    ['an object behind a reason', [200, 'Fine', { 'X-A': '1' }]],
    ['a flat list', [200, ['X-A', '1']]],
    ['a list of pairs', [200, [['X-A', '1']]]],
  ])('takes the headers of writeHead as %s', async (_name, args) => {
    handler = (_req, res, session) => {
      session.set('a', 1);
      (res.writeHead as (...args: unknown[]) => ServerResponse)(...args).end('x');
    };
    const response = await fetch(url);
    expect(response.headers.get('x-a')).toBe('1');
    expect(response.headers.getSetCookie()).toHaveLength(1);
  });

  test('opens a request once, however often the middleware is mounted', async () => {
    const seen: unknown[] = [];
    const { Exchanges } = await import('../../src/adapters/node-exchange.ts');
    const exchanges = new Exchanges(createSessions({ store: memoryStore() }));
    handler = async (req, res) => {
      seen.push(await exchanges.open(req, res, {}), await exchanges.open(req, res, {}));
      (seen[0] as Session<UntypedData>).set('a', 1);
      res.end('x');
    };
    expect((await fetch(url)).headers.getSetCookie()).toHaveLength(1);
    expect(seen[0]).toBe(seen[1]);
  });

  test('may be held twice, by an application and by one that it is mounted in: both cookies arrive', async () => {
    const { Exchanges } = await import('../../src/adapters/node-exchange.ts');
    const named = (name: string) =>
      new Exchanges<UntypedData>(createSessions({ store: memoryStore(), cookie: { name } }));
    const all = [named('outer'), named('inner')];
    handler = async (req, res) => {
      for (const exchanges of all) (await exchanges.open(req, res, {})).set('a', 1);
      res.writeHead(201, { 'x-a': '1' });
      res.write('both ');
      res.end('arrive');
    };
    const response = await fetch(url);
    expect(response.status).toBe(201);
    expect(response.headers.get('x-a')).toBe('1');
    expect(response.headers.getSetCookie().map((cookie) => cookie.split('=')[0])).toEqual([
      '__Host-inner',
      '__Host-outer',
    ]);
    expect(await response.text()).toBe('both arrive');
  });

  test('says that it has begun while it is held, and what Node says from then on', async () => {
    const said: unknown[] = [];
    const say = (res: ServerResponse) => said.push([res.headersSent, res.writableEnded]);
    handler = (_req, res, session) => {
      session.set('a', 1);
      say(res);
      res.write('x');
      say(res);
      res.once('drain', () => {
        say(res);
        res.end();
        say(res);
      });
    };
    await (await fetch(url)).text();
    expect(said).toEqual([
      [false, false],
      [true, false],
      [true, false],
      [true, true],
    ]);
  });

  test('leaves the response an object that Node is fast with: all that follow would be slower', async () => {
    setFlagsFromString('--allow-natives-syntax');
    const isFast = new Function('object', 'return %HasFastProperties(object)') as (object: object) => boolean;
    const looks: boolean[] = [];
    handler = (_req, res, session) => {
      session.set('a', 1);
      res.end('x');
      res.once('finish', () => looks.push(isFast(res)));
    };
    await (await fetch(url)).text();
    expect(looks).toEqual([true]);
  });
});
