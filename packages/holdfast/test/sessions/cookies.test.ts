import { Cookie } from 'tough-cookie';
import { expect, test } from 'vitest';
import { onEachStore, typesOf } from '../support/world.ts';

onEachStore('the session cookie', (open) => {
  test('it is __Host-, Secure, HttpOnly, SameSite, on / and without Domain, and dies with the browser (ASVS-3.3.1, ASVS-3.3.2, ASVS-3.3.3, ASVS-3.3.4, RFC6265bis-4.1.3.2, SM-9, SM-10, SM-11, SM-12)', async () => {
    const ada = open().browser();
    const { session, finish } = await ada.start();
    session.set('cart', 1);
    const [setCookie = ''] = (await finish()).setCookies;
    expect(setCookie).toMatch(/^__Host-session=[\w.-]{83}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const cookie = Cookie.parse(setCookie);
    expect(cookie).toMatchObject({
      key: '__Host-session',
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'lax',
      domain: null,
    });
    expect(cookie?.isPersistent()).toBe(false);
  });

  test('a name and SameSite=Strict may be chosen, and are the same when it is deleted', async () => {
    const ada = open({ cookie: { name: 'sid', sameSite: 'Strict' } }).browser();
    const first = await ada.start();
    first.session.set('cart', 1);
    expect((await first.finish()).setCookies[0]).toMatch(
      /^__Host-sid=[\w.-]{83}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const last = await ada.start();
    await last.session.signOut();
    expect((await last.finish()).setCookies).toEqual([
      '__Host-sid=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict',
    ]);
  });

  test('an answer sets it at most once, however often the session changed (RFC6265bis-4.1.1-d)', async () => {
    const ada = open().browser();
    const { session, finish } = await ada.start();
    session.set('cart', 1);
    await session.commit();
    await session.signIn({ userId: 'alice' });
    await session.reauthenticate();
    await session.elevate();
    expect((await finish()).setCookies.length).toBe(1);
    expect(await ada.whoami()).toBe('alice');
  });

  test.each([
    ['', 'malformed'],
    ['x', 'malformed'],
    ['a.b.c', 'malformed'],
    ['%00', 'malformed'],
    ['../../etc/passwd', 'malformed'],
    ["' OR 1=1 --", 'malformed'],
    ['x'.repeat(100_000), 'malformed'],
    [`${'A'.repeat(22)}.${'A'.repeat(16)}.${'A'.repeat(42)}B`, 'malformed'],
    [`"${'A'.repeat(22)}.${'A'.repeat(16)}.${'A'.repeat(43)}"`, 'malformed'],
    [`${'A'.repeat(22)}.${'A'.repeat(16)}.${'A'.repeat(43)}`, 'unknown'],
  ])('a cookie that is not good, %#, is no exception, and is neither cleared nor replaced (SM-15, ASVS-16.5.1)', async (value, reason) => {
    const ada = open().browser({ cookie: `a=1; __Host-session=${value}; b=2` });
    const { session, finish } = await ada.start();
    expect([session.state, session.rejected, session.userId, session.all()]).toEqual([
      'anonymous',
      reason,
      undefined,
      {},
    ]);
    expect((await finish()).setCookies).toEqual([]);
  });

  test('of two cookies of its name none is believed, in either order: one of them was planted (RFC6265bis-4.2.2, RFC6265bis-8.6, SM-19)', async () => {
    const { browser, events } = open();
    const [ada, mallory] = [browser(), browser()];
    await ada.signIn('alice');
    await mallory.signIn('mallory');
    for (const cookie of [
      `${ada.cookie}; ${mallory.cookie}`,
      `${mallory.cookie}; ${ada.cookie}`,
      `${ada.cookie}; ${ada.cookie}`,
    ]) {
      const { session, finish } = await browser({ cookie }).start();
      expect([session.state, session.rejected]).toEqual(['anonymous', 'duplicate']);
      expect((await finish()).setCookies).toEqual([]);
    }
    expect(events.filter(({ type }) => type === 'malformed').length).toBe(3);
  });

  test('a cookie of another case or prefix is another cookie (RFC6265bis-5.4)', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.signIn();
    for (const name of [
      '__host-session',
      '__HOST-session',
      'session',
      '__Secure-session',
      'x__Host-session',
      '__Host-session2',
      '__Host-sessio',
    ]) {
      const cookie = ada.cookie.replace('__Host-session', name);
      expect(await browser({ cookie }).request(({ state, rejected }) => [state, rejected]), name).toEqual([
        'anonymous',
        undefined,
      ]);
      expect(await browser({ cookie: `${cookie}; ${ada.cookie}` }).whoami()).toBe('alice');
      expect(await browser({ cookie: `${ada.cookie};${cookie}` }).whoami()).toBe('alice');
    }
  });

  test('an answer to a rejected cookie does not race the good one: only a new session of its own sets a cookie', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    const late = ada.stolen();
    await ada.whoami();
    await ada.whoami();
    clock.advance('2m');
    const { session, finish } = await late.start();
    expect(session.rejected).toBe('reused');
    expect((await finish()).setCookies).toEqual([]);
    expect(await ada.whoami()).toBe('alice');
  });

  test('it is within what every browser keeps, at the longest name (ASVS-3.3.5, RFC6265bis-5.6)', async () => {
    const ada = open({
      cookie: { name: 'n'.repeat(64) },
      absoluteTimeout: '400d',
      idleTimeout: '400d',
    }).browser();
    const { session, finish } = await ada.start();
    await session.signIn({ userId: 'u'.repeat(256), persistent: true });
    const [setCookie = ''] = (await finish()).setCookies;
    expect(setCookie.length).toBeLessThan(300);
    expect(setCookie).toContain('; Max-Age=34560000;');
  });

  test('it holds nothing but random characters: no user, no data (SM-5, NIST-5.1.1-7)', async () => {
    const { browser, events } = open();
    const ada = browser();
    await ada.request(async (session) => {
      session.set('mail', 'alice@example.com');
      await session.signIn({ userId: 'alice@example.com' });
    });
    for (const part of ada.token?.split('.') ?? []) {
      const decoded = Buffer.from(part, 'base64url').toString('latin1');
      expect(decoded).not.toMatch(/alice|mail|example/);
    }
    expect(typesOf(events)).toEqual(['created', 'signed_in']);
  });
});
