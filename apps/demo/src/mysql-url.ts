/** The addresses of MariaDB and MySQL that `HOLDFAST_STORE` takes. */

export interface MysqlConfig {
  readonly kind: 'mysql';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
}

/** `mysql://user:password@host:port/database`, and the same with `mariadb://`. */
const MYSQL_URL =
  /^(?:mysql|mariadb):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(?:([\w.-]+)|\[([\da-f:.]+)\])(?::(\d{1,5}))?\/([^@/?#]+)$/i;

/** Returns undefined for anything else. */
export function parseMysqlUrl(text: string): MysqlConfig | undefined {
  const [match, user, password, name, bracketed, port = '3306', database = ''] = MYSQL_URL.exec(text) ?? [];
  const host = name ?? bracketed;
  if (match === undefined || host === undefined || Number(port) > 65_535) return undefined;
  try {
    return {
      kind: 'mysql',
      host,
      port: Number(port),
      database: decodeURIComponent(database),
      user: decodeURIComponent(user || 'root'),
      ...(password && { password: decodeURIComponent(password) }),
    };
  } catch {
    // A % that stands for itself has to be written %25.
    return undefined;
  }
}

/** For people to read; without the password. */
export function describeMysql({ host, port, database }: MysqlConfig): string {
  return `the MySQL database ${database} at ${host.includes(':') ? `[${host}]` : host}:${port}`;
}
