import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { expectCode } from '../support/browser.ts';
import { onEachStore, typesOf } from '../support/world.ts';
import { failing } from '../support/wrapped-stores.ts';

onEachStore('a store that does not answer', (open) => {
  test('is neither signed out nor signed in: the request fails, the cookie stays, the event tells the operator (ASVS-16.5.3, ASVS-16.3.4)', async () => {
    const outage = failing();
    const { browser, events } = open(outage);
    const ada = browser();
    await ada.signIn();
    const { cookie } = ada;
    outage.isDown = true;
    const refusal = ada.start();
    await expect(refusal).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(refusal).rejects.toMatchObject({
      code: 'store_unavailable',
      message: 'the session store failed to read a session',
    });
    await expect(refusal).rejects.toHaveProperty('cause.message', 'connect ECONNREFUSED 127.0.0.1:6379');
    expect(events.at(-1)).toMatchObject({
      type: 'store_failed',
      level: 'CRITICAL',
      operation: 'read a session',
    });
    outage.isDown = false;
    expect(ada.cookie).toBe(cookie);
    expect(await ada.whoami()).toBe('alice');
  });

  test('a request without a session cookie does not notice it, until it writes', async () => {
    const outage = failing();
    const { browser } = open(outage);
    outage.isDown = true;
    const ada = browser();
    expect(await ada.whoami()).toBe('anonymous');
    await expectCode(
      ada.request((session) => session.set('cart', 1)),
      'store_unavailable',
    );
    await expectCode(
      ada.request((session) => session.signIn({ userId: 'alice' })),
      'store_unavailable',
    );
    expect(ada.cookie).toBe('');
  });

  test('a malformed or doubled cookie does not notice it either', async () => {
    const outage = failing();
    const { browser } = open(outage);
    outage.isDown = true;
    expect(await browser({ cookie: '__Host-session=x' }).whoami()).toBe('malformed');
  });

  test('a page that needs no session may go on: it sees that the state is not known, and can not write', async () => {
    const outage = failing();
    const { browser } = open(outage);
    const ada = browser();
    await ada.signIn();
    const { cookie } = ada;
    outage.isDown = true;
    const { session, finish } = await ada.start({ onStoreFailure: 'anonymous' });
    expect([session.state, session.userId, session.rejected, session.get('cart')]).toEqual([
      'unavailable',
      undefined,
      undefined,
      undefined,
    ]);
    expect(() => session.set('cart', 1)).toThrow(expect.objectContaining({ code: 'store_unavailable' }));
    expect(() => session.delete('cart')).toThrow(expect.objectContaining({ code: 'store_unavailable' }));
    for (const write of [
      session.update('n', () => 1),
      session.signIn({ userId: 'mallory' }),
      session.reauthenticate(),
      session.elevate(),
      session.signOut(),
    ]) {
      await expectCode(write, 'store_unavailable');
    }
    expect((await finish()).setCookies).toEqual([]);
    outage.isDown = false;
    expect(ada.cookie).toBe(cookie);
    expect(await ada.whoami()).toBe('alice');
  });

  test('a write that fails is told, whatever the policy for reading was', async () => {
    const outage = failing();
    const { browser } = open(outage);
    const ada = browser();
    await ada.signIn();
    const { session, finish } = await ada.start({ onStoreFailure: 'anonymous' });
    session.set('cart', 1);
    outage.isDown = true;
    await expectCode(finish(), 'store_unavailable');
  });

  test('a renewal whose outcome is unknown costs nobody the session: the next answer repeats it', async () => {
    const outage = failing();
    const { browser, clock } = open(outage);
    const ada = browser();
    await ada.signIn();
    const { cookie } = ada;
    clock.advance('16m');
    const { finish } = await ada.start();
    outage.losesAnswers = true;
    await expectCode(finish(), 'store_unavailable');
    outage.losesAnswers = false;
    expect(ada.cookie).toBe(cookie);
    expect(await ada.whoami()).toBe('alice');
    expect(ada.cookie).not.toBe(cookie);
    expect(await ada.whoami()).toBe('alice');
  });

  test('a sign-out that can not be stored is told, and the user stays signed in', async () => {
    const outage = failing();
    const { browser } = open(outage);
    const ada = browser();
    await ada.signIn();
    const { session, finish } = await ada.start();
    outage.isDown = true;
    await expectCode(session.signOut(), 'store_unavailable');
    expect(session.userId).toBe('alice');
    outage.isDown = false;
    expect((await finish()).setCookies).toEqual([]);
    expect(await ada.whoami()).toBe('alice');
  });

  test('a sign-in that can not be stored signs nobody in', async () => {
    const outage = failing();
    const { browser, sessions } = open(outage);
    const ada = browser();
    await ada.request((session) => session.set('cart', 1));
    const { session, finish } = await ada.start();
    outage.isDown = true;
    await expectCode(session.signIn({ userId: 'alice' }), 'store_unavailable');
    outage.isDown = false;
    expect(session.userId).toBeUndefined();
    await finish();
    expect(await ada.request((next) => [next.state, next.get('cart')])).toEqual(['anonymous', 1]);
    expect(await sessions.list('alice')).toEqual([]);
  });

  test.each([
    'a new session',
    'a session of a visitor',
  ])('a sign-in whose last look fails leaves %s that nobody holds on no list', async (kind) => {
    let isBlind = false;
    const { browser, store, sessions } = open({
      wrap: (inner) => ({
        ...inner,
        epochOf: async (index) => {
          if (isBlind) throw new Error('read ECONNRESET');
          return inner.epochOf(index);
        },
      }),
    });
    const ada = browser();
    if (kind !== 'a new session') await ada.request((session) => session.set('cart', 1));
    isBlind = true;
    await expectCode(
      ada.request((session) => session.signIn({ userId: 'alice' })),
      'store_unavailable',
    );
    expect(await sessions.list('alice')).toEqual([]);
    expect(await store.listBy('user:alice')).toEqual([]);
  });

  test('lists, ends and epochs fail as loudly', async () => {
    const outage = failing();
    const { sessions, events } = open(outage);
    outage.isDown = true;
    await expectCode(sessions.list('alice'), 'store_unavailable');
    await expectCode(sessions.revoke('A'.repeat(22)), 'store_unavailable');
    await expectCode(sessions.revokeAll('alice'), 'store_unavailable');
    await expectCode(sessions.userEpoch('alice'), 'store_unavailable');
    expect(typesOf(events)).toEqual(Array(4).fill('store_failed'));
  });

  test('housekeeping that fails disturbs no request', async () => {
    const outage = failing();
    const { browser, clock, events } = open(outage);
    clock.advance('6m');
    outage.isDown = true;
    expect(await browser().whoami()).toBe('anonymous');
    expect(events).toMatchObject([{ type: 'store_failed', operation: 'drop old sessions' }]);
  });
});

