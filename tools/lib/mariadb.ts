import type { Program } from './program.ts';

/** For the tests of the MySQL store, which take a real server: the tests start and stop their own. */
export const mariadbServer: Program = {
  title: 'MariaDB',
  names: ['mariadbd'],
  variable: 'HOLDFAST_MARIADB_SERVER',
  debianPackage: 'mariadb-server',
  advice:
    'Install MariaDB 10.6 or newer (on Debian: apt-get install mariadb-server), or set HOLDFAST_MARIADB_SERVER to the path of a mariadbd.',
};
