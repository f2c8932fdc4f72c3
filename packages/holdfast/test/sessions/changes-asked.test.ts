/** What a request asks of the store, exactly: each change carries what is due, and nothing else. */
import { expect, test } from 'vitest';
import type { Change, Update } from '../../src/change.ts';
import type { SessionRecord } from '../../src/record.ts';
import type { SessionStore } from '../../src/store.ts';
import { hashSecret, parseToken } from '../../src/token.ts';
import { expectCode } from '../support/browser.ts';
import { onEachStore, type World } from '../support/world.ts';
import { counted } from '../support/wrapped-stores.ts';

type Apply = (
  real: () => ReturnType<SessionStore['apply']>,
  change: Change,
) => ReturnType<SessionStore['apply']>;

/** Keeps the changes a store is given; `instead` may answer for it. */
function watching(): { wrap(store: SessionStore): SessionStore; changes: Change[]; instead: Apply } {
  const watch = {
    changes: [] as Change[],
    instead: ((real) => real()) as Apply,
    wrap: (store: SessionStore): SessionStore =>
      new Proxy(store, {
        get(target, name) {
          if (name !== 'apply') return Reflect.get(target, name)?.bind(target);
          return (id: string, change: Change) => {
            watch.changes.push(change);
            return watch.instead(() => target.apply(id, change), change);
          };
        },
      }),
  };
  return watch;
}

async function recordOf(world: World, token = ''): Promise<SessionRecord> {
  const record = await world.store.read(token.slice(0, 22));
  if (!record) throw new Error('no such session');
  return record;
}

async function hashOf(value = ''): Promise<string> {
  const token = parseToken(value);
  if (!token) throw new Error('not a token');
  return hashSecret(token);
}

