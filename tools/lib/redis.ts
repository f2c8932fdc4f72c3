import type { Program } from './program.ts';

/** For the tests of stores, which take real servers: the tests start and stop their own. */
export const redisServer: Program = {
  title: 'Redis',
  names: ['redis-server', 'valkey-server'],
  variable: 'HOLDFAST_REDIS_SERVER',
  debianPackage: 'redis-server',
  advice:
    'Install Redis 6.2 or newer (on Debian: apt-get install redis-server), or set HOLDFAST_REDIS_SERVER to the path of a redis-server or valkey-server.',
};
