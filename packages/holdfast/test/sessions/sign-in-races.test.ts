import { expect, test } from 'vitest';
import { expectCode } from '../support/browser.ts';
import { onEachStore } from '../support/world.ts';
import { interrupted } from '../support/wrapped-stores.ts';

onEachStore('a sign-in that races the end of all sessions', (open) => {
  /** How many points there are before and after the store calls of one sign-in. */
  async function points(isWithin: boolean): Promise<number> {
    const steps = interrupted();
    const ada = open({ wrap: steps.wrap }).browser();
    if (isWithin) await ada.request((session) => session.set('cart', 1));
    const { session } = await ada.start();
    steps.at(-1, () => undefined);
    await session.signIn({ userId: 'alice' });
    return steps.points;
  }

  test.each([
    false,
    true,
  ])('at every point between its steps, it loses or it was there to be ended; within an anonymous session: %s (ASVS-7.4.3)', async (isWithin) => {
    const count = await points(isWithin);
    expect(count).toBe(6);
    for (let point = 0; point < count; point++) {
      const steps = interrupted();
      const { browser, server, sessions } = open({ wrap: steps.wrap });
      const admin = server().sessions;
      const ada = browser();
      if (isWithin) await ada.request((session) => session.set('cart', 1));
      const { session, finish } = await ada.start();
      steps.at(point, () => admin.revokeAll('alice'));
      const [outcome] = await Promise.allSettled([session.signIn({ userId: 'alice' })]);
      await finish();
      const who = await ada.whoami();
      const live = (await sessions.list('alice')).length;
      // Before the admission it is a sign-in that begins after the revocation, and stands.
      expect([outcome?.status, who === 'alice', live], `point ${point}`).toEqual(
        point === 0
          ? ['fulfilled', true, 1]
          : point === count - 1
            ? ['fulfilled', false, 0]
            : ['rejected', false, 0],
      );
    }
  });

  test.each([
    false,
    true,
  ])('with the epoch from before the password check it loses at every point; within an anonymous session: %s', async (isWithin) => {
    for (let point = -1; point < 6; point++) {
      const steps = interrupted();
      const { browser, server, sessions } = open({ wrap: steps.wrap });
      const admin = server().sessions;
      const ada = browser();
      if (isWithin) await ada.request((session) => session.set('cart', 1));
      const { session, finish } = await ada.start();
      const userEpoch = await sessions.userEpoch('alice');
      if (point === -1) await admin.revokeAll('alice');
      steps.at(point, () => admin.revokeAll('alice'));
      const [outcome] = await Promise.allSettled([session.signIn({ userId: 'alice', userEpoch })]);
      await finish();
      expect(outcome?.status, `point ${point}`).toBe(point === 5 ? 'fulfilled' : 'rejected');
      expect([(await ada.whoami()) === 'alice', await sessions.list('alice')], `point ${point}`).toEqual([
        false,
        [],
      ]);
    }
  });

  test('a sign-in that lost leaves nobody signed in, in that request too, and is told so', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    const userEpoch = await sessions.userEpoch('alice');
    await sessions.revokeAll('alice');
    await ada.request(async (session) => {
      await expectCode(session.signIn({ userId: 'alice', userEpoch }), 'session_changed');
      expect([session.state, session.userId]).toEqual(['anonymous', undefined]);
    });
    expect(ada.cookie).toBe('');
  });

  test('a user who was signed in as another before a sign-in that lost is neither', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.signIn('bob');
    const userEpoch = await sessions.userEpoch('alice');
    await sessions.revokeAll('alice');
    await ada.request(async (session) => {
      await expectCode(session.signIn({ userId: 'alice', userEpoch }), 'session_changed');
      expect([session.state, session.userId]).toEqual(['anonymous', undefined]);
    });
    expect(['anonymous', 'replaced']).toContain(await ada.whoami());
  });

  test('a user who signs in again, and loses, is not signed in any more in that request', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.signIn('alice');
    const { session } = await ada.start();
    const userEpoch = await sessions.userEpoch('alice');
    await sessions.revokeAll('alice');
    await expectCode(session.signIn({ userId: 'alice', userEpoch }), 'session_changed');
    expect([session.state, session.userId]).toEqual(['anonymous', undefined]);
  });

  test('a sign-in that another one displaces before it is finished is told, and signs nobody in (ASVS-7.1.2)', async () => {
    const { at, wrap } = interrupted();
    const { browser, clock, server } = open({ wrap, maxSessionsPerUser: 1 });
    const [first, second] = [browser(), server({ maxSessionsPerUser: 1 }).browser()];
    // Its record has just been stored; before it looks around, another device signs in.
    at(3, async () => {
      clock.advance(0.001);
      await second.signIn();
    });
    await expectCode(first.signIn(), 'session_changed');
    expect([await first.whoami(), await second.whoami()]).toEqual(['anonymous', 'alice']);
  });

  test('re-authentication races it too: the session is ended, whoever was first', async () => {
    for (let point = 0; point < 2; point++) {
      const steps = interrupted();
      const { browser, server } = open({ wrap: steps.wrap });
      const ada = browser();
      await ada.signIn();
      const { session, finish } = await ada.start();
      steps.at(point, () => server().sessions.revokeAll('alice'));
      await session.reauthenticate().catch(() => undefined);
      await finish();
      expect(await ada.whoami()).toBe('revoked');
    }
  });
});

onEachStore('a crash between two steps', (open) => {
  test.each([
    ['the first sign-in of a browser', 0],
    ['a sign-in within an anonymous session', 1],
    ['a sign-in over somebody else’s session', 2],
    ['a sign-in beyond the limit', 3],
    ['a sign-out', 4],
    ['the end of all sessions', 5],
  ] as const)('%s leaves no live session unlisted, and none listed that is not live', async (_, kind) => {
    for (let point = 0; point < 12; point++) {
      const steps = interrupted();
      const { browser, server, sessions, store } = open({ wrap: steps.wrap, maxSessionsPerUser: 2 });
      const healthy = server();
      const ids = new Set<string>();
      const ada = browser();
      const others = [healthy.browser(), healthy.browser()];
      if (kind === 3 || kind === 5) for (const other of others) await other.signIn('alice');
      if (kind === 1) await ada.request((session) => session.set('cart', 1));
      if (kind === 2) await ada.signIn('bob');
      if (kind === 4) await ada.signIn('alice');
      const { session } = await ada.start();
      for (const who of [ada, ...others]) if (who.token) ids.add(who.token.slice(0, 22));
      steps.at(point, () => {
        throw new Error('the process was killed');
      });
      const work = [
        () => session.signIn({ userId: 'alice' }),
        () => session.signOut(),
        () => sessions.revokeAll('alice'),
      ][Math.max(0, kind - 3)];
      await work?.().catch(() => undefined);
      if (session.id) ids.add(session.id);
      for (const user of ['alice', 'bob']) {
        const listed = new Set((await healthy.sessions.list(user)).map(({ id }) => id));
        for (const id of [...ids, ...listed]) {
          const record = await store.read(id);
          const isLive = record !== undefined && !record.ended && record.userId === user;
          expect(listed.has(id), `${user} after a crash at point ${point}`).toBe(isLive);
        }
        await healthy.sessions.revokeAll(user);
        expect(await healthy.sessions.list(user)).toEqual([]);
      }
    }
  });
});