onEachStore('what a request asks of the store', (open) => {
  test('a write asks for its key alone', async () => {
    const watch = watching();
    const world = open({ wrap: watch.wrap });
    const ada = world.browser();
    await ada.signIn();
    await ada.request((session) => session.set('a', 1));
    expect(watch.changes).toEqual([
      { epoch: 0, at: world.clock.now(), set: new Map([['a', { value: '1', schemaVersion: 1 }]]) },
    ]);
  });

  test('a pending secret is repeated with the last commit of its request, not before', async () => {
    const watch = watching();
    const world = open({ wrap: watch.wrap });
    const ada = world.browser();
    await ada.signIn();
    const old = ada.token;
    world.clock.advance('16m');
    await ada.request(() => undefined, { isLost: true });
    watch.changes.length = 0;
    world.clock.advance('10s');
    await ada.request(async (session) => {
      session.set('a', 1);
      await session.commit();
    });
    const [first, last] = watch.changes as Update[];
    expect([first?.repeat, last?.repeat]).toEqual([undefined, await hashOf(old)]);
    expect(ada.token).not.toBe(old);
  });

  test('an update carries what else is due, and the commit after it has nothing left to ask', async () => {
    const watch = watching();
    const calls = counted();
    const world = open({ wrap: (store) => calls.wrap(watch.wrap(store)) });
    const ada = world.browser();
    await ada.signIn();
    world.clock.advance('16m');
    await ada.request(() => undefined);
    world.clock.advance('2m');
    const at = world.clock.now();
    watch.changes.length = 0;
    calls.calls.length = 0;
    await ada.request((session) => session.update('n', () => 1));
    expect(watch.changes).toEqual([
      {
        epoch: 0,
        at,
        set: new Map([['n', { value: '1', schemaVersion: 1 }]]),
        expect: new Map([['n', 0]]),
        touch: at,
        confirm: await hashOf(ada.token),
      },
    ]);
    expect(calls.calls).toEqual(['read', 'apply']);
    const record = await recordOf(world, ada.token);
    expect([record.lastSeenAt, record.confirmedAt, record.renewalSalt]).toEqual([at, at, undefined]);
  });

  test('an update that owes nothing asks for nothing more', async () => {
    const watch = watching();
    const world = open({ wrap: watch.wrap });
    const ada = world.browser();
    await ada.signIn();
    await ada.request((session) => session.update('n', () => 1));
    expect(Object.keys(watch.changes[0] ?? {}).toSorted()).toEqual(['at', 'epoch', 'expect', 'set']);
  });

  test('an update takes deletions along, and writes its own key even where that was deleted before', async () => {
    const world = open();
    const ada = world.browser();
    await ada.signIn();
    await ada.request((session) => {
      session.set('a', 1);
      session.set('n', 1);
      session.set('z', 1);
    });
    const updating = await ada.request(async (session) => {
      session.delete('a');
      session.delete('n');
      return session.update('n', (n) => n ?? 'was deleted');
    });
    expect(updating).toBe('was deleted');
    const watched = await ada.request((session) => session.all());
    expect(watched).toEqual({ n: 'was deleted', z: 1 });
  });

  test('an update asks to remove the other deleted keys, not its own', async () => {
    const watch = watching();
    const ada = open({ wrap: watch.wrap }).browser();
    await ada.signIn();
    await ada.request((session) => {
      session.set('a', 1);
      session.set('n', 1);
    });
    watch.changes.length = 0;
    await ada.request(async (session) => {
      session.delete('a');
      session.delete('n');
      await session.update('n', () => 2);
    });
    expect((watch.changes[0] as Update).remove).toEqual(['a']);
  });

  const fates = [
    { what: 'has ended', act: (world: World, id: string) => world.sessions.revoke(id), says: /ended/ },
    {
      what: 'has changed its privileges',
      act: async (world: World, _id: string, cookie: string) =>
        world.browser({ cookie }).request((session) => session.elevate()),
      says: /privileges changed/,
    },
  ];

  test.each(fates)('an update of a session that $what is refused, and says so', async ({ act, says }) => {
    const world = open();
    const ada = world.browser();
    await ada.signIn();
    const { cookie, token = '' } = ada;
    const running = await ada.start();
    await act(world, token.slice(0, 22), cookie);
    const updating = running.session.update('n', () => 1);
    await expectCode(updating, 'session_changed');
    await expect(updating).rejects.toThrow(says);
    await running.finish({ discardWrites: true });
  });

  test.each(fates)('so is one that lost a round before the session $what', async ({ act, says }) => {
    const watch = watching();
    const world = open({ wrap: watch.wrap });
    const ada = world.browser();
    await ada.signIn();
    const { cookie, token = '' } = ada;
    const running = await ada.start();
    watch.instead = async (real) => {
      watch.instead = (next) => next();
      await act(world, token.slice(0, 22), cookie);
      return { ...(await real()), status: 'conflict' };
    };
    const updating = running.session.update('n', () => 1);
    await expectCode(updating, 'session_changed');
    await expect(updating).rejects.toThrow(says);
    expect(watch.changes).toHaveLength(2);
    await running.finish({ discardWrites: true });
  });

  test('an update whose record is gone when it looks again says that the session ended', async () => {
    const watch = watching();
    let isGone = false;
    const world = open({
      wrap: (store) =>
        new Proxy(watch.wrap(store), {
          get: (target, name) =>
            name === 'read' && isGone ? async () => undefined : Reflect.get(target, name),
        }),
    });
    const ada = world.browser();
    await ada.signIn();
    const running = await ada.start();
    watch.instead = async () => {
      isGone = true;
      return { status: 'conflict', renewed: false };
    };
    await expect(running.session.update('n', () => 1)).rejects.toMatchObject({
      code: 'session_changed',
      message: expect.stringContaining('the session ended'),
    });
    await running.finish({ discardWrites: true });
  });

  test('an update gives up on a store that never lets it win', async () => {
    const watch = watching();
    const ada = open({ wrap: watch.wrap }).browser();
    await ada.signIn();
    const running = await ada.start();
    watch.instead = async () => ({ status: 'conflict', renewed: false });
    const updating = running.session.update('n', () => 1);
    await expectCode(updating, 'session_changed');
    await expect(updating).rejects.toThrow(/at the same time/);
    expect(watch.changes).toHaveLength(10_000);
    await running.finish({ discardWrites: true });
  });
});
