import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSessions } from '../../src/index.ts';
import { memoryStore, type MemoryStoreOptions } from '../../src/stores/memory.ts';
import { manualClock } from '../../src/testing/index.ts';
import { Browser, expectCode } from '../support/browser.ts';

afterEach(() => void vi.restoreAllMocks());

function bounded(options: MemoryStoreOptions) {
  const evicted: string[] = [];
  const clock = manualClock();
  const store = memoryStore({ onEvict: ({ kind }) => evicted.push(kind), ...options });
  const sessions = createSessions({ store, clock, onEvent: () => undefined });
  const visitor = async () => {
    const browser = new Browser(sessions);
    await browser.request((session) => session.set('seen', true));
    return browser;
  };
  const user = async (userId: string) => {
    const browser = new Browser(sessions);
    await browser.signIn(userId);
    return browser;
  };
  return { evicted, clock, store, sessions, visitor, user };
}

describe('the memory store, full', () => {
  test('drops the anonymous session that was written to the longest ago', async () => {
    const { visitor, evicted } = bounded({ maxSessions: 3 });
    const visitors = [await visitor(), await visitor(), await visitor()];
    await visitors[0]?.request((session) => session.set('seen', 'again'));
    await visitor();
    expect(evicted).toEqual(['anonymous']);
    expect(
      await Promise.all(visitors.map((each) => each.request((session) => session.id !== undefined))),
    ).toEqual([true, false, true]);
  });

  test('never lets anonymous traffic push out who is signed in: it is refused', async () => {
    const { visitor, user, evicted } = bounded({ maxSessions: 3 });
    const users = [await user('a'), await user('b'), await user('c')];
    for (let i = 0; i < 10; i++) await expectCode(visitor(), 'store_unavailable');
    expect(evicted).toEqual([]);
    expect(await Promise.all(users.map((each) => each.whoami()))).toEqual(['a', 'b', 'c']);
  });

  test('drops tombstones first, then anonymous sessions, then who signed in the longest ago', async () => {
    const { visitor, user, evicted, sessions } = bounded({ maxSessions: 3 });
    const [a] = [await user('a')];
    const gone = await user('gone');
    await gone.signOut();
    await visitor();
    await user('b');
    await user('c');
    expect(evicted).toEqual(['ended', 'anonymous']);
    await user('d');
    expect(evicted).toEqual(['ended', 'anonymous', 'signed-in']);
    expect(await a?.whoami()).toBe('unknown');
    expect(await sessions.list('a')).toEqual([]);
  });

  test('bounds bytes as well as numbers', async () => {
    const { visitor, user, evicted } = bounded({ maxBytes: 20_000 });
    const ada = await user('ada');
    for (let i = 0; i < 20; i++) {
      const browser = await visitor();
      await browser.request((session) => session.set('blob', 'x'.repeat(3_000))).catch(() => undefined);
    }
    expect(evicted.length).toBeGreaterThan(10);
    expect(new Set(evicted)).toEqual(new Set(['anonymous']));
    expect(await ada.whoami()).toBe('ada');
    await expectCode(
      ada
        .request((session) => session.set('blob', 'x'.repeat(30_000)))
        .then(() => ada.request((session) => session.set('more', 'x'.repeat(30_000)))),
      'store_unavailable',
    );
  });

  test('makes room by what has expired, before anybody is pushed out', async () => {
    const { visitor, evicted, clock } = bounded({ maxSessions: 2 });
    await visitor();
    await visitor();
    clock.advance('9h');
    await visitor();
    await visitor();
    expect(evicted).toEqual([]);
  });

  test('says so, at the first, the tenth and the hundredth', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const sessions = createSessions({ store: memoryStore({ maxSessions: 1 }), onEvent: () => undefined });
    for (let i = 0; i < 102; i++) await new Browser(sessions).request((session) => session.set('a', 1));
    expect(warn.mock.calls.map(([text]) => /dropped (\d+) anonymous/.exec(String(text))?.[1])).toEqual([
      '1',
      '10',
      '100',
    ]);
  });

  test.each([
    { maxSessions: 0 },
    { maxSessions: 1.5 },
    { maxBytes: -1 },
    { maxBytes: Number.NaN },
  ])('%j is refused', (options) => {
    expect(() => memoryStore(options)).toThrow(/^max(?:Sessions|Bytes): /);
  });
});
