import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { SessionEvent } from '../src/events.ts';
import { type ManualTimer, manualTimer } from '../src/testing/index.ts';
import { SAFARI } from './support/browser.ts';
import { onEachStore, type World } from './support/world.ts';
import { failing } from './support/wrapped-stores.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

interface Situation {
  readonly when: string;
  readonly type: SessionEvent['type'];
  readonly owasp: string | undefined;
  readonly level: string;
  /** Brings it about; what is raised last counts. */
  readonly happens: (
    world: World & { readonly timer: ManualTimer },
    outage: { isDown: boolean },
  ) => Promise<unknown>;
  readonly tells?: Record<string, unknown>;
}

const situations: readonly Situation[] = [
  {
    when: 'a session begins (SM-29)',
    type: 'created',
    owasp: 'session_created',
    level: 'INFO',
    happens: ({ browser }) => browser().request((session) => session.set('cart', 1)),
  },
  {
    when: 'someone signs in (LV-6, ASVS-16.3.1)',
    type: 'signed_in',
    owasp: 'authn_login_success',
    level: 'INFO',
    happens: ({ browser }) => browser().signIn(),
    tells: { userId: 'alice' },
  },
  {
    when: 'the user proves again who they are (LV-2)',
    type: 'reauthenticated',
    owasp: 'session_renewed',
    level: 'INFO',
    happens: async ({ browser }) => {
      const ada = browser();
      await ada.signIn();
      await ada.request((session) => session.reauthenticate());
    },
    tells: { userId: 'alice' },
  },
  {
    when: 'the privileges change (LV-8)',
    type: 'elevated',
    owasp: 'authz_change',
    level: 'WARN',
    happens: async ({ browser }) => {
      const ada = browser();
      await ada.signIn();
      await ada.request((session) => session.elevate());
    },
    tells: { userId: 'alice' },
  },
  {
    when: 'the secret is renewed (LV-2)',
    type: 'renewed',
    owasp: 'session_renewed',
    level: 'INFO',
    happens: async ({ browser, clock }) => {
      const ada = browser();
      await ada.signIn();
      clock.advance('16m');
      await ada.whoami();
    },
    tells: { userId: 'alice' },
  },
  {
    when: 'a session ends (LV-3)',
    type: 'ended',
    owasp: 'session_expired',
    level: 'INFO',
    happens: async ({ browser }) => {
      const ada = browser();
      await ada.signIn();
      await ada.signOut();
    },
    tells: { userId: 'alice', reason: 'signed_out' },
  },
  {
    when: 'the cookie of a session that is over is presented (LV-4)',
    type: 'used_after_end',
    owasp: 'session_use_after_expire',
    level: 'WARN',
    happens: async ({ browser, clock }) => {
      const ada = browser();
      await ada.signIn();
      clock.advance('30m');
      await ada.whoami();
    },
    tells: { userId: 'alice', reason: 'idle_timeout' },
  },
  {
    when: 'a cookie comes that no session answers to (LV-9, SM-26)',
    type: 'guessed',
    owasp: 'excess_rate_limit_exceeded',
    level: 'WARN',
    happens: ({ browser }) =>
      browser({ cookie: `__Host-session=${'A'.repeat(22)}.${'A'.repeat(16)}.${'A'.repeat(43)}` }).whoami(),
    tells: { sessionId: 'A'.repeat(22), reason: 'unknown' },
  },
  {
    when: 'a cookie comes that this server can not have written (ASVS-16.3.3)',
    type: 'malformed',
    owasp: 'input_validation_fail',
    level: 'WARN',
    happens: ({ browser }) => browser({ cookie: '__Host-session=x' }).whoami(),
    tells: { reason: 'malformed' },
  },
  {
    when: 'a retired secret comes again (LV-5, SM-27)',
    type: 'reused',
    owasp: 'authn_token_reuse',
    level: 'CRITICAL',
    happens: async ({ browser, clock }) => {
      const ada = browser();
      await ada.signIn();
      const late = ada.stolen();
      clock.advance('16m');
      await ada.whoami();
      await ada.whoami();
      clock.advance('2m');
      await late.whoami();
    },
    tells: { userId: 'alice' },
  },
  {
    when: 'a stored value no longer fits its schema',
    type: 'data_rejected',
    owasp: 'input_validation_fail',
    level: 'WARN',
    happens: async (world) => {
      const ada = world.browser();
      await ada.request((session) => session.set('theme', 7));
      const strict = world.server({
        data: { theme: z.string() },
        onEvent: (event) => world.events.push(event),
      });
      await strict.browser({ cookie: ada.cookie }).request((session) => session.get('theme'));
    },
    tells: { key: 'theme' },
  },
  {
    when: 'another site’s request wants to create a session (LV-9)',
    type: 'creation_refused',
    owasp: 'malicious_cors',
    level: 'INFO',
    happens: ({ browser }) => browser().request((session) => session.set('cart', 1), { site: 'cross-site' }),
  },
  {
    when: 'the store fails (ASVS-16.3.4)',
    type: 'store_failed',
    owasp: undefined,
    level: 'CRITICAL',
    happens: async ({ browser }, outage) => {
      outage.isDown = true;
      await browser()
        .signIn()
        .catch(() => undefined);
    },
    tells: { operation: 'list a new session' },
  },
  {
    when: 'it has failed so often that it is left alone for a while (ASVS-16.3.4)',
    type: 'store_suspended',
    owasp: undefined,
    level: 'CRITICAL',
    happens: async ({ sessions }, outage) => {
      outage.isDown = true;
      for (let i = 0; i < 7; i++) await sessions.list('alice').catch(() => undefined);
    },
    tells: { calls: 'reads', failures: 5, error: expect.any(Error) },
  },
  {
    when: 'it is back (ASVS-16.3.4)',
    type: 'store_resumed',
    owasp: undefined,
    level: 'WARN',
    happens: async ({ sessions, timer }, outage) => {
      outage.isDown = true;
      for (let i = 0; i < 7; i++) await sessions.list('alice').catch(() => undefined);
      outage.isDown = false;
      timer.advance('1s');
      await sessions.list('alice');
    },
    tells: { calls: 'reads', failed: 2, lasted: 1_000 },
  },
];

