import { describe, expect, test } from 'vitest';
import { resolveOptions, type SessionOptions } from '../src/options.ts';
import { createSessions } from '../src/sessions.ts';
import { memoryStore } from '../src/stores/memory.ts';

const store = memoryStore();
const resolve = (options: Partial<SessionOptions> = {}) => resolveOptions({ store, ...options });
const MINUTE = 60_000;
const DAY = 86_400_000;

describe('defaults', () => {
  test('idle 30 minutes, absolute 8 hours, renewal after 15 minutes, grace 60 seconds, no limit', () => {
    expect(resolve()).toMatchObject({
      idleTimeout: 30 * MINUTE,
      absoluteTimeout: 480 * MINUTE,
      renewAfter: 15 * MINUTE,
      grace: MINUTE,
      touchInterval: MINUTE,
      clockSkew: 10_000,
      tombstoneFor: DAY,
      onIdle: 'end',
      maxSessionsPerUser: undefined,
      levels: ['aal1', 'aal2', 'aal3'],
      schemaVersion: 1,
    });
  });

  test('the touch interval is a tenth of the idle timeout, at most a minute', () => {
    expect(resolve({ idleTimeout: '5m' }).touchInterval).toBe(30_000);
    expect(resolve({ idleTimeout: '10m' }).touchInterval).toBe(60_000);
    expect(resolve({ idleTimeout: '20m' }).touchInterval).toBe(60_000);
    expect(resolve({ idleTimeout: '5m', touchInterval: '1m' }).touchInterval).toBe(60_000);
  });

  test('a short absolute timeout shortens an idle one that was not given', () => {
    expect(resolve({ absoluteTimeout: '10m' }).idleTimeout).toBe(10 * MINUTE);
  });

  test('a short grace shortens the tolerance for clocks that was not given', () => {
    expect(resolve({ grace: '4s' }).clockSkew).toBe(2_000);
    expect(resolve({ grace: 0 }).clockSkew).toBe(0);
  });
});

test.each([
  ['aal1', 30 * DAY, 30 * DAY],
  ['aal2', DAY, 60 * MINUTE],
  ['aal3', DAY / 2, 15 * MINUTE],
] as const)('the preset %s sets the limits of its level, and shorter ones may be given', (preset, absolute, idle) => {
  expect(resolve({ preset })).toMatchObject({ absoluteTimeout: absolute, idleTimeout: idle });
  expect(resolve({ preset, idleTimeout: '5m' })).toMatchObject({
    absoluteTimeout: absolute,
    idleTimeout: 5 * MINUTE,
  });
  expect(resolve({ preset, absoluteTimeout: '10m' })).toMatchObject({
    absoluteTimeout: 10 * MINUTE,
    idleTimeout: 10 * MINUTE,
  });
  expect(() => resolve({ preset, absoluteTimeout: absolute / 1_000 + 1 })).toThrow(
    /^absoluteTimeout: longer than/,
  );
  expect(() => resolve({ preset, idleTimeout: idle / 1_000 + 1 })).toThrow(/^idleTimeout: longer than/);
});

const asynchronous = { '~standard': { version: 1, vendor: 'x' } };

test.each<[Record<string, unknown>, string]>([
  [{ store: undefined }, 'store: missing'],
  [{ store: {} }, 'store: missing'],
  [{ store: new Map() }, 'store: missing'],
  [{ preset: 'aal4' }, 'preset: "aal4" is unknown'],
  [{ preset: 'constructor' }, 'preset: "constructor" is unknown'],
  [{ idleTimeout: 'soon' }, 'idleTimeout'],
  [{ idleTimeout: 0 }, 'idleTimeout: a session that lives for no time'],
  [{ absoluteTimeout: 0 }, 'absoluteTimeout: a session that lives for no time'],
  [{ absoluteTimeout: -1 }, 'absoluteTimeout'],
  [{ absoluteTimeout: '401d' }, 'absoluteTimeout'],
  [{ idleTimeout: '9h' }, 'idleTimeout: longer than absoluteTimeout'],
  [{ idleTimeout: '2h', absoluteTimeout: '1h' }, 'idleTimeout: longer than absoluteTimeout'],
  [{ renewAfter: '15' }, 'renewAfter'],
  [{ grace: null }, 'grace'],
  [{ grace: '10s', clockSkew: '10s' }, 'grace: must exceed clockSkew'],
  [{ grace: 0, clockSkew: 1 }, 'grace: must exceed clockSkew'],
  [{ clockSkew: '1m' }, 'grace: must exceed clockSkew'],
  [{ touchInterval: '30m' }, 'touchInterval: must be shorter than idleTimeout'],
  [{ tombstoneFor: 'long' }, 'tombstoneFor'],
  [{ onIdle: 'sleep' }, 'onIdle'],
  [{ maxSessionsPerUser: 0 }, 'maxSessionsPerUser'],
  [{ maxSessionsPerUser: 1.5 }, 'maxSessionsPerUser'],
  [{ maxSessionsPerUser: Number.NaN }, 'maxSessionsPerUser'],
  [{ levels: [] }, 'levels'],
  [{ levels: ['a', 'b', 'a'] }, 'levels'],
  [{ dataVersion: 0 }, 'dataVersion'],
  [{ dataVersion: 1.5 }, 'dataVersion'],
  [{ data: { cart: {} } }, 'data.cart: not a Standard Schema'],
  [{ data: { cart: null } }, 'data.cart: not a Standard Schema'],
  [{ data: { cart: asynchronous } }, 'data.cart: not a Standard Schema'],
  [{ cookie: { name: 'a b' } }, 'cookie.name'],
  [{ cookie: { sameSite: 'None' } }, 'cookie.sameSite'],
])('%j is refused, and the error names the option', (options, message) => {
  const create = () => createSessions({ store, ...options } as SessionOptions);
  expect(create).toThrow(TypeError);
  expect(create).toThrow(message);
});

test('what is allowed at the edge', () => {
  expect(resolve({ grace: 0, clockSkew: 0 })).toMatchObject({ grace: 0, clockSkew: 0 });
  expect(resolve({ idleTimeout: '8h' }).idleTimeout).toBe(480 * MINUTE);
  expect(resolve({ touchInterval: 0, tombstoneFor: 0, renewAfter: 0 })).toMatchObject({
    touchInterval: 0,
    tombstoneFor: 0,
    renewAfter: 0,
  });
  expect(resolve({ maxSessionsPerUser: 1 }).maxSessionsPerUser).toBe(1);
});
