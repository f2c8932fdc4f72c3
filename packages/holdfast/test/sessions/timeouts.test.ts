import { expect, test } from 'vitest';
import { expectCode } from '../support/browser.ts';
import { onEachStore, typesOf } from '../support/world.ts';
import { interrupted } from '../support/wrapped-stores.ts';

onEachStore('deadlines', (open) => {
  test('an idle session dies after 30 minutes (ASVS-7.3.1, SM-21, NIST-5.1-5)', async () => {
    const { browser, clock, store, events } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance(1799.999);
    expect(await ada.stolen().whoami({ passive: true })).toBe('alice');
    clock.advance(0.001);
    expect(await ada.whoami()).toBe('idle_timeout');
    const id = ada.token?.split('.')[0] ?? '';
    expect((await store.read(id))?.ended).toBeUndefined();
    clock.advance('10s');
    expect(await ada.whoami()).toBe('idle_timeout');
    expect((await store.read(id))?.ended?.reason).toBe('idle_timeout');
    expect(typesOf(events)).toEqual(['created', 'signed_in', 'used_after_end', 'used_after_end', 'ended']);
  });

  test('a session that is used all the time, and renewed, dies at its absolute deadline (ASVS-7.3.2, SM-22, NIST-5.2)', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    for (let minutes = 5; minutes < 480; minutes += 5) {
      clock.advance('5m');
      expect(await ada.whoami()).toBe('alice');
    }
    expect(await ada.request((session) => session.info?.renewals)).toBeGreaterThan(20);
    clock.advance(299.999);
    expect(await ada.whoami()).toBe('alice');
    clock.advance(0.001);
    expect(await ada.whoami()).toBe('absolute_timeout');
  });

  test('an idle session dies while its renewals would go on: polls renew and touch nothing (SM-21)', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    const { cookie } = ada;
    for (let minutes = 1; minutes < 30; minutes++) {
      clock.advance('1m');
      expect(await ada.whoami({ passive: true })).toBe('alice');
    }
    expect(ada.cookie).toBe(cookie);
    clock.advance('1m');
    expect(await ada.whoami({ passive: true })).toBe('idle_timeout');
  });

  test('the touch interval errs early, never late: the session ends at most one interval before the last request would allow', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance(59.999);
    expect(await ada.whoami()).toBe('alice');
    clock.advance(1740);
    // 29 minutes after the last request, 29:59.999 after the last one that was written down.
    expect(await ada.stolen().whoami({ passive: true })).toBe('alice');
    clock.advance(0.001);
    expect(await ada.whoami()).toBe('idle_timeout');
  });

  test('a request past the touch interval moves the idle deadline by the instant it came in, not by the one it ended at', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('10m');
    const slow = await ada.start();
    clock.advance('5m');
    await slow.finish();
    const info = await ada.request((session) => session.info, { passive: true });
    expect((info?.idleExpiresAt ?? 0) - clock.now()).toBe(25 * 60_000);
  });

  test('activity moves the idle deadline only', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    const before = await ada.request((session) => session.info);
    clock.advance('20m');
    await ada.whoami();
    const after = await ada.request((session) => session.info);
    expect(after?.absoluteExpiresAt).toBe(before?.absoluteExpiresAt);
    expect((after?.idleExpiresAt ?? 0) - (before?.idleExpiresAt ?? 0)).toBe(20 * 60_000);
  });

  test('anonymous sessions have the same deadlines (SM-20)', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 1));
    clock.advance('30m');
    expect(await ada.request((session) => [session.rejected, session.get('cart')])).toEqual([
      'idle_timeout',
      undefined,
    ]);
  });

  test('the limits stand in the record: a server with longer ones does not lengthen a session', async () => {
    const { browser, clock, server } = open({ idleTimeout: '5m', absoluteTimeout: '1h' });
    const ada = browser();
    await ada.signIn();
    clock.advance('6m');
    const longer = server({ idleTimeout: '2h', absoluteTimeout: '9h' });
    expect(await longer.browser({ cookie: ada.cookie }).whoami()).toBe('idle_timeout');
  });

  test('a session is not ended as expired where its user turns out to have been there: the slower request counts', async () => {
    const { at, wrap } = interrupted();
    const { browser, clock } = open({ wrap });
    const ada = browser();
    await ada.signIn();
    clock.advance('29m');
    const slow = await ada.start();
    clock.advance('2m');
    // Between the verdict of the other request and the end it decides on (after its one read), the slow one commits.
    at(2, () => slow.finish());
    expect(await ada.stolen().whoami()).toBe('idle_timeout');
    expect(await ada.whoami()).toBe('alice');
  });

  test.each([
    ['the preset aal1: 30 days (NIST-2.1.3)', 'aal1', 30 * 24 * 60, 30 * 24 * 60],
    ['the preset aal2: an hour idle, 24 hours at most (NIST-2.2.3)', 'aal2', 60, 24 * 60],
    ['the preset aal3: 15 minutes idle, 12 hours at most (NIST-2.3.3)', 'aal3', 15, 12 * 60],
  ] as const)('%s', async (_, preset, idle, absolute) => {
    const { browser, clock } = open({ preset });
    const ada = browser();
    await ada.signIn();
    const info = await ada.request((session) => session.info);
    expect((info?.idleExpiresAt ?? 0) - clock.now()).toBe(idle * 60_000);
    expect((info?.absoluteExpiresAt ?? 0) - clock.now()).toBe(absolute * 60_000);
  });
});

