/**
 * One MariaDB for a whole test run, started when a test first asks for it. `MYSQL_URL` names another instead, or a MySQL.
 * Whoever uses it keeps to tables with a prefix of its own, and changes no configuration: for that, `startMariadb`.
 */
import { randomBytes } from 'node:crypto';
import { sharedUrl } from '../shared-server.ts';

/** For `createPool(url)`. */
export function sharedMysql(): Promise<string> {
  return sharedUrl('mysql', 'MYSQL_URL');
}

/** What the names of tables begin with that no other test has, in this run or another one on the same server. */
export function tablePrefix(): string {
  return `test_${randomBytes(8).toString('hex')}_`;
}
