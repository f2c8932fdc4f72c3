/** The addresses of Redis that `HOLDFAST_STORE` takes. */
import { type Address, parseAddress, showAddress } from './address.ts';

export interface RedisConfig {
  readonly kind: 'redis';
  readonly topology: 'standalone' | 'sentinel' | 'cluster';
  readonly addresses: readonly Address[];
  /** What the Sentinels call the primary. */
  readonly name?: string;
  readonly isEncrypted?: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly database?: number;
}

/**
 * Whom to ask, the name or database behind it, and who asks: `rediss://user:password@host:port/0`,
 * `redis+sentinel://host:port,host:port/name`, `redis+cluster://host:port,host:port`.
 */
const REDIS_URL =
  /^redis(s|\+sentinel|\+cluster)?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)(?:\/([^@/?#]*))?$/;

/** Returns undefined for anything else. */
export function parseRedisUrl(text: string): RedisConfig | undefined {
  const [match, kind = '', username, password, list = '', path = ''] = REDIS_URL.exec(text) ?? [];
  const topology = kind.startsWith('+') ? (kind.slice(1) as 'sentinel' | 'cluster') : 'standalone';
  const addresses = list.split(',').map((address) => parseAddress(address, 6379));
  if (match === undefined || !addresses.every((address) => address !== undefined)) return undefined;
  if (topology === 'standalone' && addresses.length > 1) return undefined;
  try {
    const rest = parsePath(topology, path);
    return (
      rest && {
        kind: 'redis',
        topology,
        addresses,
        ...(kind === 's' && { isEncrypted: true }),
        ...(username && { username: decodeURIComponent(username) }),
        ...(password && { password: decodeURIComponent(password) }),
        ...rest,
      }
    );
  } catch {
    // A % that stands for itself has to be written %25.
    return undefined;
  }
}

function parsePath(
  topology: RedisConfig['topology'],
  path: string,
): Pick<RedisConfig, 'name' | 'database'> | undefined {
  if (topology === 'sentinel') return path ? { name: decodeURIComponent(path) } : undefined;
  if (path === '') return {};
  return topology === 'standalone' && /^\d{1,5}$/.test(path) ? { database: Number(path) } : undefined;
}

/** For people to read; without the password. */
export function describeRedis({ topology, addresses, name }: RedisConfig): string {
  const where = addresses.map(showAddress).join(', ');
  if (topology === 'sentinel') return `the Redis called ${name} by the Sentinels at ${where}`;
  return topology === 'cluster' ? `the Redis Cluster at ${where}` : `the Redis at ${where}`;
}

/** An address as it was written, fit to be shown. */
export function withoutPassword(text: string): string {
  return text.replace(/\/\/.*@/s, '//…@');
}
