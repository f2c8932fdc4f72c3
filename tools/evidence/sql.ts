// `npm run evidence`, SQL: outages under load, and what sessions take and cost; writes docs/evidence/sql.md. Everything is
// started here. `node tools/evidence/sql.ts 1000 100000` measures with so many sessions instead: the first is the number that
// the size is taken at. Seeds are fixed, times are the machine's.
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { sessionRecord } from '../../bench/src/session-record.ts';
import { migrate, postgresStore } from '../../packages/holdfast/src/stores/postgres/index.ts';
import { goThrough, type Unavailable } from '../../packages/holdfast/test/failover/outage.ts';
import { sqlScene } from '../../packages/holdfast/test/failover/sql-scenes.ts';
import { startPostgres } from '../../packages/holdfast/test/support/postgres/server.ts';
import { databases } from '../../packages/holdfast/test/support/sql/drivers.ts';
import { mariadbServer } from '../lib/mariadb.ts';
import { findProgram } from '../lib/program.ts';
import { workspace } from '../lib/workspace.ts';

const OUTAGE = { browsers: 50, think: 150, seed: 42, calm: 3_000 };
const LASTS = 3_000;
const IN_FLIGHT = 40;
const CALLS = 4_000;
const BATCH = 100;
const asked = process.argv.slice(2).map(Number);
const [sizeAt = 100_000, ...counts] = asked.length > 0 ? asked : [100_000, 1_000, 100_000, 1_000_000];

process.env[mariadbServer.variable] = await findProgram(mariadbServer);

