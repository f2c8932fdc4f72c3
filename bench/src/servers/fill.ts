/**
 * Many signed-in sessions at once: in each store what as many sign-ins leave there, without their round trips. One session signs
 * in; the others are like it, each with an id, a user and secrets of its own.
 */
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { SessionStore } from 'holdfast';
import type { Pool as MysqlPool } from 'mysql2/promise';
import type { Pool } from 'pg';
import { systemRandom } from '../../../packages/holdfast/src/platform.ts';
import type { SessionRecord } from '../../../packages/holdfast/src/record.ts';
import { decodeRecord, encodeRecord, forgetAt } from '../../../packages/holdfast/src/stores/record-json.ts';
import { COLUMNS } from '../../../packages/holdfast/src/stores/sql/row.ts';
import { formatToken, hashToken, mintToken } from '../../../packages/holdfast/src/token.ts';
import type { openNodeRedis } from './clients.ts';
import type { Filled } from './server.ts';

/** How a store takes many. */
export interface Many {
  readonly store: SessionStore;
  insert(template: SessionRecord, records: readonly SessionRecord[]): Promise<void>;
  /** That the store takes. */
  bytes(): number | Promise<number>;
  /** What a database does some time after so much was written, done now, so that it falls into no measurement. */
  settle?(): unknown;
}

export interface Template {
  readonly id: string;
  /** The Cookie header, in which the token is replaced. */
  readonly cookie: string;
}

const BATCH = 20_000;

export async function fillWith(many: Many, { id, cookie }: Template, count: number): Promise<Filled> {
  const template = await many.store.read(id);
  if (!template) throw new Error('the session that the others are to be like is not there');
  const name = cookie.slice(0, cookie.indexOf('=') + 1);
  const cookies: string[] = [];
  const before = await many.bytes();
  for (let from = 0; from < count; from += BATCH) {
    const records: SessionRecord[] = [];
    for (let i = from; i < Math.min(count, from + BATCH); i++) {
      const token = mintToken(systemRandom);
      cookies.push(name + formatToken(token));
      const hashes = await hashToken(token);
      const userId = `user-${i}`;
      const own = {
        id: token.id,
        ...hashes,
        // No two are alike, which is all that a seed has to be here.
        csrfSeed: hashes.secretHash,
        userId,
        indexes: [`user:${userId}`],
      };
      records.push({ ...template, ...own });
    }
    await many.insert(template, records);
  }
  const bytesEach = ((await many.bytes()) - before) / count;
  await many.settle?.();
  return { cookies, bytesEach };
}

async function oneByOne(store: SessionStore, records: readonly SessionRecord[]): Promise<void> {
  for (const record of records) {
    for (const index of record.indexes) await store.admit(index, record.id, record.createdAt);
    await store.insert(record);
  }
}

export const intoMemory = (store: SessionStore): Many => ({
  store,
  // Through text, so that no two records share a string that two sign-ins would not share.
  insert: (_template, records) =>
    oneByOne(
      store,
      records.map((record) => decodeRecord(encodeRecord(record))),
    ),
  bytes() {
    (globalThis as { gc?: () => void }).gc?.();
    return process.memoryUsage().heapUsed;
  },
});

export function intoSqlite(store: SessionStore, database: DatabaseSync, file: string): Many {
  const session = database.prepare('INSERT INTO holdfast_sessions (id, record, forget_at) VALUES (?, ?, ?)');
  const member = database.prepare(
    'INSERT INTO holdfast_index_members (name, session_id, admitted_at) VALUES (?, ?, ?)',
  );
  // One transaction whose pages stay in memory, or each batch would read and write most pages anew.
  const cacheSize = (kilobytes: number): void => database.exec(`PRAGMA cache_size = -${kilobytes}`);
  let isOpen = false;
  return {
    store,
    async insert(_template, records) {
      if (!isOpen) {
        cacheSize(3_000_000);
        database.exec('BEGIN IMMEDIATE');
        isOpen = true;
      }
      for (const record of records) {
        session.run(record.id, encodeRecord(record), forgetAt(record));
        for (const index of record.indexes) member.run(index, record.id, record.createdAt);
      }
    },
    bytes() {
      if (isOpen) database.exec('COMMIT');
      isOpen = false;
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return statSync(file).size;
    },
    // SQLite's own default.
    settle: () => cacheSize(2_000),
  };
}

/** Of each session: its key, its text, the key of its index, and what stands there. */
const COPY = `
local fields = tonumber(ARGV[3])
for i = 4, #ARGV, 3 + fields do
  redis.call('SET', ARGV[i], ARGV[i + 1], 'PX', ARGV[1])
  redis.call('HSET', ARGV[i + 2], unpack(ARGV, i + 3, i + 2 + fields))
  redis.call('PEXPIRE', ARGV[i + 2], ARGV[2])
end`;