onEachStore('an idle session that locks', (open) => {
  test('nobody is authenticated, nothing can be read or written, and nothing is lost', async () => {
    const { browser, clock, sessions } = open({ onIdle: 'lock' });
    const ada = browser();
    await ada.signIn();
    await ada.request((session) => session.set('draft', 'text'));
    clock.advance('2h');
    await ada.request((session) => {
      expect([session.state, session.userId, session.lockedUserId]).toEqual(['locked', undefined, 'alice']);
      expect([session.get('draft'), session.all()]).toEqual([undefined, {}]);
      expect(session.info?.userId).toBe('alice');
      expect(() => session.set('draft', 'other')).toThrow(
        expect.objectContaining({ code: 'reauthentication_required' }),
      );
      expect(() => session.delete('draft')).toThrow(
        expect.objectContaining({ code: 'reauthentication_required' }),
      );
    });
    await expectCode(
      ada.request((session) => session.update('draft', () => 'other')),
      'reauthentication_required',
    );
    await expectCode(
      ada.request((session) => session.elevate()),
      'reauthentication_required',
    );
    expect((await sessions.list('alice')).length).toBe(1);
    expect(await ada.whoami()).toBe('locked');
  });

  test('looking at it again and again neither opens nor extends nor renews it', async () => {
    const { browser, clock } = open({ onIdle: 'lock' });
    const ada = browser();
    await ada.signIn();
    const { cookie } = ada;
    for (let hours = 1; hours < 8; hours++) {
      clock.advance('1h');
      expect(await ada.whoami()).toBe('locked');
    }
    clock.advance('1h');
    expect(await ada.whoami()).toBe('absolute_timeout');
    expect(ada.cookie).toBe(cookie);
  });

  test('its user reopens it with one factor: the data is there, the old secret dead, the absolute deadline where it was (NIST-2.2.3)', async () => {
    const { browser, clock } = open({ onIdle: 'lock' });
    const ada = browser();
    await ada.request((session) => session.signIn({ userId: 'alice', level: 'aal2' }));
    await ada.request((session) => session.set('draft', 'text'));
    const { absoluteExpiresAt } = (await ada.request((session) => session.info)) ?? {};
    clock.advance('2h');
    const thief = ada.stolen();
    await ada.request(async (session) => {
      await session.reauthenticate({ level: 'aal1' });
      expect([session.state, session.userId, session.get('draft')]).toEqual([
        'authenticated',
        'alice',
        'text',
      ]);
      session.set('draft', 'more');
    });
    expect(await ada.request((session) => session.get('draft'))).toBe('more');
    expect((await ada.request((session) => session.info))?.absoluteExpiresAt).toBe(absoluteExpiresAt);
    expect(await thief.whoami()).toBe('unknown');
  });

  test('somebody else who signs in at a locked session gets nothing of it', async () => {
    const { browser, clock } = open({ onIdle: 'lock' });
    const ada = browser();
    await ada.signIn();
    await ada.request((session) => session.set('draft', 'text'));
    const old = ada.stolen();
    clock.advance('2h');
    await ada.signIn('bob');
    expect(await ada.request((session) => [session.userId, session.all()])).toEqual(['bob', {}]);
    expect(await old.whoami()).toBe('replaced');
  });

  test('it can be signed out of', async () => {
    const { browser, clock } = open({ onIdle: 'lock' });
    const ada = browser();
    await ada.signIn();
    const old = ada.stolen();
    clock.advance('2h');
    await ada.signOut();
    expect(await old.whoami()).toBe('signed_out');
  });
});
