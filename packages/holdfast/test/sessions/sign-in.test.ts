import { expect, test } from 'vitest';
import { onEachStore, typesOf } from '../support/world.ts';

onEachStore('sign-in', (open) => {
  test('it gives a new secret, keeps the id and the data, and says who is signed in (ASVS-7.2.4, NIST-5.1-1)', async () => {
    const { browser, events } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', ['book']));
    const [id, lineage, secret] = ada.token?.split('.') ?? [];
    await ada.request(async (session) => {
      await session.signIn({ userId: 'alice' });
      expect([session.state, session.userId, session.get('cart'), session.id]).toEqual([
        'authenticated',
        'alice',
        ['book'],
        id,
      ]);
    });
    const [newId, newLineage, newSecret] = ada.token?.split('.') ?? [];
    expect(newId).toBe(id);
    expect(newLineage).not.toBe(lineage);
    expect(newSecret).not.toBe(secret);
    expect(await ada.request((session) => session.get('cart'))).toEqual(['book']);
    expect(typesOf(events)).toEqual(['created', 'signed_in']);
  });

  test('what was written in the same request is stored with it, whatever keep and drop say', async () => {
    const { browser } = open();
    for (const choice of [{ keep: ['theme'] }, { drop: ['cart', 'fresh'] }]) {
      const ada = browser();
      await ada.request((session) => {
        session.set('cart', 1);
        session.set('theme', 'dark');
      });
      await ada.request(async (session) => {
        session.set('fresh', true);
        session.delete('nothing');
        await session.signIn({ userId: 'alice', ...choice });
        expect(session.all()).toEqual({ theme: 'dark', fresh: true });
      });
      expect(await ada.request((session) => session.all())).toEqual({ theme: 'dark', fresh: true });
    }
  });

  test('a key that was deleted in the same request stays deleted', async () => {
    const ada = open().browser();
    await ada.request((session) => session.set('cart', 1));
    await ada.request(async (session) => {
      session.delete('cart');
      await session.signIn({ userId: 'alice' });
    });
    expect(await ada.request((session) => session.all())).toEqual({});
  });

  test('signing in as somebody else ends the session and starts another, without data', async () => {
    const { browser, events } = open();
    const shared = browser();
    await shared.signIn('alice');
    await shared.request((session) => session.set('notes', 'private'));
    const alices = shared.stolen();
    await shared.request(async (session) => {
      session.set('draft', 'of alice too');
      await session.signIn({ userId: 'bob' });
      expect(session.all()).toEqual({});
    });
    expect(await shared.whoami()).toBe('bob');
    expect(await shared.request((session) => session.all())).toEqual({});
    expect(await alices.whoami()).toBe('replaced');
    expect(typesOf(events)).toEqual([
      'created',
      'signed_in',
      'ended',
      'created',
      'signed_in',
      'used_after_end',
    ]);
  });

  test('signing in again as the same user gives a new secret and starts the deadlines anew', async () => {
    const { browser, clock } = open();
    const ada = browser();
    await ada.request((session) => session.signIn({ userId: 'alice', level: 'aal2' }));
    const old = ada.stolen();
    clock.advance('20m');
    const before = await ada.request((session) => session.info);
    await ada.request((session) => session.signIn({ userId: 'alice' }));
    const after = await ada.request((session) => session.info);
    expect(after?.id).toBe(before?.id);
    expect((after?.absoluteExpiresAt ?? 0) - (before?.absoluteExpiresAt ?? 0)).toBe(20 * 60_000);
    expect([after?.level, after?.authentications.length]).toEqual([undefined, 1]);
    expect(await old.whoami()).toBe('unknown');
  });

  test('a double click: both answers are good, each with a session of its own that has the data', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.request((session) => {
      session.set('cart', ['book']);
      session.set('bait', 1);
    });
    const clicks = [await ada.start(), await ada.start()];
    for (const { session } of clicks) {
      session.set('form', 1);
      await session.signIn({ userId: 'alice', drop: ['bait'] });
    }
    const jars: string[] = [];
    for (const { finish } of clicks) {
      await finish();
      jars.push(ada.cookie);
    }
    for (const cookie of jars) {
      const tab = browser({ cookie });
      expect(await tab.whoami()).toBe('alice');
      expect(await tab.request((session) => session.all())).toEqual({ cart: ['book'], form: 1 });
    }
    expect((await sessions.list('alice')).length).toBe(2);
    expect(jars[0]).not.toBe(jars[1]);
  });

  test('two clicks at the very same time', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 1));
    const clicks = await Promise.all([ada.start(), ada.start(), ada.start()]);
    await Promise.all(clicks.map(({ session }) => session.signIn({ userId: 'alice' })));
    for (const { finish } of clicks) {
      await finish();
      expect(await ada.whoami()).toBe('alice');
    }
    expect((await sessions.list('alice')).length).toBe(3);
  });

  test('a session that ended while the form was filled in: the sign-in gets a new one, without its data', async () => {
    const { browser, sessions } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 1));
    const form = await ada.start();
    await sessions.revoke(form.session.id ?? '');
    await form.session.signIn({ userId: 'alice' });
    await form.finish();
    expect(await ada.whoami()).toBe('alice');
    expect(await ada.request((session) => session.all())).toEqual({});
  });

  test('the cookie outlives the browser only where that was asked for, up to the absolute deadline (SM-13, NIST-5.1.1-4)', async () => {
    const { browser, clock } = open({ absoluteTimeout: '10d', idleTimeout: '10d', renewAfter: '1d' });
    const ada = browser();
    const cookieOf = async (handle: Parameters<typeof ada.request>[0]): Promise<string> => {
      const { session, finish } = await ada.start();
      await handle(session);
      return (await finish()).setCookies.join();
    };
    expect(await cookieOf((session) => session.signIn({ userId: 'alice' }))).not.toMatch(/max-age|expires/i);
    expect(await cookieOf((session) => session.signIn({ userId: 'alice', persistent: true }))).toContain(
      '; Max-Age=864000;',
    );
    clock.advance('4d');
    expect(await cookieOf((session) => session.get('renewal'))).toContain('; Max-Age=518400;');
    expect(await cookieOf((session) => session.signIn({ userId: 'alice' }))).not.toMatch(/max-age/i);
  });

  test('the device keeps the label it got at the sign-in, and the address and browser of the last renewal', async () => {
    const { browser, clock, sessions } = open();
    const ada = browser();
    await ada.request((session) => session.signIn({ userId: 'alice', label: 'Laptop' }));
    ada.address = '198.51.100.7';
    clock.advance('16m');
    await ada.whoami();
    expect((await sessions.list('alice'))[0]?.client).toEqual({
      ip: '198.51.100.7',
      userAgent: ada.userAgent,
      label: 'Laptop',
    });
    await ada.request((session) => session.reauthenticate());
    expect((await sessions.list('alice'))[0]?.client.label).toBe('Laptop');
  });

  test.each([
    ['no user', { userId: '' }, 'userId'],
    ['a user that is not a string', { userId: 7 }, 'userId'],
    ['a user of 257 characters', { userId: 'x'.repeat(257) }, 'userId'],
    ['an unknown level', { userId: 'alice', level: 'aal9' }, 'level'],
    ['a label of 129 characters', { userId: 'alice', label: 'x'.repeat(129) }, 'label'],
    ['keep and drop at once', { userId: 'alice', keep: ['a'], drop: ['b'] }, 'keep, drop'],
    ['methods that are not strings', { userId: 'alice', methods: [1] }, 'methods'],
  ])('%s is a programming error, and changes nothing', async (_, details, option) => {
    const { browser, events } = open();
    const ada = browser();
    const attempt = ada.request((session) => session.signIn(details as unknown as { userId: string }));
    await expect(attempt).rejects.toThrow(new RegExp(`^${option}`));
    await expect(attempt).rejects.toBeInstanceOf(TypeError);
    expect([ada.cookie, events]).toEqual(['', []]);
  });
});
