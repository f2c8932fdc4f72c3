/** The addresses of PostgreSQL that `HOLDFAST_STORE` takes. */

export interface PostgresConfig {
  readonly kind: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
}

/** `postgres://user:password@host:port/database`, and the same with `postgresql://`. */
const POSTGRES_URL =
  /^postgres(?:ql)?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(?:([\w.-]+)|\[([\da-f:.]+)\])(?::(\d{1,5}))?\/([^@/?#]+)$/i;

/** Returns undefined for anything else. */
export function parsePostgresUrl(text: string): PostgresConfig | undefined {
  const [match, user, password, name, bracketed, port = '5432', database = ''] =
    POSTGRES_URL.exec(text) ?? [];
  const host = name ?? bracketed;
  if (match === undefined || host === undefined || Number(port) > 65_535) return undefined;
  try {
    return {
      kind: 'postgres',
      host,
      port: Number(port),
      database: decodeURIComponent(database),
      user: decodeURIComponent(user || 'postgres'),
      ...(password && { password: decodeURIComponent(password) }),
    };
  } catch {
    // A % that stands for itself has to be written %25.
    return undefined;
  }
}

/** For people to read; without the password. */
export function describePostgres({ host, port, database }: PostgresConfig): string {
  return `the PostgreSQL database ${database} at ${host.includes(':') ? `[${host}]` : host}:${port}`;
}
