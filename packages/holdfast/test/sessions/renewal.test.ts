import { expect, test } from 'vitest';
import { onEachStore, typesOf } from '../support/world.ts';

onEachStore('periodic renewal', (open) => {
  test('after 15 minutes the secret changes; id, lineage, data and the absolute deadline stay (SM-23)', async () => {
    const { browser, clock, events } = open();
    const ada = browser();
    await ada.signIn();
    await ada.request((session) => session.set('cart', 1));
    const before = ada.token?.split('.') ?? [];
    const deadline = (await ada.request((session) => session.info))?.absoluteExpiresAt;
    clock.advance(899.999);
    await ada.whoami();
    expect(ada.token?.split('.')).toEqual(before);
    clock.advance(0.001);
    const { session, finish } = await ada.start();
    expect(session.get('cart')).toBe(1);
    const { setCookies } = await finish();
    expect(setCookies.length).toBe(1);
    const after = ada.token?.split('.') ?? [];
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toBe(before[2]);
    expect(
      await ada.request((next) => [next.userId, next.get('cart'), next.info?.absoluteExpiresAt]),
    ).toEqual(['alice', 1, deadline]);
    expect(typesOf(events)).toEqual(['created', 'signed_in', 'renewed']);
  });

  test('an anonymous session is not renewed', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 1));
    const { cookie } = ada;
    clock.advance('20m');
    await ada.request((session) => session.set('cart', 2));
    expect(ada.cookie).toBe(cookie);
  });

  test('a commit in the middle of a request does not renew; its end does', async () => {
    const { browser, clock, store } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    const { session, finish } = await ada.start();
    session.set('a', 1);
    await session.commit();
    await session.update('n', () => 1);
    const renewals = async (): Promise<number | undefined> => (await store.read(session.id ?? ''))?.renewals;
    const before = await renewals();
    expect((await finish()).setCookies.length).toBe(1);
    expect(await renewals()).toBe((before ?? 0) + 1);
    expect(await ada.request((next) => [next.userId, next.all()])).toEqual(['alice', { a: 1, n: 1 }]);
  });

  test('ten tabs at once: one renewal, one cookie for all of them, and every write is kept', async () => {
    const { browser, clock, events } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    const tabs = await Promise.all(Array.from({ length: 10 }, () => ada.start()));
    for (const [i, { session }] of tabs.entries()) session.set(`tab-${i}`, i);
    const answers = await Promise.all(tabs.map(({ finish }) => finish()));
    expect(new Set(answers.flatMap(({ setCookies }) => setCookies)).size).toBe(1);
    expect(answers.every(({ setCookies }) => setCookies.length === 1)).toBe(true);
    expect(typesOf(events).filter((type) => type === 'renewed').length).toBe(1);
    expect(Object.keys(await ada.request((session) => session.all())).length).toBe(10);
  });

  test('the answer is lost: the same browser presents the old secret again, as often as it likes, and gets the same new cookie', async () => {
    const { browser, clock, events } = open();
    const ada = browser();
    await ada.signIn();
    const old = ada.cookie;
    clock.advance('16m');
    const lost = await (await ada.start()).finish({ isLost: true });
    expect(ada.cookie).toBe(old);
    for (let i = 0; i < 3; i++) {
      clock.advance('4m');
      const retry = await ada.start();
      expect(retry.session.userId).toBe('alice');
      expect((await retry.finish({ isLost: true })).setCookies).toEqual(lost.setCookies);
    }
    await ada.whoami();
    expect(ada.cookie).not.toBe(old);
    expect(await ada.whoami()).toBe('alice');
    expect(typesOf(events)).toEqual(['created', 'signed_in', 'renewed']);
  });

  test('an answer that was lost for long is not renewed again as soon as it arrives: its predecessor keeps its grace', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    await (await ada.start()).finish({ isLost: true });
    clock.advance('20m');
    const slow = ada.stolen();
    await ada.whoami();
    const repeated = ada.cookie;
    await ada.whoami();
    expect(ada.cookie).toBe(repeated);
    expect(await slow.whoami()).toBe('alice');
    clock.advance('15m');
    await ada.whoami();
    expect(ada.cookie).not.toBe(repeated);
  });

  test('an answer that arrives late sets the cookie that is current anyway', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    const slow = await ada.start();
    const quick = await ada.start();
    await quick.finish();
    const current = ada.cookie;
    const late = await slow.finish();
    expect(late.setCookies[0]).toContain(current);
    expect(ada.cookie).toBe(current);
  });

  test('an answer that arrives after the renewal was confirmed sets no cookie, and its write is kept', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    const slow = await ada.start();
    await ada.whoami();
    await ada.whoami();
    slow.session.set('slow', 1);
    expect((await slow.finish()).setCookies).toEqual([]);
    expect(await ada.request((session) => [session.userId, session.get('slow')])).toEqual(['alice', 1]);
  });

  test('an answer that arrives two renewals late sets no cookie', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    const slow = await ada.start();
    await ada.whoami();
    await ada.whoami();
    clock.advance('16m');
    await ada.whoami();
    expect((await slow.finish()).setCookies).toEqual([]);
    expect(await ada.whoami()).toBe('alice');
  });

  test('an answer that repeats a renewal sets no cookie when the session was re-authenticated meanwhile', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    await (await ada.start()).finish({ isLost: true });
    const slow = await ada.start();
    await ada.request((session) => session.reauthenticate());
    expect((await slow.finish()).setCookies).toEqual([]);
    expect(await ada.whoami()).toBe('alice');
  });

  test('a request on its way is let through within the grace, with its write and without a cookie', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    const old = ada.stolen();
    clock.advance('16m');
    await ada.whoami();
    await ada.whoami();
    clock.advance('60s');
    const late = await old.start();
    expect(late.session.userId).toBe('alice');
    late.session.set('late', 1);
    expect((await late.finish()).setCookies).toEqual([]);
    expect(await ada.request((session) => session.get('late'))).toBe(1);
  });

  test('the salt is kept only until the new secret is first presented', async () => {
    const { browser, clock, store } = open();
    const ada = browser();
    await ada.signIn();
    const id = ada.token?.split('.')[0] ?? '';
    clock.advance('16m');
    await ada.whoami();
    expect((await store.read(id))?.renewalSalt).toMatch(/^[\w-]{43}$/);
    await ada.whoami();
    expect(await store.read(id)).not.toHaveProperty('renewalSalt');
  });

  test('renewals go on from one secret to the next, each dead after the next but one', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    const cookies = new Set([ada.cookie]);
    for (let i = 0; i < 10; i++) {
      clock.advance('16m');
      const previous = ada.stolen();
      expect(await ada.whoami()).toBe('alice');
      cookies.add(ada.cookie);
      expect(await ada.whoami()).toBe('alice');
      if (i % 5 === 4) {
        clock.advance('2m');
        expect(await previous.whoami()).toBe('reused');
      }
    }
    expect(cookies.size).toBe(11);
  });

  test('an update that had to read the session again, after somebody else renewed it, answers with the same cookie', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    const slow = await ada.start();
    await ada.request((session) => session.update('n', () => 1));
    const renewed = ada.cookie;
    await slow.session.update('n', (n) => Number(n) + 1);
    const { setCookies } = await slow.finish();
    expect(setCookies[0]?.split(';')[0]).toBe(renewed);
    expect(await ada.request((session) => [session.userId, session.get('n')])).toEqual(['alice', 2]);
  });

  test('an update that had to read the session again confirms nothing but its own secret', async () => {
    const { browser, clock, store } = open();
    const ada = browser();
    await ada.signIn();
    clock.advance('16m');
    await ada.whoami();
    const slow = await ada.start();
    clock.advance('16m');
    await ada.whoami();
    await ada.request((session) => session.update('n', () => 1), { isLost: true });
    await slow.session.update('n', (n) => Number(n ?? 0) + 1);
    await slow.finish();
    expect((await store.read(slow.session.id ?? ''))?.userId).toBe('alice');
    expect(await ada.whoami()).toBe('alice');
  });

  test('two servers renew one session alike', async () => {
    const { browser, clock, server } = open();
    const ada = browser();
    await ada.signIn();
    const other = server().browser({ cookie: ada.cookie });
    clock.advance('16m');
    const [here, there] = [await ada.start(), await other.start()];
    expect((await here.finish()).setCookies).toEqual((await there.finish()).setCookies);
  });
});
