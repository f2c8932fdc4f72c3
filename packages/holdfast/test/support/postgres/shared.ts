/**
 * One PostgreSQL for a whole test run, started when a test first asks for it. `POSTGRES_URL` names another instead. Whoever
 * uses it keeps to a schema of its own, and changes no configuration: for that, `startPostgres`.
 */
import { randomBytes } from 'node:crypto';
import { sharedUrl } from '../shared-server.ts';

/** For `new Pool({ connectionString })` and `postgres(url)`. */
export function sharedPostgres(): Promise<string> {
  return sharedUrl('postgres', 'POSTGRES_URL');
}

/** The name of a schema that no other test has, in this run or another one on the same server. */
export function schemaName(): string {
  return `test_${randomBytes(8).toString('hex')}`;
}
