import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { audit, type AuditOptions } from '../src/audit.ts';
import { terminalReport } from '../src/report/terminal.ts';
import type { Report } from '../src/engine/report.ts';
import { always, rawServer } from './support/hostile.ts';
import { listen } from './gallery/exhibit.ts';
import { listenTls } from './gallery/tls/exhibits.ts';

const ACCOUNT = { user: 'ada', password: 'a password that must not leak' };

async function auditOf(
  onConnection: (socket: Socket) => void,
  options: Partial<AuditOptions> = {},
): Promise<Report> {
  const server = await rawServer(onConnection);
  try {
    return await audit({
      target: server.url,
      account: ACCOUNT,
      limits: { answerSeconds: 0.5, ...options.limits },
      ...options,
    });
  } finally {
    await server.stop();
  }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n';

const servers: readonly (readonly [name: string, says: RegExp, onConnection: (socket: Socket) => void])[] = [
  [
    'a body without end',
    /no sign-in form|timeout|within/,
    (socket) => {
      socket.write(`${OK}\r\n`);
      const more = (): void => {
        while (socket.writable && socket.write('x'.repeat(65_536)));
      };
      socket.on('drain', more);
      more();
    },
  ],
  [
    'an answer that drips',
    /within 0.5 s/,
    (socket) => {
      socket.write(OK);
      const timer = setInterval(() => socket.write('X-Drip: drop\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    },
  ],
  ['silence', /within 0.5 s/, () => undefined],
  [
    'a connection that is closed at once',
    /unreachable|ECONNRESET|socket hang up|no sign-in/,
    (socket) => socket.destroy(),
  ],
  ['headers without end', /not HTTP/, always(`${OK}${'X-Header: abcdefgh\r\n'.repeat(20_000)}\r\n`)],
  ['one header of a megabyte', /not HTTP/, always(`${OK}X-Long: ${'a'.repeat(1_000_000)}\r\n\r\n`)],
  ['what is not HTTP', /not HTTP/, always('SSH-2.0-OpenSSH_9.2\r\n')],
  ['a NUL in a cookie', /not HTTP|no sign-in form/, always(`${OK}Set-Cookie: sid=a\0b; Path=/\r\n\r\n`)],
  [
    'a redirect to itself',
    /no sign-in form/,
    always('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'),
  ],
  [
    'a redirect to another host',
    /no sign-in form/,
    always(
      'HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data\r\nContent-Length: 0\r\n\r\n',
    ),
  ],
  [
    'a redirect to a file',
    /no sign-in form/,
    always('HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n'),
  ],
  [
    'a body that is shorter than announced',
    /no sign-in form/,
    always(`${OK}Content-Length: 5000\r\n\r\nshort`),
  ],
  [
    'another protocol',
    /another protocol|not HTTP/,
    always('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
  ],
  ['terminal escapes', /no sign-in form/, always(`${OK}\r\n<title>\u001B[2J\u001B]0;owned\u0007</title>`)],
  ['a page of half a million tags', /no sign-in form/, always(`${OK}\r\n${'<a href=/x>'.repeat(80_000)}`)],
];

test.concurrent.each(servers)(
  'an audit of %s ends, says so, and leaks nothing',
  { timeout: 30_000 },
  async (_name, says, onConnection) => {
    const report = await auditOf(onConnection);
    expect(report.stopped).toMatch(says);
    expect(report.checks.filter(({ outcome }) => outcome === 'found')).toEqual([]);
    expect(JSON.stringify(report)).not.toContain(ACCOUNT.password);
    // oxlint-disable-next-line no-control-regex -- a report must not move the cursor.
    expect(terminalReport(report, { isColoured: false })).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/);
  },
);

test('a host that was not named is never spoken to', async () => {
  let visits = 0;
  const other = await listen((_req, res) => {
    visits++;
    res.end();
  });
  try {
    const report = await auditOf(
      always(`HTTP/1.1 302 Found\r\nLocation: ${other.url}\r\nContent-Length: 0\r\n\r\n`),
    );
    expect(report.stopped).toBeDefined();
    expect(visits).toBe(0);
  } finally {
    await other.stop();
  }
});

test('a certificate that is not trusted ends the audit before anything is sent, and can be accepted by name', async () => {
  const paths: (string | undefined)[] = [];
  const site = await listenTls((req, res) => {
    paths.push(req.url);
    res.end();
  });
  try {
    const refused = await audit({ target: site.url, account: ACCOUNT });
    expect(refused.stopped).toMatch(/SELF_SIGNED.*--insecure/);
    expect(paths).toEqual([]);
    await audit({ target: site.url, account: ACCOUNT, acceptsAnyCertificate: true });
    expect(paths.length).toBeGreaterThan(0);
  } finally {
    await site.stop();
  }
});

test('an audit stops when its requests are used up, and says which checks it did not get to', async () => {
  const { nodeSite } = await import('./gallery/node/site.ts');
  const site = await listen(nodeSite());
  try {
    const report = await audit({
      target: site.url,
      account: { user: 'ada', password: 'correct horse battery staple' },
      limits: { requests: 60 },
    });
    expect(report.requests).toBe(60);
    expect(report.stopped).toMatch(/60 requests of the budget/);
    expect(report.checks.at(-1)).toMatchObject({ outcome: 'inconclusive' });
    expect(report.checks.find(({ id }) => id === 'cookie-secure')).toMatchObject({ outcome: 'clean' });
  } finally {
    await site.stop();
  }
});

test('an audit that is stopped reports what is known by then', async () => {
  const { nodeSite } = await import('./gallery/node/site.ts');
  const site = await listen(nodeSite());
  const stop = new AbortController();
  try {
    const report = await audit({
      target: site.url,
      account: { user: 'ada', password: 'correct horse battery staple' },
      signal: stop.signal,
      onProgress: ({ check }) => {
        if (check.id === 'session-fixation') stop.abort();
      },
    });
    expect(report.stopped).toBe('the audit was stopped');
    expect(report.checks.find(({ id }) => id === 'cookie-secure')).toMatchObject({ outcome: 'clean' });
    expect(report.checks.find(({ id }) => id === 'session-fixation')).toMatchObject({
      outcome: 'inconclusive',
      because: 'stopped',
    });
  } finally {
    await site.stop();
  }
});
