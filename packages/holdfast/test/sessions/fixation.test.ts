import { expect, test } from 'vitest';
import { SAFARI } from '../support/browser.ts';
import { onEachStore, typesOf } from '../support/world.ts';

onEachStore('session fixation', (open) => {
  test('a frozen jar: whoever planted the cookie before the sign-in is not signed in by it (ASVS-7.2.4, RFC6265bis-8.4, SM-16)', async () => {
    const { browser } = open();
    const mallory = browser({ userAgent: SAFARI });
    await mallory.request((session) => session.set('cart', ['bait']));
    const victim = browser({ cookie: mallory.cookie });
    await victim.signIn('alice');
    expect(await victim.whoami()).toBe('alice');
    expect(await mallory.whoami()).toBe('unknown');
    expect(await mallory.request((session) => session.all())).toEqual({});
    expect(await victim.whoami()).toBe('alice');
  });

  test('the planted cookie writes nothing into the session after the sign-in', async () => {
    const { browser } = open();
    const mallory = browser();
    await mallory.request((session) => session.set('cart', ['bait']));
    const prepared = await mallory.start();
    const victim = browser({ cookie: mallory.cookie });
    await victim.signIn('alice');
    prepared.session.set('deliverTo', 'Mallory');
    await expect(prepared.finish()).rejects.toMatchObject({ code: 'session_changed' });
    expect(await victim.request((session) => session.get('deliverTo'))).toBeUndefined();
  });

  test('the planted cookie can not sign the victim out either, once it has signed in', async () => {
    const { browser } = open();
    const mallory = browser();
    await mallory.request((session) => session.set('cart', ['bait']));
    const victim = browser({ cookie: mallory.cookie });
    await victim.signIn('alice');
    await mallory.signOut();
    expect(await victim.whoami()).toBe('alice');
  });

  test('what an attacker planted can be left behind at the sign-in', async () => {
    const { browser } = open();
    const mallory = browser();
    await mallory.request((session) => {
      session.set('returnTo', 'https://evil.example/');
      session.set('cart', ['bait']);
      session.set('locale', 'en');
    });
    const one = browser({ cookie: mallory.cookie });
    await one.request((session) => session.signIn({ userId: 'alice', keep: ['cart'] }));
    expect(await one.request((session) => session.all())).toEqual({ cart: ['bait'] });
  });

  test('a forged id of the right form is never adopted (SM-14, ASVS-11.5.1)', async () => {
    const { browser, store, events } = open();
    const id = 'A'.repeat(22);
    const forged = `__Host-session=${id}.${'A'.repeat(16)}.${'A'.repeat(43)}`;
    const victim = browser({ cookie: forged });
    expect(await victim.whoami()).toBe('unknown');
    await victim.request((session) => session.set('cart', 1));
    expect(victim.cookie).not.toContain(id);
    await victim.signIn('alice');
    expect(victim.cookie).not.toContain(id);
    expect(await store.read(id)).toBeUndefined();
    expect(await browser({ cookie: forged }).whoami()).toBe('unknown');
    expect(typesOf(events)).toEqual(['guessed', 'guessed', 'created', 'signed_in', 'guessed']);
  });

  test('the id of an ended session is never taken up again', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    const old = ada.cookie;
    const [oldId = ''] = ada.token?.split('.') ?? [];
    await ada.signOut();
    const again = browser({ cookie: old });
    await again.signIn();
    expect(again.cookie).not.toContain(oldId);
    expect(await browser({ cookie: old }).whoami()).toBe('signed_out');
  });

  test('parts of several good tokens make no good one (SM-18)', async () => {
    const { browser } = open();
    const [ada, bob] = [browser(), browser()];
    await ada.signIn('alice');
    await bob.signIn('bob');
    const [a, b] = [ada.token?.split('.') ?? [], bob.token?.split('.') ?? []];
    for (const parts of [
      [a[0], b[1], b[2]],
      [a[0], a[1], b[2]],
      [a[0], b[1], a[2]],
      [b[0], a[1], a[2]],
    ]) {
      const mixed = browser({ cookie: `__Host-session=${parts.join('.')}` });
      // The lineage is the session's own in one of them: that is a retired secret as far as anyone can tell.
      expect(['unknown', 'reused']).toContain(await mixed.whoami());
    }
    expect([await ada.whoami(), await bob.whoami()]).toEqual(['alice', 'bob']);
  });

  test('the token counts in the cookie alone: not in another header, nor in the URL (SM-7, ASVS-14.2.1)', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.signIn();
    const { token = '' } = ada;
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { 'x-session': token },
      { cookie2: ada.cookie },
    ]) {
      const session = await sessions.open({
        method: 'GET',
        url: `/?session=${token}&__Host-session=${token};__Host-session=${token}`,
        headers: new Headers(headers),
      });
      expect([session.state, session.rejected]).toEqual(['anonymous', undefined]);
    }
  });
});
