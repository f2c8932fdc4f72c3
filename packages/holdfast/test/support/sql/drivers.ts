/** Every SQL database that has a store, with every client it can be given: what is tested on one is tested on each. */
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { SessionStore } from '../../../src/store.ts';
import { isPostgresJs } from '../../../src/stores/postgres/client.ts';
import { type MysqlPool, migrate as migrateMysql, mysqlStore } from '../../../src/stores/mysql/index.ts';
import { migrate, postgresStore } from '../../../src/stores/postgres/index.ts';
import { atCommands, type Gate } from '../../interleavings/gate.ts';
import { startMariadb } from '../mysql/server.ts';
import { sharedMysql, tablePrefix } from '../mysql/shared.ts';
import { dropTables } from '../mysql/tables.ts';
import { type Connect, connectPg, connectPostgresJs } from '../postgres/clients.ts';
import { startPostgres } from '../postgres/server.ts';
import { schemaName, sharedPostgres } from '../postgres/shared.ts';

/** One client, as one server has it. */
export interface SqlClient {
  /** @param space the schema, or the prefix of the tables, as `newSpace` has named it */
  store(space: string): SessionStore;
  /** Takes one of its connections away, until the function that it returns is called. */
  hold(): Promise<() => void>;
  close(): Promise<void>;
}

export interface SqlDriver {
  readonly name: string;
  /** The server that the tests of a run share. */
  url(): Promise<string>;
  connect(url: string, size?: number): SqlClient;
  /** Tables that no other test has. */
  newSpace(url: string): Promise<string>;
  drop(url: string, space: string): Promise<void>;
}

/** A server of a test's own, which waits for its disk as one in production does. */
export interface SqlServer {
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
  restart(): Promise<void>;
  pause(): Promise<void> | void;
  resume(): Promise<void> | void;
  stop(): Promise<void>;
}

/** A store of which each statement is a step. */
export interface GatedClient {
  store(space: string): SessionStore;
  /** @param wrong changes what is sent: for stores that are broken on purpose */
  gated(space: string, gate: Gate, wrong?: (client: MysqlPool) => MysqlPool): SessionStore;
  close(): Promise<void>;
}

export interface SqlDatabase {
  readonly name: string;
  readonly drivers: readonly [SqlDriver, ...SqlDriver[]];
  /** @param connections how many it takes at once */
  startServer(connections?: number): Promise<SqlServer>;
}

function postgresDriver(name: string, connect: Connect): SqlDriver {
  return {
    name: `postgres, ${name}`,
    url: sharedPostgres,
    connect(url, size) {
      const { client, close } = connect(url, size);
      return {
        store: (schema) => postgresStore(client, { schema }),
        async hold() {
          const held = await (isPostgresJs(client) ? client.reserve() : (client as pg.Pool).connect());
          return () => held.release();
        },
        close,
      };
    },
    async newSpace(url) {
      const schema = schemaName();
      const { client, close } = connectPg(url, 1);
      await migrate(client, { schema });
      await close();
      return schema;
    },
    async drop(url, schema) {
      const pool = new pg.Pool({ connectionString: url, max: 1 });
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}

const mysqlDriver: SqlDriver = {
  name: 'mysql, mysql2',
  url: sharedMysql,
  connect(url, size = 4) {
    const pool = mysql.createPool({ uri: url, connectionLimit: size });
    return {
      store: (prefix) => mysqlStore(pool, { prefix }),
      async hold() {
        const held = await pool.getConnection();
        return () => held.release();
      },
      close: () => pool.end(),
    };
  },
  async newSpace(url) {
    const prefix = tablePrefix();
    const pool = mysql.createPool({ uri: url, connectionLimit: 1 });
    await migrateMysql(pool, { prefix });
    await pool.end();
    return prefix;
  },
  async drop(url, prefix) {
    const pool = mysql.createPool({ uri: url, connectionLimit: 1 });
    await dropTables(pool, prefix);
    await pool.end();
  },
};

export const databases: readonly SqlDatabase[] = [
  {
    name: 'PostgreSQL',
    drivers: [postgresDriver('pg', connectPg), postgresDriver('postgres.js', connectPostgresJs)],
    startServer: (connections = 100) =>
      startPostgres({
        settings: { fsync: 'on', full_page_writes: 'on', max_connections: String(connections) },
      }),
  },
  {
    name: 'MariaDB',
    drivers: [mysqlDriver],
    startServer: (connections = 100) =>
      startMariadb({
        settings: {
          'innodb-flush-log-at-trx-commit': '1',
          'innodb-doublewrite': '1',
          'max-connections': String(connections),
        },
      }),
  },
];

export const drivers: readonly SqlDriver[] = databases.flatMap((database) => database.drivers);

/** For every order of statements. */
export interface SqlStatements {
  /** Which statements there are is decided by the store: one client is enough. */
  readonly driver: SqlDriver;
  connectGated(url: string): GatedClient;
}

export const statementwise: Readonly<Record<'PostgreSQL' | 'MariaDB', SqlStatements>> = {
  PostgreSQL: {
    driver: postgresDriver('pg', connectPg),
    connectGated(url) {
      const pool = new pg.Pool({ connectionString: url, max: 4 });
      return {
        store: (schema) => postgresStore(pool, { schema }),
        gated: (schema, gate) => postgresStore(atCommands(pool, ['query'], gate), { schema }),
        close: () => pool.end(),
      };
    },
  },
  MariaDB: {
    driver: mysqlDriver,
    connectGated(url) {
      const pool = mysql.createPool({ uri: url, connectionLimit: 4 });
      return {
        store: (prefix) => mysqlStore(pool, { prefix }),
        gated: (prefix, gate, wrong = (client) => client) =>
          mysqlStore(wrong(atCommands(pool, ['execute'], gate)), { prefix }),
        close: () => pool.end(),
      };
    },
  },
};
