import { expect, test } from 'vitest';
import { expectCode } from '../support/browser.ts';
import { onEachStore, typesOf } from '../support/world.ts';

const LEVELS = [undefined, 'aal1', 'aal2', 'aal3'] as const;

onEachStore('re-authentication', (open) => {
  test('it gives a new lineage and secret; every earlier token is dead at once, without grace (ASVS-7.2.4, NIST-5.1-1)', async () => {
    const { browser, clock, events } = open();
    const ada = browser();
    await ada.signIn();
    const old = [ada.stolen()];
    clock.advance('16m');
    await ada.whoami();
    old.push(ada.stolen());
    await ada.request((session) => session.reauthenticate({ methods: ['otp'] }));
    for (const browserOfOld of old) expect(await browserOfOld.whoami()).toBe('unknown');
    expect(await ada.whoami()).toBe('alice');
    expect(typesOf(events).filter((type) => type === 'ended')).toEqual([]);
    expect(events.find(({ type }) => type === 'reauthenticated')).toMatchObject({
      userId: 'alice',
      owasp: 'session_renewed',
    });
  });

  test.each(
    LEVELS.flatMap((session) => LEVELS.map((factor) => ({ session, factor }))),
  )('in a session of level $session, one of level $factor: the idle deadline moves, the absolute one only at the level or above (NIST-5.2)', async ({
    session: level,
    factor,
  }) => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.request((session) => session.signIn({ userId: 'alice', ...(level && { level }) }));
    const before = await ada.request((session) => session.info);
    clock.advance('10m');
    await ada.request((session) => session.reauthenticate(factor ? { level: factor } : {}));
    const after = await ada.request((session) => session.info, { passive: true });
    const isStrongEnough = LEVELS.indexOf(factor) >= LEVELS.indexOf(level);
    expect((after?.absoluteExpiresAt ?? 0) - (before?.absoluteExpiresAt ?? 0)).toBe(
      isStrongEnough ? 600_000 : 0,
    );
    expect((after?.idleExpiresAt ?? 0) - (before?.idleExpiresAt ?? 0)).toBe(600_000);
    expect(after?.level).toBe(isStrongEnough ? factor : level);
    expect(after?.authentications.length).toBe(2);
  });

  test('the list of authentications stays short, and what gave the session its level stays in it', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.request((session) =>
      session.signIn({ userId: 'alice', level: 'aal2', methods: ['pwd', 'hwk'] }),
    );
    for (let i = 0; i < 12; i++) {
      clock.advance('1m');
      await ada.request((session) => session.reauthenticate({ level: 'aal1' }));
    }
    const info = await ada.request((session) => session.info);
    expect([info?.level, info?.authentications.length]).toEqual(['aal2', 8]);
    expect(info?.authentications.at(0)).toMatchObject({ level: 'aal2', methods: ['pwd', 'hwk'] });
    expect(info?.authentications.at(-1)?.at).toBe(clock.now());
  });

  test('a request opened before it can not write after it', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    const slow = await ada.start();
    const reader = await ada.start();
    await ada.request((session) => session.reauthenticate());
    slow.session.set('draft', 1);
    await expectCode(slow.session.commit(), 'session_changed');
    await expectCode(
      slow.session.update('draft', () => 1),
      'session_changed',
    );
    slow.session.set('draft', 1);
    await expectCode(slow.finish(), 'session_changed');
    expect((await reader.finish()).setCookies).toEqual([]);
    expect(await ada.request((session) => [session.userId, session.all()])).toEqual(['alice', {}]);
  });

  test('two at once: one succeeds, the other is told', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    const [one, two] = [await ada.start(), await ada.start()];
    const outcomes = await Promise.allSettled([one.session.reauthenticate(), two.session.reauthenticate()]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'session_changed' },
    });
    await one.finish();
    await two.finish();
    expect(await ada.whoami()).toBe('alice');
  });

  test('what was written before it in the request is stored with it', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    await ada
      .request(async (session) => {
        session.set('mail', 'new@example.com');
        await session.reauthenticate();
        throw new Error('a bug of the application');
      })
      .catch(() => undefined);
    expect(await ada.request((session) => session.get('mail'))).toBe('new@example.com');
  });

  test('it needs a signed-in user, and a level that is known', async () => {
    const { browser } = open();
    const ada = browser();
    await expectCode(
      ada.request((session) => session.reauthenticate()),
      'reauthentication_required',
    );
    await ada.signIn();
    await expect(ada.request((session) => session.reauthenticate({ level: 'gold' }))).rejects.toThrow(
      /^level: "gold"/,
    );
  });
});

onEachStore('elevation', (open) => {
  test('it gives a new lineage and secret, and moves no deadline but for being seen (SM-16)', async () => {
    const { browser, clock, events } = open();
    const ada = browser();
    await ada.signIn();
    await ada.request((session) => session.set('cart', 1));
    const before = await ada.request((session) => session.info);
    const old = ada.stolen();
    clock.advance('5m');
    await ada.request((session) => session.elevate());
    const after = await ada.request((session) => session.info, { passive: true });
    expect(after?.absoluteExpiresAt).toBe(before?.absoluteExpiresAt);
    expect(after?.authentications).toEqual(before?.authentications);
    expect(await old.whoami()).toBe('unknown');
    expect(await ada.request((session) => [session.userId, session.get('cart')])).toEqual(['alice', 1]);
    expect(events.find(({ type }) => type === 'elevated')).toMatchObject({
      owasp: 'authz_change',
      userId: 'alice',
    });
  });

  test('an anonymous session can be elevated too', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 1));
    const old = ada.stolen();
    await ada.request((session) => session.elevate());
    expect(await ada.request((session) => session.get('cart'))).toBe(1);
    expect(await old.whoami()).toBe('unknown');
  });

  test('the CSRF seed is another one after each privilege change (CSRF-15)', async () => {
    const { browser, store } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 1));
    const [id = ''] = ada.token?.split('.') ?? [];
    const seeds = new Set([(await store.read(id))?.csrfSeed]);
    for (const change of ['signIn', 'reauthenticate', 'elevate'] as const) {
      await ada.request((session) => session[change]({ userId: 'alice' }));
      seeds.add((await store.read(id))?.csrfSeed);
    }
    expect(seeds.size).toBe(4);
  });
});
