import type { Pool } from 'mysql2/promise';

export async function dropTables(pool: Pool, prefix: string): Promise<void> {
  const names = ['schema', 'sessions', 'indexes', 'index_members'].map((name) => `${prefix}${name}`);
  await pool.query(`DROP TABLE IF EXISTS ${names.join(', ')}`);
}
