import { expect, test } from 'vitest';
import { expectCode } from '../support/browser.ts';
import { onEachStore, typesOf } from '../support/world.ts';

onEachStore('a user’s sessions', (open) => {
  test('the list shows each live session of the user, the last seen first, and no other (ASVS-7.5.2)', async () => {
    const { browser, clock, sessions } = open();
    const [phone, laptop, old, bobs, nobody] = [browser(), browser(), browser(), browser(), browser()];
    await old.signIn();
    await phone.signIn();
    clock.advance('1m');
    await laptop.request((session) =>
      session.signIn({ userId: 'alice', label: 'Laptop', methods: ['pwd', 'otp'], level: 'aal2' }),
    );
    await bobs.signIn('bob');
    await nobody.request((session) => session.set('cart', 1));
    await old.signOut();
    clock.advance('1m');
    await phone.whoami();
    const list = await sessions.list('alice');
    expect(list.map(({ id }) => id)).toEqual([phone.token?.slice(0, 22), laptop.token?.slice(0, 22)]);
    expect(list[1]).toEqual({
      id: laptop.token?.slice(0, 22),
      userId: 'alice',
      createdAt: clock.now() - 60_000,
      lastSeenAt: clock.now() - 60_000,
      idleExpiresAt: clock.now() + 29 * 60_000,
      absoluteExpiresAt: clock.now() + 479 * 60_000,
      authentications: [{ at: clock.now() - 60_000, methods: ['pwd', 'otp'], level: 'aal2' }],
      level: 'aal2',
      client: { ip: '192.0.2.1', userAgent: laptop.userAgent, label: 'Laptop' },
      persistent: false,
      renewals: 0,
    });
    clock.advance('30m');
    expect(await sessions.list('alice')).toEqual([]);
    await expect(sessions.list('')).rejects.toThrow(/^userId/);
  });

  test('what a list shows opens nothing (ASVS-16.2.5)', async () => {
    const { browser, clock, sessions } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    await ada.whoami();
    const text = JSON.stringify(await sessions.list('alice'));
    const [, lineage = '', secret = ''] = ada.token?.split('.') ?? [];
    expect(text).not.toContain(secret);
    expect(text).not.toContain(lineage);
    expect(text).not.toMatch(/hash|salt|seed/i);
  });

  test('one session is ended by its id, only once, and only by its user where that is asked (ASVS-7.4.5, ASVS-7.5.2)', async () => {
    const { browser, events, sessions } = open();
    const [phone, laptop] = [browser(), browser()];
    await phone.signIn();
    await laptop.signIn();
    const [{ id } = { id: '' }] = (await sessions.list('alice')).filter(
      (each) => each.id === phone.token?.slice(0, 22),
    );
    expect(await sessions.revoke(id, { userId: 'bob' })).toBe(false);
    expect(await phone.whoami()).toBe('alice');
    expect(await sessions.revoke(id, { userId: 'alice' })).toBe(true);
    expect(await sessions.revoke(id, { userId: 'alice' })).toBe(false);
    expect(await sessions.revoke(id)).toBe(false);
    expect([await phone.whoami(), await laptop.whoami()]).toEqual(['revoked', 'alice']);
    expect(events.find(({ type }) => type === 'ended')).toMatchObject({
      sessionId: id,
      userId: 'alice',
      reason: 'revoked',
    });
    expect((await sessions.list('alice')).length).toBe(1);
  });

  test.each([
    '',
    'x',
    `${'A'.repeat(21)}B`,
    'A'.repeat(22),
    '../../etc/passwd',
    "' OR 1=1 --",
    7,
    undefined,
    null,
  ])('an id from a form that is no session’s, %j, ends nothing', async (id) => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.signIn();
    expect(await sessions.revoke(id as string)).toBe(false);
    expect(await ada.whoami()).toBe('alice');
  });

  test('all sessions of a user end, or all but the own one (ASVS-7.4.2, ASVS-7.4.3)', async () => {
    const { browser, sessions } = open();
    const [one, two, three, bobs] = [browser(), browser(), browser(), browser()];
    for (const each of [one, two, three]) await each.signIn();
    await bobs.signIn('bob');
    expect(await three.request((session) => sessions.revokeAll('alice', { except: session.id }))).toBe(2);
    expect([await one.whoami(), await two.whoami(), await three.whoami(), await bobs.whoami()]).toEqual([
      'revoked',
      'revoked',
      'alice',
      'bob',
    ]);
    expect(await sessions.revokeAll('alice')).toBe(1);
    expect(await three.whoami()).toBe('revoked');
    expect(await sessions.revokeAll('alice')).toBe(0);
    await one.signIn();
    expect(await one.whoami()).toBe('alice');
  });

  test('a request that runs while its session is revoked is told when it writes', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.signIn();
    const slow = await ada.start();
    await sessions.revokeAll('alice');
    slow.session.set('draft', 1);
    await expectCode(slow.finish(), 'session_changed');
    expect(await ada.whoami()).toBe('revoked');
  });

  test('a limit ends the oldest session at the sign-in beyond it (ASVS-7.1.2, SM-32)', async () => {
    const { browser, clock, events, sessions } = open({ maxSessionsPerUser: 2 });
    const browsers = [browser(), browser(), browser(), browser()];
    for (const each of browsers) {
      clock.advance('1m');
      await each.signIn();
    }
    expect(await Promise.all(browsers.map((each) => each.whoami()))).toEqual([
      'limit',
      'limit',
      'alice',
      'alice',
    ]);
    expect((await sessions.list('alice')).length).toBe(2);
    expect(typesOf(events).filter((type) => type === 'ended').length).toBe(2);
    await browsers[2]?.signIn();
    expect(await browsers[3]?.whoami()).toBe('alice');
  });

  test('a limit of one leaves the double click with one session', async () => {
    const { browser, sessions, clock } = open({ maxSessionsPerUser: 1 });
    const ada = browser();
    await ada.request((session) => session.set('cart', 1));
    const clicks = [await ada.start(), await ada.start()];
    for (const { session } of clicks) {
      await session.signIn({ userId: 'alice' });
      clock.advance(1);
    }
    for (const { finish } of clicks) await finish();
    expect(await ada.whoami()).toBe('alice');
    expect((await sessions.list('alice')).length).toBe(1);
  });

  test('an ended or expired session counts against no limit', async () => {
    const { browser, clock } = open({ maxSessionsPerUser: 2 });
    const [one, two, three, four] = [browser(), browser(), browser(), browser()];
    await one.signIn();
    await one.signOut();
    await two.signIn();
    clock.advance('1m');
    await three.signIn();
    expect(await two.whoami()).toBe('alice');
    clock.advance('8h');
    await four.signIn();
    expect(await four.whoami()).toBe('alice');
  });
});
