import { expect, test } from 'vitest';
import { expectCode } from '../support/browser.ts';
import { onEachStore, typesOf } from '../support/world.ts';

onEachStore('sign-out', (open) => {
  test('after it no token of the session authenticates anywhere, the cookie is deleted as it was set (ASVS-7.4.1, NIST-5.1-3, RFC6265bis-3.1)', async () => {
    const { browser, clock, server } = open();
    const ada = browser();
    const tokens: string[] = [];
    await ada.request((session) => session.set('cart', 1));
    tokens.push(ada.cookie);
    await ada.signIn();
    tokens.push(ada.cookie);
    for (let i = 0; i < 3; i++) {
      clock.advance('16m');
      await ada.whoami();
      await ada.whoami();
      tokens.push(ada.cookie);
    }
    const { session, finish } = await ada.start();
    await session.signOut();
    expect([session.state, session.userId, session.id, session.all()]).toEqual([
      'anonymous',
      undefined,
      undefined,
      {},
    ]);
    const { setCookies } = await finish();
    expect(setCookies).toEqual(['__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax']);
    expect(ada.cookie).toBe('');
    expect(new Set(tokens).size).toBe(5);
    for (const anywhere of [browser, server().browser]) {
      for (const cookie of tokens)
        expect(['signed_out', 'unknown']).toContain(await anywhere({ cookie }).whoami());
    }
  });

  test('a request still running when the user signs out can not bring the session back (ASVS-7.4.1)', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    const slow = [
      await ada.start(),
      await ada.start(),
      await ada.start(),
      await ada.start(),
      await ada.start(),
    ] as const;
    const copy = ada.stolen();
    await ada.signOut();
    slow[0].session.set('draft', 'text');
    await expectCode(slow[0].finish(), 'session_changed');
    await expectCode(
      slow[1].session.update('n', () => 1),
      'session_changed',
    );
    await expectCode(slow[2].session.reauthenticate(), 'session_changed');
    await expectCode(slow[3].session.elevate(), 'session_changed');
    expect(await slow[4].finish()).toMatchObject({ setCookies: [] });
    expect(ada.cookie).toBe('');
    expect(await copy.whoami()).toBe('signed_out');
  });

  test('it wins while another tab re-authenticates', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    const out = await ada.start();
    const again = await ada.start();
    await again.session.reauthenticate();
    await out.session.signOut();
    await again.finish();
    const copy = ada.stolen();
    await out.finish();
    expect(await copy.whoami()).toBe('signed_out');
  });

  test('unsaved writes are dropped with it', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    await ada.request(async (session) => {
      session.set('draft', 1);
      await session.signOut();
    });
    expect(ada.cookie).toBe('');
  });

  test('what is written after it begins a new session', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    await ada.request(async (session) => {
      await session.signOut();
      session.set('notice', 'You have signed out.');
    });
    expect(await ada.request((session) => [session.state, session.all()])).toEqual([
      'anonymous',
      { notice: 'You have signed out.' },
    ]);
  });

  test('it takes a rejected cookie away too, since the user asked for it, and says it twice to no harm', async () => {
    const { browser, events } = open();
    const ada = browser({ cookie: '__Host-session=nonsense' });
    await ada.signOut();
    expect(ada.cookie).toBe('');
    await ada.signOut();
    expect(typesOf(events)).toEqual(['malformed']);
  });

  test('two tabs sign out at once: the session ends once', async () => {
    const { browser, events } = open();
    const ada = browser();
    await ada.signIn();
    const tabs = await Promise.all([ada.start(), ada.start()]);
    await Promise.all(tabs.map(({ session }) => session.signOut()));
    for (const { finish } of tabs) await finish();
    expect(typesOf(events).filter((type) => type === 'ended')).toEqual(['ended']);
    expect(ada.cookie).toBe('');
  });
});
