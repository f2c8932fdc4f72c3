/** Servers that count the statements that a store sends to them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import type { SessionStore } from '../../../src/store.ts';
import { migrate as migrateMysql, mysqlStore } from '../../../src/stores/mysql/index.ts';
import { migrate, postgresStore } from '../../../src/stores/postgres/index.ts';
import { atCommands } from '../../interleavings/gate.ts';
import { startMariadb, type MariadbServer } from '../mysql/server.ts';
import { startPostgres, type PostgresServer } from '../postgres/server.ts';
import { quietPool } from '../postgres/clients.ts';
import { until } from '../until.ts';

export interface Counted<Server> {
  readonly server: Server;
  readonly store: SessionStore;
  /** Another one on the same pool, which knows nothing yet. */
  another(): SessionStore;
  /** How many statements the server has carried out until now. What was sent without waiting for it is waited for. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

/** A client that tells when nothing of what was sent through it is under way. */
function settling<Client extends object>(client: Client, method: keyof Client & string) {
  const underWay = new Set<Promise<unknown>>();
  const watched = atCommands(client, [method], (_, run) => {
    const sent = run();
    underWay.add(sent);
    const over = (): unknown => underWay.delete(sent);
    sent.then(over, over);
    return sent;
  });
  const settled = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.allSettled(underWay);
  };
  return { watched, settled };
}

export async function countedPostgres(): Promise<Counted<PostgresServer>> {
  const log = { logging_collector: 'on', log_directory: 'log', log_filename: 'statements' };
  const server = await startPostgres({ settings: { ...log, log_statement: 'all' } });
  const pool = quietPool({ connectionString: server.url, max: 4 });
  const { watched, settled } = settling(pool, 'query');
  await migrate(pool);
  let marks = 0;
  return {
    server,
    store: postgresStore(watched),
    another: () => postgresStore(watched),
    // The log is written by a process of its own: what was sent before a mark is in it when the mark is.
    async count() {
      await settled();
      const mark = `mark ${marks++} `;
      await pool.query(`SELECT '${mark}'`);
      let text = '';
      await until('the log has come so far', async () => {
        text = await readFile(join(server.folder, 'data/log/statements'), 'utf8');
        return text.includes(mark);
      });
      return text.match(/LOG: {2}(statement(?!: SELECT 'mark)|execute)/g)?.length ?? 0;
    },
    async stop() {
      await pool.end();
      await server.stop();
    },
  };
}

export async function countedMariadb(): Promise<Counted<MariadbServer>> {
  const server = await startMariadb();
  const pool = mysql.createPool({ uri: server.url, connectionLimit: 4 });
  const { watched, settled } = settling(pool, 'execute');
  await migrateMysql(pool);
  return {
    server,
    store: mysqlStore(watched),
    another: () => mysqlStore(watched),
    async count() {
      await settled();
      const [row] = await server.query("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'");
      return Number(row?.['Value']);
    },
    async stop() {
      await pool.end();
      await server.stop();
    },
  };
}
