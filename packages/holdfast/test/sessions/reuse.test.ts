import { expect, test } from 'vitest';
import { SAFARI } from '../support/browser.ts';
import { onEachStore, typesOf } from '../support/world.ts';
import { interrupted } from '../support/wrapped-stores.ts';

onEachStore('a retired secret', (open) => {
  /** A session whose first secret, held by the returned `late`, was retired and its successor confirmed. */
  async function renewed(world: ReturnType<typeof open>) {
    const ada = world.browser();
    await ada.request((session) => session.signIn({ userId: 'alice' }));
    await ada.request((session) => session.set('secret plan', 'attack at dawn'));
    const late = ada.stolen();
    world.clock.advance('16m');
    await ada.whoami();
    await ada.whoami();
    return { ada, late };
  }

  test('late from the same browser is refused, raises the event, and ends nothing', async () => {
    const world = open();
    const { ada, late } = await renewed(world);
    world.clock.advance('61s');
    await late.request((session) =>
      expect([session.rejected, session.all(), session.id]).toEqual(['reused', {}, undefined]),
    );
    expect(await ada.whoami()).toBe('alice');
    expect(world.events.at(-1)).toMatchObject({
      type: 'reused',
      owasp: 'authn_token_reuse',
      userId: 'alice',
    });
  });

  test('whose user signs in again ends the session that somebody else may hold (LV-5, ASVS-16.3.3)', async () => {
    const world = open();
    const { ada: thief, late: ada } = await renewed(world);
    world.clock.advance('61s');
    expect(await ada.whoami()).toBe('reused');
    await ada.request((session) => session.signIn({ userId: 'alice' }));
    expect([await ada.whoami(), await thief.whoami()]).toEqual(['alice', 'reused']);
    expect(world.events.filter(({ type }) => type === 'ended')).toMatchObject([
      { reason: 'reused', userId: 'alice' },
    ]);
    expect((await world.sessions.list('alice')).map(({ id }) => id)).toEqual([ada.token?.split('.')[0]]);
  });

  test('with which somebody else signs in ends nothing of its user', async () => {
    const world = open();
    const { ada, late } = await renewed(world);
    world.clock.advance('61s');
    await late.request((session) => session.signIn({ userId: 'mallory' }));
    expect([await late.whoami(), await ada.whoami()]).toEqual(['mallory', 'alice']);
  });

  test('a burst of late requests is one incident', async () => {
    const world = open();
    const { ada, late } = await renewed(world);
    world.clock.advance('61s');
    for (let i = 0; i < 10; i++) {
      expect(await late.whoami()).toBe('reused');
      world.clock.advance('5s');
    }
    expect(await ada.whoami()).toBe('alice');
  });

  test('the third incident, each a grace apart, ends the session (LV-5, ASVS-16.3.3)', async () => {
    const world = open();
    const { ada, late } = await renewed(world);
    world.clock.advance('61s');
    expect([await late.whoami(), await ada.whoami()]).toEqual(['reused', 'alice']);
    world.clock.advance('60s');
    expect([await late.whoami(), await ada.whoami()]).toEqual(['reused', 'alice']);
    world.clock.advance('60s');
    expect([await late.whoami(), await ada.whoami()]).toEqual(['reused', 'reused']);
    expect(world.events.filter(({ type }) => type === 'ended')).toMatchObject([
      { reason: 'reused', userId: 'alice' },
    ]);
  });

  test('a confirmed renewal forgives incidents; an unconfirmed one does not', async () => {
    const world = open();
    const { ada, late } = await renewed(world);
    for (let i = 0; i < 2; i++) {
      world.clock.advance('61s');
      await late.whoami();
    }
    world.clock.advance('16m');
    await ada.whoami();
    await ada.whoami();
    for (let i = 0; i < 2; i++) {
      world.clock.advance('61s');
      await late.whoami();
    }
    expect(await ada.whoami()).toBe('alice');
    world.clock.advance('61s');
    await late.whoami();
    expect(await ada.whoami()).toBe('reused');
  });

  test('a thief with another browser, who comes late, gets nothing and ends the session for both', async () => {
    const world = open();
    const { ada, late } = await renewed(world);
    const thief = late.stolen({ userAgent: SAFARI, address: '203.0.113.66' });
    world.clock.advance('61s');
    await thief.request((session) => expect([session.rejected, session.all()]).toEqual(['reused', {}]));
    expect(await ada.whoami()).toBe('reused');
    expect(await thief.whoami()).toBe('reused');
    expect(typesOf(world.events).filter((type) => type === 'ended').length).toBe(1);
  });

  test('a thief with another browser, who comes before the new secret is seen, gets no new cookie and ends the session', async () => {
    const world = open();
    const ada = world.browser();
    await ada.signIn();
    const thief = ada.stolen({ userAgent: SAFARI });
    world.clock.advance('16m');
    await ada.whoami();
    const { session, finish } = await thief.start();
    expect(session.rejected).toBe('reused');
    expect((await finish()).setCookies).toEqual([]);
    expect(await ada.whoami()).toBe('reused');
  });

  test('a thief who renews first is found out by the victim’s next request', async () => {
    const world = open();
    const ada = world.browser();
    await ada.signIn();
    const thief = ada.stolen({ userAgent: SAFARI });
    world.clock.advance('16m');
    expect(await thief.whoami()).toBe('alice');
    expect(await ada.whoami()).toBe('reused');
    expect(await thief.whoami()).toBe('reused');
  });

  test('a session is not ended for a secret that a re-authentication has made worthless meanwhile', async () => {
    const { at, wrap } = interrupted();
    const world = open({ wrap });
    const { ada, late } = await renewed(world);
    world.clock.advance('61s');
    const tab = await ada.start();
    // After the read that the verdict on the thief's secret rests on, and before the end it decides.
    at(2, () => tab.session.reauthenticate());
    expect(await late.stolen({ userAgent: SAFARI }).whoami()).toBe('reused');
    await tab.finish();
    expect(await ada.whoami()).toBe('alice');
  });

  test('another address alone never counts as another browser (SM-28)', async () => {
    const world = open();
    const { ada, late } = await renewed(world);
    world.clock.advance('61s');
    expect(await late.stolen({ address: '203.0.113.66' }).whoami()).toBe('reused');
    expect(await ada.whoami()).toBe('alice');
  });

  test('an older secret than the previous one is refused even within the grace', async () => {
    const world = open();
    const { ada, late } = await renewed(world);
    world.clock.advance('16m');
    await ada.whoami();
    await ada.whoami();
    expect(await late.whoami()).toBe('reused');
    expect(await ada.whoami()).toBe('alice');
  });

  test('a guess with the right id learns nothing and counts as no incident', async () => {
    const world = open();
    const { ada } = await renewed(world);
    const [id] = ada.token?.split('.') ?? [];
    const guesser = world.browser({
      userAgent: SAFARI,
      cookie: `__Host-session=${id}.${'B'.repeat(16)}.${'A'.repeat(43)}`,
    });
    for (let i = 0; i < 5; i++) {
      expect(await guesser.whoami()).toBe('unknown');
      world.clock.advance('61s');
    }
    expect(await ada.whoami()).toBe('alice');
    expect(typesOf(world.events)).not.toContain('reused');
  });
});