/** Whatever the layout is: the text of the template's keys, with what is each one's own in place of the template's. */
export function intoRedis(store: SessionStore, client: Awaited<ReturnType<typeof openNodeRedis>>): Many {
  /** Asked once: among many it would take long. */
  let keys: string[] | undefined;
  return {
    store,
    async insert(template, records) {
      keys ??= await client.keys('*');
      const key = keys.find((one) => one.includes(template.id)) ?? '';
      const index = keys.find((one) => one.endsWith(template.indexes[0] ?? '?')) ?? '';
      const text = String(await client.get(key));
      const members = Object.entries(await client.hGetAll(index)).flat();
      const about = [await client.pTTL(key), await client.pTTL(index), members.length].map(String);
      for (let from = 0; from < records.length; from += 500) {
        const args = records.slice(from, from + 500).flatMap((record) => {
          const own = ownOf(record);
          const withOwn = (what: string): string =>
            ownOf(template).reduce((all, value, i) => all.replaceAll(value, own[i] ?? ''), what);
          return [withOwn(key), withOwn(text), withOwn(index), ...members.map(withOwn)];
        });
        await client.eval(COPY, { arguments: [...about, ...args] });
      }
    },
    bytes: async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
  };
}

/** What differs between two, in this order. */
const OWN = ['id', 'lineage_hash', 'secret_hash', 'csrf_seed', 'user_id'] as const;
const ownOf = ({ id, lineageHash, secretHash, csrfSeed, userId }: SessionRecord): string[] => [
  id,
  lineageHash,
  secretHash,
  csrfSeed,
  userId ?? '',
];

/** Each column, from the template's row `t` or from what is each one's own. */
const columnsWith = (indexes: string): string =>
  COLUMNS.map((name) => {
    if (name === 'indexes') return indexes;
    return OWN.some((own) => own === name) ? `own.${name}` : `t.${name}`;
  }).join(', ');

export function intoPostgres(store: SessionStore, pool: Pool): Many {
  const columns = columnsWith("jsonb_build_array('user:' || own.user_id)");
  const sessions = `INSERT INTO holdfast_sessions (${COLUMNS.join(', ')}) SELECT ${columns}
    FROM holdfast_sessions AS t, unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS own (${OWN.join(', ')})
    WHERE t.id = $1`;
  const members = `INSERT INTO holdfast_index_members (admitted_at, name, session_id)
    SELECT $1, 'user:' || own.user_id, own.id FROM unnest($2::text[], $3::text[]) AS own (id, user_id)`;
  return {
    store,
    async insert(template, records) {
      const rows = records.map(ownOf);
      const lists = OWN.map((_, i) => rows.map((row) => row[i]));
      await pool.query(sessions, [template.id, ...lists]);
      await pool.query(members, [template.createdAt, lists[0], lists[4]]);
    },
    async bytes() {
      const size =
        "SELECT pg_total_relation_size('holdfast_sessions') + pg_total_relation_size('holdfast_index_members') AS size";
      return Number((await pool.query(size)).rows[0].size);
    },
    async settle() {
      await pool.query('VACUUM ANALYZE holdfast_sessions');
      await pool.query('VACUUM ANALYZE holdfast_index_members');
      await pool.query('CHECKPOINT');
    },
  };
}

export function intoMysql(store: SessionStore, pool: MysqlPool): Many {
  const own = `JSON_TABLE(?, '$[*]' COLUMNS (${OWN.map((name, i) => `${name} VARCHAR(64) PATH '$[${i}]'`).join(', ')})) AS own`;
  const columns = columnsWith("JSON_ARRAY(CONCAT('user:', own.user_id))");
  const sessions = `INSERT INTO holdfast_sessions (${COLUMNS.join(', ')}) SELECT ${columns} FROM holdfast_sessions AS t JOIN ${own} WHERE t.id = ?`;
  const members = `INSERT INTO holdfast_index_members (name, session_id, admitted_at) SELECT CONCAT('user:', own.user_id), own.id, ? FROM ${own}`;
  const tables = "('holdfast_sessions', 'holdfast_index_members')";
  const analyze = (): unknown => pool.query('ANALYZE TABLE holdfast_sessions, holdfast_index_members');
  return {
    store,
    async insert(template, records) {
      const json = JSON.stringify(records.map(ownOf));
      await pool.query(sessions, [json, template.id]);
      await pool.query(members, [template.createdAt, json]);
    },
    async bytes() {
      await analyze();
      const size = `SELECT SUM(data_length + index_length) AS size FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ${tables}`;
      const [rows] = await pool.query(size);
      return Number((rows as { size: string }[])[0]?.size);
    },
  };
}