onEachStore('events', (open) => {
  test.each(situations)('$type, $owasp, $level: $when', async ({
    type,
    owasp,
    level,
    happens,
    tells = {},
  }) => {
    const outage = failing();
    const timer = manualTimer();
    const world = { ...open({ wrap: outage.wrap, storeGuard: { timer } }), timer };
    await happens(world, outage);
    const event = world.events.at(-1);
    expect(event).toMatchObject({ type, owasp, level, at: world.clock.now(), ...tells });
    if (!type.startsWith('store_') && type !== 'ended' && type !== 'data_rejected') {
      expect(event?.client).toMatchObject({ ip: '192.0.2.1' });
    }
  });

  test.each([
    'signed_out',
    'revoked',
    'replaced',
    'reused',
    'limit',
    'idle_timeout',
    'absolute_timeout',
  ])('an end says why: %s (LV-3)', async (reason) => {
    const { browser, clock, events, sessions } = open({ maxSessionsPerUser: 1 });
    const ada = browser();
    await ada.signIn();
    const id = ada.token?.slice(0, 22) ?? '';
    clock.advance('16m');
    const late = ada.stolen({ userAgent: SAFARI });
    await ada.whoami();
    const acts: Record<string, () => Promise<unknown>> = {
      signed_out: () => ada.signOut(),
      revoked: () => sessions.revoke(id, { userId: 'alice' }),
      replaced: () => ada.signIn('bob'),
      reused: () => late.whoami(),
      limit: () => browser().signIn(),
      async idle_timeout() {
        clock.advance('1h');
        await ada.whoami();
      },
      async absolute_timeout() {
        // Housekeeping has just been done: else it might drop the record before it is presented.
        clock.advance(27_720);
        await browser().whoami();
        clock.advance(130);
        await ada.whoami();
      },
    };
    await acts[reason]?.();
    const ends = events.filter((event) => event.type === 'ended');
    expect(ends).toMatchObject([{ reason, sessionId: id, userId: 'alice', owasp: 'session_expired' }]);
  });

  test('each kind of event has its situation above', () => {
    // Exhaustive by the type: a new event that is missing here does not compile.
    const all: Record<SessionEvent['type'], true> = {
      created: true,
      signed_in: true,
      reauthenticated: true,
      elevated: true,
      renewed: true,
      ended: true,
      used_after_end: true,
      guessed: true,
      malformed: true,
      reused: true,
      data_rejected: true,
      creation_refused: true,
      store_failed: true,
      store_suspended: true,
      store_resumed: true,
    };
    expect(situations.map(({ type }) => type).toSorted()).toEqual(Object.keys(all).toSorted());
  });

  test('a listener that throws is told on the console, and changes nothing for the request', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const ada = open({
      onEvent: () => {
        throw new Error('a bug of the listener');
      },
    }).browser();
    await ada.signIn();
    expect(await ada.whoami()).toBe('alice');
    expect(error).toHaveBeenCalledWith('holdfast: the onEvent listener threw', expect.any(Error));
  });
});
