/** One client of each kind, as the documentation of each says: for Holdfast, for its peers and by hand. A process loads only its own. */
import type { Redis } from 'ioredis';
import type { Pool as MysqlPool } from 'mysql2/promise';
import type { Pool } from 'pg';

export async function openNodeRedis(url: string) {
  const { createClient } = await import('redis');
  const client = createClient({ url });
  client.on('error', reportAndGo);
  await client.connect();
  return client;
}

export async function openIoRedis(url: string): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, { autoResendUnfulfilledCommands: false });
  client.on('error', reportAndGo);
  return client;
}

export async function openPool(connectionString: string): Promise<Pool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString });
  pool.on('error', reportAndGo);
  return pool;
}

export async function openMysql(uri: string): Promise<MysqlPool> {
  const { createPool } = await import('mysql2/promise');
  return createPool({ uri });
}

function reportAndGo(error: unknown): void {
  console.error(error);
}
