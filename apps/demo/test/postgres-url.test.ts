import { describe, expect, it } from 'vitest';
import { describePostgres, parsePostgresUrl } from '../src/postgres-url.ts';

describe('an address of PostgreSQL', () => {
  it.each([
    ['postgres://localhost/shop', { host: 'localhost', port: 5432, database: 'shop', user: 'postgres' }],
    [
      'postgresql://ada:s%40cret@[::1]:5433/my%20shop',
      { host: '::1', port: 5433, database: 'my shop', user: 'ada', password: 's@cret' },
    ],
  ])('%s', (text, config) => {
    expect(parsePostgresUrl(text)).toEqual({ kind: 'postgres', ...config });
  });

  it.each([
    'postgres://localhost',
    'postgres://localhost:99999/shop',
    'postgres://localhost/shop?sslmode=require',
    'postgres://ada:%@localhost/shop',
    'mysql://localhost/shop',
  ])('is not %s', (text) => {
    expect(parsePostgresUrl(text)).toBe(undefined);
  });

  it('is described without the password', () => {
    const config = parsePostgresUrl('postgres://ada:secret@[::1]/shop');
    expect(config && describePostgres(config)).toBe('the PostgreSQL database shop at [::1]:5432');
  });
});
