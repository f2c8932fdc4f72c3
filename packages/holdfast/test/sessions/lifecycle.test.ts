import { expect, test } from 'vitest';
import { expectCode } from '../support/browser.ts';
import { onEachStore } from '../support/world.ts';
import { counted, interrupted } from '../support/wrapped-stores.ts';

onEachStore('one request and its answer', (open) => {
  test('writing after the answer has left is a programming error, and stores nothing', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    const { session, finish } = await ada.start();
    await finish();
    const error = expect.objectContaining({ code: 'headers_sent' });
    expect(() => session.set('a', 1)).toThrow(error);
    expect(() => session.delete('a')).toThrow(error);
    await expectCode(
      session.update('a', () => 1),
      'headers_sent',
    );
    await expectCode(session.signIn({ userId: 'bob' }), 'headers_sent');
    await expectCode(session.reauthenticate(), 'headers_sent');
    await expectCode(session.elevate(), 'headers_sent');
    await expectCode(session.signOut(), 'headers_sent');
    await expectCode(session.commit(), 'headers_sent');
    expect([session.userId, session.all()]).toEqual(['alice', {}]);
    expect(await ada.whoami()).toBe('alice');
  });

  test.each([
    'signOut',
    'signIn',
    'reauthenticate',
    'elevate',
    'update',
  ] as const)('a handler that answers without waiting for %s has called it all the same: the answer waits for it', async (operation) => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn('alice');
    const old = ada.stolen();
    const { session, finish } = await ada.start();
    const doing =
      operation === 'update' ? session.update('n', () => 1) : session[operation]({ userId: 'alice' });
    const { setCookies } = await finish();
    await doing;
    expect(setCookies.length).toBe(operation === 'update' ? 0 : 1);
    expect(await old.whoami()).toBe(
      { signOut: 'signed_out', update: 'alice' }[operation as string] ?? 'unknown',
    );
    if (operation === 'update') expect(await ada.request((next) => next.get('n'))).toBe(1);
  });

  test('an answer that left is not changed by asking for it again', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    const { session, finish } = await ada.start();
    session.set('a', 1);
    const first = await finish();
    expect(await sessions.commit(session)).toEqual(first);
  });

  test('only a session of createSessions can be committed', () => {
    const { sessions } = open();
    expect(() => sessions.commit({} as never)).toThrow(TypeError);
  });

  test('a read-mostly session costs one read and no write a request', async () => {
    const { calls, wrap } = counted();
    const { browser, clock } = open({ wrap });
    const ada = browser();
    await ada.signIn();
    calls.length = 0;
    for (let i = 0; i < 5; i++) {
      clock.advance('10s');
      await ada.whoami();
    }
    expect(calls).toEqual(['read', 'read', 'read', 'read', 'read']);
    clock.advance('10s');
    await ada.whoami();
    expect(calls.slice(5)).toEqual(['read', 'apply']);
  });

  test('an answer with nothing to store is there at once, without a promise', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.signIn();
    const { session } = await ada.start();
    expect(session.userId).toBe('alice');
    expect(sessions.commit(session)).toEqual({ setCookies: [], isPersonal: true, hasSignedOut: false });
  });

  test('an answer is personal as soon as the handler looked at the session, and not before', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.signIn();
    const looks = ['state', 'userId', 'id', 'info', 'rejected', 'lockedUserId'] as const;
    for (const look of looks) {
      const { session, finish } = await ada.start();
      void session[look];
      expect((await finish()).isPersonal, look).toBe(true);
    }
    for (const look of [
      (session: Awaited<ReturnType<typeof ada.start>>['session']) => session.get('a'),
      (session: Awaited<ReturnType<typeof ada.start>>['session']) => session.all(),
    ]) {
      const { session, finish } = await ada.start();
      look(session);
      expect((await finish()).isPersonal).toBe(true);
    }
    const { session } = await ada.start();
    expect(await sessions.commit(session)).toEqual({
      setCookies: [],
      isPersonal: false,
      hasSignedOut: false,
    });
  });

  test('a write and its removal in one request leave what was there', async () => {
    const ada = open().browser();
    await ada.request((session) => session.set('a', 1));
    await ada.request((session) => {
      session.set('a', 2);
      expect(session.get('a')).toBe(2);
      session.delete('a');
      expect([session.get('a'), session.all()]).toEqual([undefined, {}]);
    });
    expect(await ada.request((session) => session.all())).toEqual({});
  });

  test('writes that fail after a commit do not take back what was committed', async () => {
    const ada = open().browser();
    await ada.signIn();
    const { session, finish } = await ada.start();
    session.set('a', 1);
    await session.commit();
    session.set('b', 2);
    await finish({ discardWrites: true });
    expect(await ada.request((next) => next.all())).toEqual({ a: 1 });
  });

  test('what is written while a commit runs is kept for the next one', async () => {
    const { at, wrap } = interrupted();
    const ada = open({ wrap }).browser();
    await ada.signIn();
    await ada.request(async (session) => {
      session.set('a', 1);
      at(0, () => {
        session.set('a', 2);
        session.set('b', 2);
      });
      await session.commit();
      expect(session.all()).toEqual({ a: 2, b: 2 });
    });
    expect(await ada.request((session) => session.all())).toEqual({ a: 2, b: 2 });
  });
});