const seconds = (ms: number | undefined): string => (ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`);
const spanOf = ({ count, first, last }: Unavailable): string =>
  count === 0 ? 'none' : `${seconds(first)} to ${seconds(last)}`;
const faults = [
  ['kill', 'killed with `kill -9`, started again after 3 s'],
  ['cut', 'network cut for 3 s'],
  ['hang', 'network silent for 3 s'],
] as const;

const server = await startPostgres();
const pool = new pg.Pool({ connectionString: server.url, max: 10 });
pool.on('error', () => undefined);
const version = String((await server.query('SHOW server_version'))[0]?.['server_version']);

async function inFlight(from: number, to: number, run: (i: number) => Promise<unknown>): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) await run(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

/** Bytes of a table, and of its indexes. */
async function bytesOf(table: string): Promise<readonly [table: number, indexes: number]> {
  const [row] = await server.query(
    `SELECT pg_table_size('${table}')::float8 AS heap, pg_indexes_size('${table}')::float8 AS indexes`,
  );
  return [Number(row?.['heap']), Number(row?.['indexes'])];
}

await migrate(pool);
const store = postgresStore(pool);
const ids: string[] = [];
async function signIn(i: number): Promise<void> {
  const record = sessionRecord(i);
  ids.push(record.id);
  await store.admit(record.indexes[0] ?? '', record.id, record.createdAt);
  await store.insert(record);
}

const peerTable =
  (await server
    .query(`CREATE TABLE session (
  sid varchar NOT NULL COLLATE "default" PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL
)`)
    .then(() => server.query('CREATE INDEX idx_session_expire ON session (expire)'))) && 'session';
/** What connect-pg-simple 10 sends, by its source: `set` writes the row, `touch` its expiry, which an index has. */
const expiresAt = (n: number): number => 1_795_000_000 + 28_800 + n;
async function theirSet(i: number): Promise<void> {
  const { userId, client: device, data } = sessionRecord(i);
  const values = Object.fromEntries([...data].map(([key, { value }]) => [key, JSON.parse(value)]));
  const cookie = {
    originalMaxAge: 28_800_000,
    expires: '2026-11-22T00:00:00.000Z',
    secure: true,
    httpOnly: true,
    path: '/',
    sameSite: 'lax',
  };
  await pool.query({
    name: 'set',
    text: 'INSERT INTO session (sess, expire, sid) SELECT $1, to_timestamp($2), $3 ON CONFLICT (sid) DO UPDATE SET sess=$1, expire=to_timestamp($2) RETURNING sid',
    values: [{ cookie, userId, ...device, ...values }, expiresAt(0), `${i}`.padEnd(32, 'x')],
  });
}
const theirTouch = (i: number, n: number): Promise<unknown> =>
  pool.query({
    name: 'touch',
    text: 'UPDATE session SET expire = to_timestamp($1) WHERE sid = $2 RETURNING sid',
    values: [expiresAt(n), `${i}`.padEnd(32, 'x')],
  });

await inFlight(0, sizeAt, signIn);
await inFlight(0, sizeAt, theirSet);
const seenFrom = sessionRecord(0).lastSeenAt;
const sizeRows: string[] = [];
let touches = 0;
for (const until of [0, 4, 20]) {
  for (; touches < until; touches++) {
    const at = seenFrom + (touches + 1) * 60_000;
    await inFlight(0, sizeAt, (i) => store.apply(ids[i] ?? '', { epoch: 1, at, touch: at }));
    await inFlight(0, sizeAt, (i) => theirTouch(i, touches + 1));
  }
  const each = async (table: string): Promise<string> => {
    const [heap, indexes] = await bytesOf(table);
    return `${Math.round(heap / sizeAt)} | ${Math.round(indexes / sizeAt)}`;
  };
  const hot = await hotShare('holdfast_sessions');
  const theirs = await hotShare(peerTable);
  sizeRows.push(
    `| ${until} | ${await each('holdfast_sessions')} | ${hot} | ${await each(peerTable)} | ${theirs} |`,
  );
  console.log(sizeRows.at(-1));
}
const [members, memberIndexes] = await bytesOf('holdfast_index_members');

async function hotShare(table: string): Promise<string> {
  // Each connection tells of its own, once a second.
  await new Promise((told) => setTimeout(told, 1_100));
  await inFlight(0, 40, () => pool.query('SELECT pg_stat_force_next_flush()'));
  const [row] = await server.query(
    `SELECT n_tup_upd::float8 AS all, n_tup_hot_upd::float8 AS hot FROM pg_stat_user_tables WHERE relname = '${table}'`,
  );
  const [all, hot] = [Number(row?.['all']), Number(row?.['hot'])];
  return all === 0 ? '' : `${((100 * hot) / all).toFixed(1)} %`;
}

await server.query('TRUNCATE holdfast_sessions, holdfast_index_members, session');
ids.length = 0;

/** Microseconds of one call after another. */
async function cost(run: (i: number) => Promise<unknown>): Promise<string> {
  const start = performance.now();
  for (let i = 0; i < CALLS; i++) await run(i);
  return (((performance.now() - start) * 1_000) / CALLS).toFixed(0);
}

/** Rows are copied on the server: who signs in is measured above. */
const costRows: string[] = [];
let filled = 0;
let touchedAt = seenFrom;
for (const count of counts) {
  if (filled === 0) await inFlight(0, Math.min(count, 1_000), signIn);
  filled = Math.max(filled, ids.length);
  await server.query(
    `INSERT INTO holdfast_sessions SELECT (jsonb_populate_record(s, jsonb_build_object('id', left(md5(n::text), 22)))).*
     FROM holdfast_sessions AS s, generate_series($1::int, $2::int) AS n WHERE s.id = $3`,
    [filled + 1, count, ids[0]],
  );
  filled = count;
  await server.query('VACUUM ANALYZE holdfast_sessions');
  const sample = await server.query(`SELECT id FROM holdfast_sessions ORDER BY random() LIMIT ${CALLS}`);
  const idAt = (i: number): string => String(sample[i % sample.length]?.['id']);
  const read = await cost((i) => store.read(idAt(i)));
  const touch = await cost((i) => store.apply(idAt(i), { epoch: 1, at: ++touchedAt, touch: touchedAt }));
  const list = await cost((i) => store.listBy(`user:user-${i % 1_000}`));
  costRows.push(`| ${count.toLocaleString('en')} | ${read} | ${touch} | ${list} |`);
  console.log(costRows.at(-1));
}

/** Requests while nothing else happens, and while everything that is over is pruned, one batch after another. */
async function latencies(isOver: () => boolean): Promise<readonly number[]> {
  const times: number[] = [];
  const [id = ''] = ids;
  while (!isOver()) {
    const start = performance.now();
    await store.read(id);
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b);
}
const percentile = (times: readonly number[], share: number): number =>
  times[Math.floor(times.length * share)] ?? 0;
const calmUntil = performance.now() + 3_000;
const calm = await latencies(() => performance.now() > calmUntil);
await server.query(`UPDATE holdfast_sessions SET forget_at = 0 WHERE NOT id = ANY($1::text[])`, [ids]);
let pruned = 0;
let isPruned = false;
const pruneStart = performance.now();
const pruning = (async () => {
  for (let count = BATCH; count === BATCH; pruned += count) count = await store.prune(1, BATCH);
  isPruned = true;
})();
const busy = await latencies(() => isPruned);
await pruning;
const pruneTook = performance.now() - pruneStart;
await pool.end();
await server.stop();
const outageRows: string[] = [];
for (const database of databases) {
  for (const driver of database.drivers) {
    for (const [how, name] of faults) {
      const { apps, fault, stop } = await sqlScene({ database, driver, how, lasts: LASTS });
      const report = await goThrough({ port: apps[0]?.port ?? 0, ...OUTAGE, ...fault }).finally(stop);
      const { unavailable, signedOut, longest, acknowledged, lost } = report;
      if (signedOut.length > 0) throw new Error(`${driver.name}: signed out: ${signedOut.join('; ')}`);
      const all = acknowledged.writes + acknowledged.signIns + acknowledged.ends;
      outageRows.push(
        `| ${database.name} | ${driver.name} | ${name} | ${spanOf(unavailable.all)} | ${unavailable.all.count} | ${signedOut.length} | ${seconds(longest)} | ${lost.writes + lost.signIns + lost.ends} of ${all} |`,
      );
      console.log(outageRows.at(-1));
    }
  }
}

const ms = (value: number): string => `${value.toFixed(2)} ms`;
const row = (name: string, times: readonly number[]): string =>
  `| ${name} | ${ms(percentile(times, 0.5))} | ${ms(percentile(times, 0.99))} |`;

await writeFile(
  join(workspace, 'docs/evidence/sql.md'),
  `# PostgreSQL and MariaDB, when something fails, and what sessions cost there

Written by

\`\`\`sh
node tools/evidence/sql.ts${asked.length > 0 ? ` ${asked.join(' ')}` : ''}
\`\`\`

on ${cpus().length} cores that had other work too (load ${(loadavg()[0] ?? 0).toFixed(1)} at the end), PostgreSQL ${version}, Node ${process.version}, all on loopback.

## Outages under load

${OUTAGE.browsers} browsers sign in, read (60 %), write (32 %) and sign out (8 %), on a small real application
([app.ts](../../packages/holdfast/test/failover/app.ts), all options at their defaults). The servers wait for their disk at each commit (\`fsync\`, \`synchronous_commit\`, \`innodb_flush_log_at_trx_commit = 1\`).
Short forms: \`npx vitest run packages/holdfast/test/failover/sql-failover.test.ts\`.

| database | client | what fails | 503, after the fault | how many | answered as signed out | longest request | acknowledged changes lost |
|---|---|---|---|---|---|---|---|
${outageRows.join('\n')}

*Answered as signed out*: a page that takes a browser for nobody though its session is in the store. *Lost*: a later page, or the cookie of a session that had ended, shows that a write, a sign-in or an end that was answered is
not there. Single faults (deadlocks, a standby, files that may not grow, connections reset in the middle of a reply) are tests: \`postgres-faults.test.ts\`, \`sql-faults.test.ts\`.

## Size, PostgreSQL

Bytes a session, over ${sizeAt.toLocaleString('en')} of as many users with 100 bytes of data and the same client, each touched so often, with autovacuum as it comes. Beside it the table and the statements of connect-pg-simple, whose
\`touch\` writes a column that an index has.

| touches | Holdfast: table | its indexes | heap-only | connect-pg-simple: table | its indexes | heap-only |
|---|---|---|---|---|---|---|
${sizeRows.join('\n')}

The entry in the user's index is ${Math.round((members + memberIndexes) / sizeAt)} bytes more. connect-pg-simple has no such list, no hashes, no second secret and no limits of its own.

## Cost among many, PostgreSQL

One call after another on one connection's round trips, in microseconds; the sessions are chosen at random.

| sessions | read | touch | list of a user |
|---|---|---|---|
${costRows.join('\n')}

How many statements each call takes is counted by the servers in \`sql-statements.test.ts\`: one to read, one to change.

## Pruning

${pruned.toLocaleString('en')} sessions that are over, ${BATCH} at a time without a pause, took ${seconds(pruneTook)}; a request takes one such batch every five minutes. Meanwhile another caller read a session, again and again:

| | median | 99th percentile |
|---|---|---|
${row('nothing else', calm)}
${row('while everything is pruned', busy)}

So pruning makes a read ${(percentile(busy, 0.5) / percentile(calm, 0.5)).toFixed(1)} times as long at the median.
`,
);
process.exit();
