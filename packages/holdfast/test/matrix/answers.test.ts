/** What an answer carries, and when it leaves, on each adapter. */
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { testOn } from '../support/test-on.ts';
import { createSessions, type SessionEvent, type SessionStore } from '../../src/index.ts';
import { memoryStore } from '../../src/stores/memory.ts';
import { manualClock } from '../../src/testing/index.ts';
import { askRaw, Client } from './client.ts';
import { ADAPTERS, PASSIVE, type Running } from './servers.ts';

interface Gate {
  /** Resolves when a commit has arrived at the store, and is held there. */
  readonly arrived: Promise<void>;
  release(): void;
  /** The store breaks down instead. */
  fail(): void;
}

describe.each(ADAPTERS)('answers of the %s adapter', (name, start) => {
  const isNode = name === 'node' || name.startsWith('express');
  const clock = manualClock();
  let server: Running;
  let browser: Client;
  let events: SessionEvent[];
  let closeGate: () => Gate;
  let failures: unknown[];

  const onFailure = (error: unknown): void => void failures.push(error);

  beforeEach(async () => {
    events = [];
    failures = [];
    process.on('unhandledRejection', onFailure).on('uncaughtExceptionMonitor', onFailure);
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const memory = memoryStore();
    let held: { arrive: () => void; released: Promise<void> } | undefined;
    closeGate = () => {
      let release: () => void = () => undefined;
      let reject: (error: Error) => void = () => undefined;
      const released = new Promise<void>((done, failed) => {
        release = done;
        reject = failed;
      });
      const arrived = new Promise<void>((arrive) => (held = { arrive, released }));
      return { arrived, release, fail: () => reject(new Error('the disk is full')) };
    };
    const store: SessionStore = {
      ...memory,
      apply: async (id, change) => {
        const gate = held;
        held = undefined;
        gate?.arrive();
        await gate?.released;
        return memory.apply(id, change);
      },
    };
    server = await start(createSessions({ store, clock, onEvent: (event) => events.push(event) }));
    browser = new Client(server);
  });
  afterEach(async () => {
    await server.close();
    process.off('unhandledRejection', onFailure).off('uncaughtExceptionMonitor', onFailure);
    vi.restoreAllMocks();
    if (failures.length > 0) throw new AggregateError(failures, 'the server let something through');
  });

  const color = async (): Promise<string> => (await browser.get('/read')).body;
  const cookieLine = (): string => `Cookie: ${[...browser.cookies].map((pair) => pair.join('=')).join('; ')}`;

  describe('to a client that goes away while the commit is held', () => {
    async function abandon(path: string, outcome: 'release' | 'fail' = 'release'): Promise<void> {
      const gate = closeGate();
      const { arrived } = gate;
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${cookieLine()}\r\n\r\n`);
      await arrived;
      await gone(socket);
      gate[outcome]();
    }

    /** The server has noticed too: it answers a later connection. */
    async function gone(socket: Socket): Promise<void> {
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.destroy();
      await closed;
      await browser.get('/plain');
    }

    test.each([
      'end',
      'chunks',
      'stream',
      'redirect',
      'write-head',
      'early-hints',
      'file',
    ])('the change stands, nothing throws, and the server goes on: %s', async (answer) => {
      await browser.get('/set?color=before');
      await abandon(`/answer/${answer}`);
      expect(await color()).toBe(answer);
      expect(console.error).not.toHaveBeenCalled();
    });

    test('a sign-out stands', async () => {
      await browser.get('/sign-in');
      await abandon('/sign-out');
      expect((await browser.get('/who')).body).toBe('nobody');
    });

    test('a commit that fails is an event, and no more than that', async () => {
      await browser.get('/set?color=before');
      await abandon('/answer/end', 'fail');
      expect(await color()).toBe('before');
      expect(events.map(({ type }) => type)).toContain('store_failed');
    });
  });

  describe('to a passive request', () => {
    const passive = { [PASSIVE]: '1' };

    test('move no deadline: polling alone lets the session idle out (ASVS-7.3.1)', async () => {
      await browser.get('/sign-in');
      for (let minute = 0; minute < 29; minute += 5) {
        clock.advance('5m');
        expect((await browser.get('/who', passive)).body).toBe(minute < 25 ? 'ada' : 'nobody');
      }
      expect((await browser.get('/why')).body).toBe('idle_timeout');
    });

    test('renew nothing, where another request would', async () => {
      await browser.get('/sign-in');
      const before = browser.cookies.get('__Host-session');
      clock.advance('16m');
      expect((await browser.get('/who', passive)).setCookies).toEqual([]);
      expect((await browser.get('/who')).setCookies).toHaveLength(1);
      expect(browser.cookies.get('__Host-session')).not.toBe(before);
    });

    test('store what the handler writes all the same', async () => {
      await browser.get('/set?color=before');
      await browser.get('/set?color=after', passive);
      expect(await color()).toBe('after');
    });
  });

  testOn(isNode)('early hints leave at once, the answer when the commit is done', async () => {
    await browser.get('/set?color=before');
    const { arrived, release } = closeGate();
    let text = '';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').setEncoding('latin1');
    const hinted = new Promise<void>((resolve) => {
      socket.on('data', (part: string) => {
        text += part;
        if (text.includes('style.css')) resolve();
      });
    });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const lines = ['GET /answer/early-hints HTTP/1.1', 'Host: localhost', cookieLine(), 'Connection: close'];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await Promise.all([arrived, hinted]);
    expect(text).toMatch(/^HTTP\/1\.1 103 /);
    expect(text).not.toContain('200 OK');
    release();
    await closed;
    expect(text).toMatch(/200 OK[^]*body/);
    expect(await color()).toBe('early-hints');
  });

  testOn(isNode)('a client that asks for 100 Continue gets that, and then the answer', async () => {
    await browser.get('/set?color=before');
    const text = await askRaw(server, [
      'POST /set?color=after HTTP/1.1',
      'Host: localhost',
      'Expect: 100-continue',
      'Content-Length: 0',
      cookieLine(),
    ]);
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    expect(await color()).toBe('after');
  });

  test('carry the cookie with an error and with 304 too', async () => {
    const failed = await browser.get('/sign-in-and-fail');
    expect([failed.status, failed.body]).toEqual([418, 'no coffee']);
    expect(failed.setCookies).toHaveLength(1);
    expect((await browser.get('/who')).body).toBe('ada');

    browser.cookies.clear();
    const unmodified = await browser.get('/sign-in-unmodified');
    expect(unmodified.status).toBe(304);
    expect(unmodified.headers['cache-control']).toBe('no-store');
    expect(unmodified.setCookies).toHaveLength(1);
    expect((await browser.get('/who')).body).toBe('ada');
  });

  test('never carry two cookies of one name; the handler’s others stay (RFC6265bis-4.1.3)', async () => {
    const { setCookies } = await browser.get('/own-cookies');
    expect(setCookies.filter((set) => set.startsWith('__Host-session='))).toHaveLength(1);
    expect(setCookies.join('\n')).not.toContain('planted');
    expect(setCookies).toEqual(expect.arrayContaining(['theme=dark; Path=/', 'lang=en']));
    expect(setCookies).toHaveLength(3);
    expect(await color()).toBe('mine');
  });

  test('clear the browser’s data at sign-out, exactly cache and storage, and only there (ASVS-14.3.1) (CSD-1) (CSD-2)', async () => {
    for (const path of [
      '/plain',
      '/read',
      '/set',
      '/sign-in',
      '/who',
      '/set-and-throw',
      '/answer/redirect',
    ]) {
      expect((await browser.get(path)).headers['clear-site-data'], path).toBeUndefined();
    }
    const out = await browser.post('/sign-out');
    expect(out.headers['clear-site-data']).toBe('"cache", "storage"');
    expect((await browser.get('/who')).headers['clear-site-data']).toBeUndefined();
  });

  describe('to unusual Cookie headers', () => {
    const why = (...cookies: readonly string[]): Promise<string> =>
      askRaw(server, ['GET /why HTTP/1.1', 'Host: localhost', ...cookies.map((value) => `Cookie: ${value}`)]);
    const session = (): string => `__Host-session=${browser.cookies.get('__Host-session')}`;

    test('know the session in any of several lines (RFC6265bis-4.2.1)', async () => {
      await browser.get('/sign-in');
      for (const lines of [
        [session(), 'theme=dark'],
        ['theme=dark', session()],
        ['a=1', `b=2; ${session()}`, 'c=3'],
      ]) {
        const text = await askRaw(server, [
          'GET /who HTTP/1.1',
          'Host: localhost',
          ...lines.map((value) => `Cookie: ${value}`),
        ]);
        expect(text).toMatch(/\bada\b/);
      }
    });

    test('refuse two session cookies, in one line or two, and report it (RFC6265bis-4.2.2) (SM-27)', async () => {
      await browser.get('/sign-in');
      const planted = `__Host-session=${'A'.repeat(22)}.${'A'.repeat(16)}.${'A'.repeat(43)}`;
      for (const lines of [
        [`${session()}; ${planted}`],
        [`${planted}; ${session()}`],
        [session(), planted],
        [planted, session()],
        [session(), session()],
      ]) {
        events.length = 0;
        const text = await why(...lines);
        expect(text).toMatch(/\bduplicate\b/);
        expect(text).not.toMatch(/^set-cookie/im);
        expect(events).toEqual([expect.objectContaining({ type: 'malformed', reason: 'duplicate' })]);
      }
      expect((await browser.get('/who')).body).toBe('ada');
    });
  });
});
