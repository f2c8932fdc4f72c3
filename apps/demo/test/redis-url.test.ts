import { describe, expect, it } from 'vitest';
import { describeRedis, parseRedisUrl, withoutPassword } from '../src/redis-url.ts';

const localhost = { host: 'localhost', port: 6379 };

describe('an address of Redis', () => {
  it.each([
    ['redis://localhost', { topology: 'standalone', addresses: [localhost] }],
    [
      'redis://localhost:7000/2',
      { topology: 'standalone', addresses: [{ host: 'localhost', port: 7000 }], database: 2 },
    ],
    ['redis://[::1]:7000/', { topology: 'standalone', addresses: [{ host: '::1', port: 7000 }] }],
    [
      'rediss://cache.example.com',
      { topology: 'standalone', addresses: [{ host: 'cache.example.com', port: 6379 }], isEncrypted: true },
    ],
    ['redis://:s%40cret@localhost', { topology: 'standalone', addresses: [localhost], password: 's@cret' }],
    [
      'redis://ada:secret@localhost',
      { topology: 'standalone', addresses: [localhost], username: 'ada', password: 'secret' },
    ],
    [
      'redis+sentinel://ada:secret@a:1,b:2/shop',
      {
        topology: 'sentinel',
        addresses: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        name: 'shop',
        username: 'ada',
        password: 'secret',
      },
    ],
    [
      'redis+cluster://a:1,b:2',
      {
        topology: 'cluster',
        addresses: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
    ],
  ])('%s', (text, parts) => {
    expect(parseRedisUrl(text)).toEqual({ kind: 'redis', ...parts });
  });

  it.each([
    'redis:localhost',
    'redis://',
    'redis://a,b',
    'redis://a:66000',
    'redis://a/shop',
    'redis://a?db=1',
    'redis://:50%@a',
    'redis://:a/b@a',
    'redis+sentinel://a:1',
    'redis+sentinel://a:1/50%',
    'redis+cluster://a:1/0',
    'rediss+cluster://a:1',
    'http://a',
  ])('is not %s', (text) => {
    expect(parseRedisUrl(text)).toBeUndefined();
  });

  it.each([
    ['redis://ada:secret@[::1]:7000/1', 'the Redis at [::1]:7000'],
    ['redis+sentinel://:secret@a:1,b/shop', 'the Redis called shop by the Sentinels at a:1, b:6379'],
    ['redis+cluster://:secret@a,b', 'the Redis Cluster at a:6379, b:6379'],
  ])('%s is shown as %s', (text, shown) => {
    const config = parseRedisUrl(text);
    expect(config && describeRedis(config)).toBe(shown);
  });

  it('is quoted without its password, whatever is wrong with it', () => {
    expect(withoutPassword('redis://ada:p@ss/w0rd@a:x')).toBe('redis://…@a:x');
  });
});
