/** Every byte of a Cookie header is the attacker's. Whatever it holds: no exception, no look-up for what is no token, no answer of 5xx. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeSessions } from '../../src/adapters/node.ts';
import { createSessions, type Sessions, type SessionStore } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';

const isLong = process.env['HOLDFAST_LONG'] !== undefined;
const INPUTS = isLong ? 100_000 : 5_000;
const REQUESTS = isLong ? 5_000 : 300;

const NAME = '__Host-session';
const CANONICAL = /^[\w-]{21}[AQgw]\.[\w-]{16}\.[\w-]{42}[AEIMQUYcgkosw048]$/;

const word = fc.string({
  unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'),
  minLength: 1,
  maxLength: 90,
});
const tokenLike = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(...'ABQgwz019-_'), minLength: 21, maxLength: 23 }),
    fc.string({ unit: fc.constantFrom(...'ABQgwz019-_'), minLength: 15, maxLength: 17 }),
    fc.string({ unit: fc.constantFrom(...'AEIMQUYcgkosw048B'), minLength: 42, maxLength: 44 }),
  )
  .map((parts) => parts.join('.'));
const value = fc.oneof(
  tokenLike,
  word,
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.string({
    unit: fc.constantFrom('\0', '\r', '\n', ';', '=', ',', '"', ' ', '\t', '.', '%', 'é', '\ud800'),
  }),
  fc.constantFrom(
    '',
    '""',
    'undefined',
    'null',
    '__proto__',
    '..',
    '...',
    `${'A'.repeat(22)}.${'A'.repeat(16)}.${'A'.repeat(43)}`,
  ),
  fc.integer({ min: 1, max: isLong ? 1_000_000 : 100_000 }).map((length) => 'A'.repeat(length)),
);
const name = fc.constantFrom(
  NAME,
  NAME,
  NAME,
  '__host-session',
  'session',
  '__proto__',
  'constructor',
  ` ${NAME}`,
  `x${NAME}`,
  '',
);
const separator = fc.constantFrom('; ', ';', ' ; ', ',', ';;', '\t;\t');
const header = fc
  .array(fc.tuple(name, value, separator), { minLength: 1, maxLength: 6 })
  .map((pairs) => pairs.map(([key, text, after]) => `${key}=${text}${after}`).join(''));

describe('a Cookie header of any bytes', () => {
  test('never throws, and is looked up only when it is a canonical token (SM-15)', async () => {
    const looked: string[] = [];
    const store: SessionStore = { ...memoryStore() };
    const read = store.read;
    store.read = (id) => {
      looked.push(id);
      return read(id);
    };
    const sessions = createSessions({ store, onEvent: () => undefined });
    await fc.assert(
      fc.asyncProperty(header, async (cookie) => {
        looked.length = 0;
        const session = await sessions.open({
          method: 'GET',
          url: '/',
          headers: { get: (key) => (key === 'cookie' ? cookie : null) },
        });
        const { setCookies } = await sessions.commit(session);
        expect(session.state).toBe('anonymous');
        expect(setCookies).toEqual([]);
        const values = cookie
          .split(';')
          .map((pair) => pair.trim())
          .filter((pair) => pair.startsWith(`${NAME}=`));
        const mayLook =
          values.length === 1 && CANONICAL.test((values[0] ?? '').slice(NAME.length + 1).trim());
        expect(looked.length).toBe(mayLook ? 1 : 0);
      }),
      { numRuns: INPUTS },
    );
  }, 600_000);

  test('reads a header of a megabyte in time that grows with its length alone', async () => {
    const sessions = createSessions({ store: memoryStore(), onEvent: () => undefined });
    const patterns = [NAME, `${NAME} `, `${NAME}=`, `;${NAME}`, ' ', '=;', `${NAME}=x;`, '\t'];
    for (const pattern of patterns) {
      const long = pattern.repeat(Math.ceil(1_000_000 / pattern.length));
      const start = performance.now();
      await sessions.open({
        method: 'GET',
        url: '/',
        headers: { get: (key) => (key === 'cookie' ? long : null) },
      });
      // Quadratic time would take minutes for this length.
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });
});

describe('a request of any bytes, over a real socket', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    const sessions: Sessions = createSessions({ store: memoryStore(), onEvent: () => undefined });
    const handle = nodeSessions(sessions).withSession((_req, res, session) => {
      res.end(session.userId ?? 'nobody');
    });
    server = createServer((req, res) => void handle(req, res));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });

  const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each));
  const cookieBytes = fc.oneof(
    header.filter((text) => text.length < 12_000).map((text) => Buffer.from(text, 'latin1')),
    bytes,
  );

  test('is never answered with 5xx, nor with a cookie', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cookieBytes, { minLength: 1, maxLength: 3 }), async (cookies) => {
        const lines = cookies.map((each) =>
          Buffer.concat([Buffer.from('Cookie: '), withoutLineEnds(each), Buffer.from('\r\n')]),
        );
        const request = Buffer.concat([
          Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'),
          ...lines,
          Buffer.from('\r\n'),
        ]);
        const answer = await exchange(port, request);
        expect(answer).toMatch(/^HTTP\/1\.1 (?:200|4\d\d) /);
        expect(answer.toLowerCase()).not.toContain('set-cookie');
        if (answer.startsWith('HTTP/1.1 200')) expect(answer.endsWith('nobody')).toBe(true);
      }),
      { numRuns: REQUESTS },
    );
  }, 600_000);
});

/** A line end would begin another header; every other byte goes out as it is. */
function withoutLineEnds(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte) => byte !== 0x0a && byte !== 0x0d));
}

function exchange(port: number, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}
