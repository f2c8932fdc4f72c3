import { describe, expect, it } from 'vitest';
import { describeMysql, parseMysqlUrl } from '../src/mysql-url.ts';

describe('an address of MariaDB or MySQL', () => {
  it.each([
    ['mysql://localhost/shop', { host: 'localhost', port: 3306, database: 'shop', user: 'root' }],
    ['mariadb://db.internal:3307/shop', { host: 'db.internal', port: 3307, database: 'shop', user: 'root' }],
    [
      'mysql://ada:s%40cret@[::1]:3306/my%20shop',
      { host: '::1', port: 3306, database: 'my shop', user: 'ada', password: 's@cret' },
    ],
  ])('%s', (text, config) => {
    expect(parseMysqlUrl(text)).toEqual({ kind: 'mysql', ...config });
  });

  it.each([
    'mysql://localhost',
    'mysql://localhost/',
    'mysql://localhost:99999/shop',
    'mysql://localhost/shop/tables',
    'mysql://localhost/shop?ssl=true',
    'mysql://a:b@c@localhost/shop',
    'mysql://ada:%@localhost/shop',
    'mysqlx://localhost/shop',
    'postgres://localhost/shop',
  ])('is not %s', (text) => {
    expect(parseMysqlUrl(text)).toBe(undefined);
  });

  it('is described without the password', () => {
    const config = parseMysqlUrl('mysql://ada:secret@[::1]/shop');
    expect(config && describeMysql(config)).toBe('the MySQL database shop at [::1]:3306');
  });
});
