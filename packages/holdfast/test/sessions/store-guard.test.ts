import { expect, test } from 'vitest';
import { faultyStore, manualTimer } from '../../src/testing/index.ts';
import { expectCode } from '../support/browser.ts';
import { turn } from '../support/guarded.ts';
import { onEachStore, typesOf } from '../support/world.ts';
import { counted, failing } from '../support/wrapped-stores.ts';

onEachStore('a store that hangs', (open) => {
  /** A world whose store can hang, and whose guard waits for the test. */
  function hanging() {
    const timer = manualTimer();
    let faulty: ReturnType<typeof faultyStore> | undefined;
    const world = open({
      storeGuard: { timer },
      wrap: (store) => (faulty = faultyStore(store)).store,
    });
    return { ...world, timer, hang: () => faulty?.hang(), recover: () => faulty?.recover() };
  }

  test('holds a request for a second: then it is neither signed in nor signed out', async () => {
    const { browser, timer, hang, recover, events } = hanging();
    const ada = browser();
    await ada.signIn();
    const { cookie } = ada;
    hang();
    const request = ada.whoami();
    await turn();
    timer.advance('1s');
    await expectCode(request, 'store_unavailable');
    expect(events.at(-1)).toMatchObject({
      type: 'store_failed',
      operation: 'read a session',
      error: { message: 'no answer within 1000 ms' },
    });
    recover();
    expect(ada.cookie).toBe(cookie);
    expect(await ada.whoami()).toBe('alice');
  });

  test('lets a page that needs no session go on after that second, and at once when calls are suspended', async () => {
    const { browser, timer, hang, recover, events } = hanging();
    const ada = browser();
    await ada.signIn();
    hang();
    for (let i = 0; i < 5; i++) {
      const page = ada.whoami({ onStoreFailure: 'anonymous' });
      await turn();
      timer.advance('1s');
      expect(await page).toBe('unavailable');
    }
    expect(await ada.whoami({ onStoreFailure: 'anonymous' })).toBe('unavailable');
    await expectCode(ada.whoami(), 'store_unavailable');
    recover();
    await expectCode(ada.whoami(), 'store_unavailable');
    timer.advance('1s');
    expect(await ada.whoami()).toBe('alice');
    expect(typesOf(events)).toEqual([
      'created',
      'signed_in',
      ...Array(5).fill('store_failed'),
      'store_suspended',
      'store_resumed',
    ]);
    expect(events.at(-1)).toMatchObject({ calls: 'reads', failed: 3, lasted: 1_000 });
  });

  test('with several steps to a sign-in, the first that hangs ends it', async () => {
    const { browser, timer, hang, sessions } = hanging();
    const ada = browser();
    const { session, finish } = await ada.start();
    hang();
    const signIn = session.signIn({ userId: 'alice' });
    await turn();
    timer.advance('1s');
    await expectCode(signIn, 'store_unavailable');
    expect((await finish()).setCookies).toEqual([]);
    const list = sessions.list('alice');
    timer.advance('1s');
    await expectCode(list, 'store_unavailable');
  });
});