onEachStore('a store that can only be read', (open) => {
  test('spoils no page that may do without it, as long as that page has written nothing', async () => {
    const outage = failing();
    const { browser, clock } = open(outage);
    const ada = browser();
    await ada.signIn();
    const { cookie } = ada;
    clock.advance('16m');
    const page = await ada.start({ onStoreFailure: 'anonymous' });
    const strict = await ada.start();
    const writing = await ada.start({ onStoreFailure: 'anonymous' });
    writing.session.set('cart', 1);
    expect(page.session.userId).toBe('alice');
    outage.isDown = true;
    // The touch and the renewal that were due are due again at the next request.
    expect((await page.finish()).setCookies).toEqual([]);
    await expectCode(strict.finish(), 'store_unavailable');
    await expectCode(writing.finish(), 'store_unavailable');
    outage.isDown = false;
    expect(await ada.whoami()).toBe('alice');
    expect(ada.cookie).not.toBe(cookie);
  });
});

onEachStore('housekeeping', (open) => {
  test('records past their deadline and old tombstones are dropped by the traffic', async () => {
    const { browser, clock, store } = open();
    const [ada, bob] = [browser(), browser()];
    await ada.signIn('alice');
    await bob.signIn('bob');
    const bobs = bob.stolen();
    await bob.signOut();
    const id = ada.token?.slice(0, 22) ?? '';
    clock.advance('8h');
    await browser().whoami();
    // To a server whose clock is a little behind, the session is still alive.
    expect(await store.read(id)).toBeDefined();
    clock.advance('5m');
    await browser().whoami();
    expect(await store.read(id)).toBeUndefined();
    expect([await ada.whoami(), await bobs.whoami()]).toEqual(['unknown', 'unknown']);
  });
});
