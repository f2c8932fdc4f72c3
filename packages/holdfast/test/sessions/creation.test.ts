import { expect, test } from 'vitest';
import { expectCode } from '../support/browser.ts';
import { onEachStore, typesOf } from '../support/world.ts';
import { counted } from '../support/wrapped-stores.ts';

onEachStore('how a session comes to be', (open) => {
  test('reading never creates a session and sets no cookie (ASVS-7.6.2)', async () => {
    const { calls, wrap } = counted();
    const { browser, events } = open({ wrap });
    const ada = browser();
    const seen = await ada.request((session) => [
      session.state,
      session.get('cart'),
      session.all(),
      session.info,
      session.id,
    ]);
    expect(seen).toEqual(['anonymous', undefined, {}, undefined, undefined]);
    expect([ada.cookie, calls, events]).toEqual(['', [], []]);
  });

  test('deleting a key, elevating and signing out create nothing either', async () => {
    const { calls, wrap } = counted();
    const ada = open({ wrap }).browser();
    await ada.request(async (session) => {
      session.delete('cart');
      await session.elevate();
      await session.signOut();
    });
    expect([ada.cookie, calls]).toEqual(['', []]);
  });

  test('the first write creates a session, and its cookie is the only thing that names it', async () => {
    const { browser, events } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', ['book']));
    expect(ada.token).toMatch(/^[\w-]{22}\.[\w-]{16}\.[\w-]{43}$/);
    expect(await ada.request((session) => session.get('cart'))).toEqual(['book']);
    expect(await ada.request((session) => session.state)).toBe('anonymous');
    expect(typesOf(events)).toEqual(['created']);
  });

  test('what is set and deleted again in one request creates nothing', async () => {
    const ada = open().browser();
    await ada.request((session) => {
      session.set('cart', 1);
      session.delete('cart');
    });
    expect(ada.cookie).toBe('');
  });

  test('what a failing handler wrote is dropped, and creates nothing', async () => {
    const ada = open().browser();
    const failure = ada.request((session) => {
      session.set('cart', 1);
      throw new Error('a bug of the application');
    });
    await expect(failure).rejects.toThrow('a bug of the application');
    expect(ada.cookie).toBe('');
  });

  test('what was committed or signed in before the handler failed stands, cookie included', async () => {
    const ada = open().browser();
    const failure = ada.request(async (session) => {
      session.set('cart', 1);
      await session.commit();
      session.set('wish', 2);
      throw new Error('a bug of the application');
    });
    await expect(failure).rejects.toThrow('a bug of the application');
    expect(await ada.request((session) => session.all())).toEqual({ cart: 1 });
  });

  test('two first requests at once make two sessions, and the browser keeps one whole', async () => {
    const ada = open().browser();
    const [one, two] = [await ada.start(), await ada.start()];
    one.session.set('a', 1);
    two.session.set('b', 2);
    await one.finish();
    await two.finish();
    expect(await ada.request((session) => session.all())).toEqual({ b: 2 });
  });

  test('a cross-site request without a cookie creates nothing: its answer would overwrite the good cookie (RFC6265bis-8.8.1)', async () => {
    const { browser, events } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', ['book']));
    const good = ada.cookie;
    await ada.request((session) => session.set('cart', ['planted']), {
      site: 'cross-site',
      withoutCookies: true,
    });
    await ada.request((session) => session.update('cart', () => ['planted']), {
      site: 'cross-site',
      withoutCookies: true,
    });
    expect(ada.cookie).toBe(good);
    expect(await ada.request((session) => session.get('cart'))).toEqual(['book']);
    expect(typesOf(events)).toEqual(['created', 'creation_refused', 'creation_refused']);
  });

  test('a cross-site request that carries the cookie writes, and one from nowhere creates', async () => {
    const { browser } = open();
    const ada = browser();
    await ada.request((session) => session.set('cart', 1), { site: 'none' });
    await ada.request((session) => session.set('cart', 2), { site: 'cross-site' });
    expect(await ada.request((session) => session.get('cart'))).toBe(2);
  });

  test('a sign-in that another site sent the browser to is a sign-in all the same', async () => {
    const ada = open().browser();
    await ada.request((session) => session.signIn({ userId: 'alice' }), {
      site: 'cross-site',
      withoutCookies: true,
    });
    expect(await ada.whoami()).toBe('alice');
  });

  test('ids, lineages and secrets are new for each session, and of 128, 96 and 256 bits (ASVS-7.2.2, ASVS-7.2.3, SM-2, NIST-5.1-2)', async () => {
    const { browser } = open();
    const tokens = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const someone = browser();
      await someone.request((session) => session.set('n', i));
      for (const part of someone.token?.split('.') ?? []) tokens.add(part);
    }
    expect(tokens.size).toBe(150);
    expect([...tokens].map(({ length }) => length).slice(0, 3)).toEqual([22, 16, 43]);
  });

  test('an unfinished session belongs to nobody: re-authentication asks for a sign-in', async () => {
    const ada = open().browser();
    await expectCode(
      ada.request((session) => session.reauthenticate()),
      'reauthentication_required',
    );
    await ada.request((session) => session.set('cart', 1));
    await expectCode(
      ada.request((session) => session.reauthenticate()),
      'reauthentication_required',
    );
  });
});

onEachStore('a page inside a frame of another site', (open) => {
  test('has a session of its own: its cookie is partitioned, and nothing is kept back (CH-1)', async () => {
    const { browser } = open({ cookie: { sameSite: 'None', partitioned: true } });
    const framed = browser();
    await framed.request((session) => session.set('cart', 1), { site: 'cross-site' });
    expect(await framed.request((session) => session.get('cart'), { site: 'cross-site' })).toBe(1);
  });
});
