import { expect, test } from 'vitest';
import { expectCode } from '../support/browser.ts';
import { onEachStore, typesOf } from '../support/world.ts';
import { interrupted } from '../support/wrapped-stores.ts';

onEachStore('a request that is overtaken', (open) => {
  test('a poll sent before the sign-in, arriving after it, does not replace the good cookie', async () => {
    const { browser, events } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 'tea'));
    const late = ada.stolen();
    await ada.signIn();
    const { session, finish } = await late.start();
    expect(session.rejected).toBe('unknown');
    session.set('seen', true);
    expect((await finish()).setCookies).toEqual([]);
    expect(typesOf(events)).toContain('creation_refused');
    expect(await ada.whoami()).toBe('alice');
  });

  test('an old cookie that is late beyond the grace does not replace the good one, nor delete it', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    const late = ada.stolen();
    clock.advance('16m');
    await ada.request(() => undefined);
    await ada.request(() => undefined);
    clock.advance('2m');
    const write = await late.start();
    expect(write.session.rejected).toBe('reused');
    write.session.set('returnTo', '/orders');
    expect((await write.finish()).setCookies).toEqual([]);
    const out = await late.start();
    await out.session.signOut();
    expect((await out.finish()).setCookies).toEqual([]);
    expect(await ada.whoami()).toBe('alice');
  });

  test('who holds such a cookie can still sign in', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 'tea'));
    const late = ada.stolen();
    await ada.signIn();
    await late.signIn('bob');
    expect(await late.whoami()).toBe('bob');
    expect(await ada.whoami()).toBe('alice');
  });

  test('a request on its way with the first secret is let through, although the second was seen late', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    await ada.request(() => undefined, { isLost: true });
    clock.advance('16m');
    const onItsWay = ada.stolen();
    await ada.request(() => undefined);
    clock.advance(1);
    await ada.request(() => undefined);
    expect(await onItsWay.whoami()).toBe('alice');
    expect(await ada.whoami()).toBe('alice');
  });
});

/** The points before and after the read of `open`, and the one before `admit`. */
const BEFORE_ADMISSION = 2;

onEachStore('a sign-in of someone who is signed in', (open) => {
  test('never outlives a revokeAll that overlaps it, wherever between its steps that falls (ASVS-7.4.2)', async () => {
    for (let point = 0; ; point++) {
      const { wrap, at } = interrupted();
      const world = open({ wrap });
      const other = world.server();
      const ada = world.browser();
      await ada.signIn();
      let wasRevoked = false;
      at(point, async () => {
        await other.sessions.revokeAll('alice');
        wasRevoked = true;
      });
      const { session, finish } = await ada.start();
      const outcome = await session.signIn({ userId: 'alice' }).then(
        () => 'signed in',
        () => 'lost',
      );
      await finish();
      if (!wasRevoked) break;
      const live = await other.sessions.list('alice');
      // Before the admission, there was no overlap: the sign-in came after.
      expect(live).toHaveLength(outcome === 'signed in' && point <= BEFORE_ADMISSION ? 1 : 0);
    }
  });

  test('is not outlived by its double when a revokeAll falls between the two', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 'tea'));
    const first = await ada.start();
    const second = await ada.start();
    await first.session.signIn({ userId: 'alice', userEpoch: 0 });
    await sessions.revokeAll('alice');
    await expectCode(second.session.signIn({ userId: 'alice', userEpoch: 0 }), 'session_changed');
    expect(await sessions.list('alice')).toEqual([]);
  });
});

onEachStore('the limit of sessions', (open) => {
  test('holds when two sign-ins race, wherever the one falls between the steps of the other (ASVS-7.1.2)', async () => {
    for (let point = 0; ; point++) {
      const { wrap, at } = interrupted();
      const world = open({ wrap, maxSessionsPerUser: 1 });
      const other = world.server({ maxSessionsPerUser: 1 });
      let hasRun = false;
      at(point, async () => {
        hasRun = true;
        await other.browser().signIn();
      });
      const { session } = await world.browser().start();
      await session.signIn({ userId: 'alice' }).catch(() => undefined);
      if (!hasRun) break;
      expect(await other.sessions.list('alice')).toHaveLength(1);
    }
  });

  test('counts no sign-in that was refused', async () => {
    const { browser, sessions } = open({ maxSessionsPerUser: 2 });
    const ada = browser();
    await ada.signIn();
    const refused = await browser().start();
    await expectCode(refused.session.signIn({ userId: 'alice', userEpoch: 7 }), 'session_changed');
    await browser().signIn();
    expect(await sessions.list('alice')).toHaveLength(2);
    expect(await ada.whoami()).toBe('alice');
  });
});
