import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, StartError } from '../src/config.ts';

describe('the environment', () => {
  it('has a default for everything', () => {
    const file = { kind: 'sqlite', path: resolve(import.meta.dirname, '../.data/demo.sqlite') };
    expect(readConfig({})).toEqual({
      port: 3000,
      store: file,
      users: file,
      timeouts: {},
    });
  });

  it('counts an empty variable as none', () => {
    expect(readConfig({ PORT: '', HOLDFAST_STORE: '', HOLDFAST_IDLE: '' })).toEqual(readConfig({}));
  });

  it.each([
    ['90', 90],
    ['90s', 90],
    ['0.5s', 0.5],
    ['30m', 1_800],
    ['8h', 28_800],
    ['30d', 2_592_000],
    ['0', 0],
  ])('reads %s as a duration', (text, seconds) => {
    const env = {
      HOLDFAST_IDLE: text,
      HOLDFAST_ABSOLUTE: text,
      HOLDFAST_RENEW: text,
      HOLDFAST_GRACE: text,
    };
    expect(readConfig(env).timeouts).toEqual({
      idleTimeout: seconds,
      absoluteTimeout: seconds,
      renewAfter: seconds,
      grace: seconds,
    });
  });

  it('reads how long an instance may remember what it has read', () => {
    const store = 'redis://localhost:6379';
    expect(readConfig({ HOLDFAST_STORE: store, HOLDFAST_CACHE: '5s' }).cacheMaxAge).toBe(5);
    expect(readConfig({ HOLDFAST_STORE: store }).cacheMaxAge).toBe(undefined);
  });

  it('reads where to listen and where to keep', () => {
    expect(readConfig({ PORT: '0', HOLDFAST_STORE: 'memory:' })).toMatchObject({
      port: 0,
      store: { kind: 'memory' },
    });
    expect(readConfig({ HOLDFAST_STORE: 'sqlite:/tmp/a.db' }).store).toEqual({
      kind: 'sqlite',
      path: '/tmp/a.db',
    });
    expect(readConfig({ HOLDFAST_STORE: 'sqlite:a.db' }).store).toEqual({
      kind: 'sqlite',
      path: resolve('a.db'),
    });
  });

  it.each([
    [{ PORT: 'three' }, 'PORT: "three" is not a port'],
    [{ PORT: '65536' }, 'PORT: "65536" is not a port'],
    [{ HOLDFAST_CACHE: '5s' }, 'HOLDFAST_CACHE: a store in a file can not tell'],
    [{ HOLDFAST_STORE: 'memory:', HOLDFAST_CACHE: '5s' }, 'HOLDFAST_CACHE: a store in memory can not tell'],
    [
      { HOLDFAST_STORE: 'mysql://localhost/shop', HOLDFAST_CACHE: '5s' },
      'HOLDFAST_CACHE: a store in MySQL can not tell',
    ],
    [{ HOLDFAST_CACHE: 'soon' }, 'HOLDFAST_CACHE: "soon" is not a duration'],
    [{ PORT: '-1' }, 'PORT: "-1" is not a port'],
    [{ HOLDFAST_IDLE: 'soon' }, 'HOLDFAST_IDLE: "soon" is not a duration'],
    [{ HOLDFAST_ABSOLUTE: '-5m' }, 'HOLDFAST_ABSOLUTE: "-5m" is not a duration'],
    [{ HOLDFAST_RENEW: '5 m' }, 'HOLDFAST_RENEW: "5 m" is not a duration'],
    [{ HOLDFAST_GRACE: '401d' }, 'HOLDFAST_GRACE: "401d" is not a duration'],
    [{ HOLDFAST_STORE: 'http://localhost' }, 'HOLDFAST_STORE: "http://localhost" is not a store'],
    [{ HOLDFAST_STORE: 'redis://' }, 'HOLDFAST_STORE: "redis://" is no address of a Redis'],
    [{ HOLDFAST_STORE: 'mysql://localhost' }, 'HOLDFAST_STORE: "mysql://localhost" is no address of a MySQL'],
    [{ HOLDFAST_USERS: 'memory:' }, 'HOLDFAST_USERS: "memory:" is not a file of accounts'],
    [{ HOLDFAST_STORE: 'memory' }, 'HOLDFAST_STORE: "memory" is not a store'],
    [{ HOLDFAST_STORE: 'sqlite:' }, 'HOLDFAST_STORE: "sqlite:" is not a store'],
    [{ HOLDFAST_STORE: 'sqlite::memory:' }, 'HOLDFAST_STORE: "sqlite::memory:" is not a store'],
  ])('refuses %o in one line that says what to write', (env, start) => {
    expect(() => readConfig(env)).toThrow(StartError);
    expect(() => readConfig(env)).toThrow(start);
    expect(() => readConfig(env)).toThrow(/^[^\n]+; write [^\n]+$/);
  });
});
