/** The addresses of MariaDB and MySQL that `HOLDFAST_STORE` takes. */
import { showAddress } from './address.ts';
import { parseSqlUrl, type SqlConfig } from './sql-url.ts';

export interface MysqlConfig extends SqlConfig {
  readonly kind: 'mysql';
}

/** `mysql://user:password@host:port/database`, and the same with `mariadb://`. Returns undefined for anything else. */
export function parseMysqlUrl(text: string): MysqlConfig | undefined {
  const config = parseSqlUrl(text, /^(?:mysql|mariadb):\/\//i, { port: 3306, user: 'root' });
  return config && { kind: 'mysql', ...config };
}

/** For people to read; without the password. */
export function describeMysql(config: MysqlConfig): string {
  return `the MySQL database ${config.database} at ${showAddress(config)}`;
}
