/** The databases that can tell of changes: what a cache may stand before. */
import type pg from 'pg';
import { createClient } from 'redis';
import type { SessionStore } from '../../src/store.ts';
import { migrate, postgresStore } from '../../src/stores/postgres/index.ts';
import { redisStore } from '../../src/stores/redis/index.ts';
import { quietPool } from '../support/postgres/clients.ts';
import { startPostgres } from '../support/postgres/server.ts';
import { startRedis } from '../support/redis/server.ts';

export type BackendName = 'Redis' | 'PostgreSQL';

export interface Server {
  readonly port: number;
  /** How many commands or statements it has carried out. */
  commands(): Promise<number>;
  stop(): Promise<void>;
}

export interface Backend {
  start(): Promise<Server>;
  /** A store on a client of its own. */
  connect(port: number): Promise<SessionStore>;
}

async function redisAt(port: number): Promise<SessionStore> {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: 50 } });
  client.on('error', () => undefined);
  await client.connect();
  return redisStore(client, { prefix: 'app:', onWarning: () => undefined });
}

function poolAt(port: number): pg.Pool {
  return quietPool({ connectionString: `postgres://postgres@127.0.0.1:${port}/postgres`, max: 16 });
}

export const backends: Readonly<Record<BackendName, Backend>> = {
  Redis: {
    async start() {
      const { port, call, stop } = await startRedis();
      return {
        port,
        async commands() {
          const text = String(await call('INFO', 'stats'));
          return Number(/total_commands_processed:(\d+)/.exec(text)?.[1]);
        },
        stop,
      };
    },
    connect: redisAt,
  },
  PostgreSQL: {
    async start() {
      const { port, query, stop } = await startPostgres();
      const pool = poolAt(port);
      await migrate(pool);
      await pool.end();
      return {
        port,
        async commands() {
          const [row] = await query(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres' AND pg_stat_clear_snapshot() IS NOT NULL",
          );
          return Number(row?.['xact_commit']);
        },
        stop,
      };
    },
    connect: async (port) => postgresStore(poolAt(port)),
  },
};
