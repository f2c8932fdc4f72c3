/** What the addresses of SQL databases have in common. */
import { type Address, parseAddress } from './address.ts';

export interface SqlConfig extends Address {
  readonly database: string;
  readonly user: string;
  readonly password?: string;
}

/** What follows the scheme: `user:password@host:port/database`. */
const REST = /^(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)\/([^@/?#]+)$/;

/** Returns undefined for anything else than `scheme` and what may follow it. */
export function parseSqlUrl(
  text: string,
  scheme: RegExp,
  defaults: { readonly port: number; readonly user: string },
): SqlConfig | undefined {
  if (!scheme.test(text)) return undefined;
  const [, user, password, where = '', database = ''] = REST.exec(text.replace(scheme, '')) ?? [];
  const address = parseAddress(where, defaults.port);
  if (address === undefined) return undefined;
  try {
    return {
      ...address,
      database: decodeURIComponent(database),
      user: decodeURIComponent(user || defaults.user),
      ...(password && { password: decodeURIComponent(password) }),
    };
  } catch {
    // A % that stands for itself has to be written %25.
    return undefined;
  }
}