onEachStore('an answer of the store that is lost', (open) => {
  test('to a sign-out: it has happened, it is told, and it is logged, all of it once', async () => {
    const outage = failing();
    const { browser, events } = open(outage);
    const ada = browser();
    await ada.signIn();
    const stolen = ada.stolen();
    outage.losesNext = 'apply';
    await ada.signOut();
    expect(ada.token).toBeUndefined();
    expect(typesOf(events).slice(2)).toEqual(['ended']);
    expect(await stolen.whoami()).toBe('signed_out');
  });

  test('to a revocation: it is answered as one that ended the session, since it did', async () => {
    const outage = failing();
    const { browser, sessions, events } = open(outage);
    const ada = browser();
    await ada.signIn();
    const id = ada.token?.slice(0, 22) ?? '';
    outage.losesNext = 'apply';
    expect(await sessions.revoke(id, { userId: 'alice' })).toBe(true);
    expect(await sessions.revoke(id, { userId: 'alice' })).toBe(false);
    expect(typesOf(events).slice(2)).toEqual(['ended']);
    expect(await ada.whoami()).toBe('revoked');
  });

  test('to the revocation of all sessions: they are dead, the event is raised, and the count is a lower bound', async () => {
    const outage = failing();
    const { browser, sessions, events } = open(outage);
    const devices = [browser(), browser()];
    for (const device of devices) await device.signIn();
    events.length = 0;
    outage.losesNext = 'endBy';
    expect(await sessions.revokeAll('alice')).toBe(0);
    expect(events).toMatchObject([{ type: 'ended', userId: 'alice', reason: 'revoked' }]);
    expect(await Promise.all(devices.map((device) => device.whoami()))).toEqual(['revoked', 'revoked']);
    expect(await sessions.revokeAll('alice')).toBe(0);
    expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1);
  });

  test('to a renewal: the answer carries the new cookie all the same, and it is logged once', async () => {
    const outage = failing();
    const { browser, clock, events } = open(outage);
    const ada = browser();
    await ada.signIn();
    const { cookie } = ada;
    clock.advance('16m');
    outage.losesNext = 'apply';
    expect(await ada.whoami()).toBe('alice');
    expect(ada.cookie).not.toBe(cookie);
    expect(typesOf(events).slice(2)).toEqual(['renewed']);
    expect(await ada.whoami()).toBe('alice');
    // The new secret was confirmed by that: the old one is on its last legs, and a late tab gets no other cookie.
    const late = ada.stolen();
    late.cookie = cookie;
    expect(await late.whoami()).toBe('alice');
    expect(late.cookie).toBe(cookie);
  });

  test('to a renewal that somebody else won: the winner’s cookie', async () => {
    const outage = failing();
    const { browser, clock, events } = open(outage);
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    const tabs = [await ada.start(), await ada.start()];
    const [winner] = (await tabs[0]?.finish())?.setCookies ?? [];
    outage.losesNext = 'apply';
    expect((await tabs[1]?.finish())?.setCookies).toEqual([winner]);
    expect(typesOf(events).slice(2)).toEqual(['renewed']);
  });

  test('to a touch, a read, a list, an epoch: nobody notices', async () => {
    const outage = failing();
    const { browser, clock, sessions, events } = open(outage);
    const ada = browser();
    await ada.signIn();
    clock.advance('2m');
    outage.losesNext = 'apply';
    expect(await ada.whoami()).toBe('alice');
    outage.losesNext = 'read';
    expect(await ada.whoami()).toBe('alice');
    outage.losesNext = 'listBy';
    expect(await sessions.list('alice')).toHaveLength(1);
    outage.losesNext = 'epochOf';
    expect(await sessions.userEpoch('alice')).toBe(0);
    expect(typesOf(events).slice(2)).toEqual([]);
  });

  test('to the admission of a sign-in: it goes on, and is listed once', async () => {
    const outage = failing();
    const { browser, sessions, clock } = open({ wrap: outage.wrap, maxSessionsPerUser: 1 });
    const [ada, eve] = [browser(), browser()];
    await ada.signIn();
    clock.advance('1m');
    outage.losesNext = 'admit';
    await eve.signIn();
    expect(await sessions.list('alice')).toHaveLength(1);
    expect([await ada.whoami(), await eve.whoami()]).toEqual(['limit', 'alice']);
  });

  test('to a compare-and-set: it fails, and is not done twice', async () => {
    const outage = failing();
    const calls = counted();
    const { browser } = open({ wrap: (store) => calls.wrap(outage.wrap(store)) });
    const ada = browser();
    await ada.request((session) => session.set('hits', 1));
    const { session, finish } = await ada.start();
    calls.calls.length = 0;
    outage.losesNext = 'apply';
    await expectCode(
      session.update('hits', (hits) => Number(hits) + 1),
      'store_unavailable',
    );
    expect(calls.calls).toEqual(['apply']);
    await finish({ discardWrites: true });
    expect(await ada.request((later) => later.get('hits'))).toBe(2);
  });

  test('to a write, an elevation, a new session: it fails, and is asked for once', async () => {
    const outage = failing();
    const calls = counted();
    const { browser } = open({ wrap: (store) => calls.wrap(outage.wrap(store)) });
    const ada = browser();
    await ada.signIn();
    const { session } = await ada.start();
    calls.calls.length = 0;
    outage.losesNext = 'apply';
    session.set('cart', 1);
    await expectCode(session.commit(), 'store_unavailable');
    outage.losesNext = 'apply';
    await expectCode(session.elevate(), 'store_unavailable');
    outage.losesNext = 'insert';
    await expectCode(
      browser().request((fresh) => fresh.set('cart', 1)),
      'store_unavailable',
    );
    expect(calls.calls).toEqual(['apply', 'apply', 'insert']);
  });
});
