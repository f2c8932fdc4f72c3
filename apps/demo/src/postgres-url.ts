/** The addresses of PostgreSQL that `HOLDFAST_STORE` takes. */
import { showAddress } from './address.ts';
import { parseSqlUrl, type SqlConfig } from './sql-url.ts';

export interface PostgresConfig extends SqlConfig {
  readonly kind: 'postgres';
}

/** `postgres://user:password@host:port/database`, and the same with `postgresql://`. Returns undefined for anything else. */
export function parsePostgresUrl(text: string): PostgresConfig | undefined {
  const config = parseSqlUrl(text, /^postgres(?:ql)?:\/\//i, { port: 5432, user: 'postgres' });
  return config && { kind: 'postgres', ...config };
}

/** For people to read; without the password. */
export function describePostgres(config: PostgresConfig): string {
  return `the PostgreSQL database ${config.database} at ${showAddress(config)}`;
}
