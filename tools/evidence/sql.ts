// `npm run evidence`, SQL: outages under load, and what sessions take and cost; writes docs/evidence/sql.md. Everything is
// started here. `node tools/evidence/sql.ts 3000 1000 100000` measures with so many sessions instead: the first is the number
// that sizes are taken at. Seeds are fixed, times are the machine's.
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { goThrough, type Unavailable } from '../../packages/holdfast/test/failover/outage.ts';
import { sqlScene } from '../../packages/holdfast/test/failover/sql-scenes.ts';
import { databases } from '../../packages/holdfast/test/support/sql/drivers.ts';
import { mariadbServer } from '../lib/mariadb.ts';
import { findProgram } from '../lib/program.ts';
import { workspace } from '../lib/workspace.ts';
import { startMariadbPlace } from './sql/mariadb.ts';
import { BATCH, type Cost, costsAmong, percentile, pruneAmong } from './sql/measure.ts';
import { memoryEach } from './sql/memory.ts';
import { type Place, SEEN_AT, SESSIONS_EACH, type Sizes } from './sql/place.ts';
import { startPostgresPlace } from './sql/postgres.ts';
import { statementRows } from './sql/requests.ts';
import { startSqlitePlace } from './sql/sqlite.ts';

const OUTAGE = { browsers: 50, think: 150, seed: 42, calm: 3_000 };
const LASTS = 3_000;
const asked = process.argv.slice(2).map(Number);
const [sizeAt = 100_000, ...counts] = asked.length > 0 ? asked : [100_000, 1_000, 100_000, 1_000_000];
const most = counts.at(-1) ?? 0;

process.env[mariadbServer.variable] = await findProgram(mariadbServer);

const seconds = (ms: number | undefined): string => (ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`);
const ms = (value: number): string => value.toFixed(2);
const number = (value: number): string => value.toLocaleString('en');
const spanOf = ({ count, first, last }: Unavailable): string =>
  count === 0 ? 'none' : `${seconds(first)} to ${seconds(last)}`;
const startedAt = performance.now();
function say(row: string): string {
  console.log(`${seconds(performance.now() - startedAt)}: ${row}`);
  return row;
}

const versions: string[] = [];
async function within<P extends Place>(
  start: () => Promise<P>,
  use: (place: P) => Promise<void>,
): Promise<void> {
  const place = await start();
  const version = `${place.name} ${place.version}`;
  if (!versions.includes(version)) versions.push(version);
  try {
    await use(place);
  } finally {
    await place.stop();
  }
}

/** Bytes a session. */
const each = (bytes: number): number => Math.round(bytes / sizeAt);
const touchesAt = (pass: number): number => SEEN_AT + pass * 60_000;

const statements = (await statementRows()).map(say);

const touchedRows: string[] = [];
async function touched(place: Awaited<ReturnType<typeof startPostgresPlace>>, isVacuumed: boolean) {
  const { peer } = place;
  await place.fill(0, sizeAt);
  await peer.fill(sizeAt);
  await place.settle();
  // With vacuum, nothing more comes after that.
  for (let pass = 0; pass <= (isVacuumed ? 4 : 20); pass++) {
    if (pass > 0) {
      await place.touchAll(touchesAt(pass));
      await peer.touchAll(pass);
      if (isVacuumed) await place.settle();
    }
    if (![0, 4, 20].includes(pass) || (pass === 0 && isVacuumed)) continue;
    const hot = (share: number): string => (pass === 0 ? '' : `${share.toFixed(1)} %`);
    const cells = ({ sessions, indexes }: Sizes): string => `${each(sessions)} | ${each(indexes)}`;
    touchedRows.push(
      say(
        `| ${pass} | ${pass === 0 ? '' : isVacuumed ? 'after every touch' : 'not yet'} | ${cells(await place.sizes())} | ${hot(await place.hot())} | ${cells(await peer.sizes())} | ${hot(await peer.hot())} |`,
      ),
    );
  }
}
await within(startPostgresPlace, (place) => touched(place, false));
await within(startPostgresPlace, (place) => touched(place, true));

const sizeRows: string[] = [];
for (const start of [startPostgresPlace, startMariadbPlace, startSqlitePlace]) {
  await within<Place>(start, async (place) => {
    await place.fill(0, sizeAt);
    await place.settle();
    const { sessions, indexes, members } = await place.sizes();
    for (let pass = 1; pass <= 4; pass++) await place.touchAll(touchesAt(pass));
    const after = await place.sizes();
    sizeRows.push(
      say(
        `| ${place.name} | ${each(sessions)} | ${each(indexes)} | ${each(members)} | ${each(sessions + indexes + members)} | ${each(after.sessions + after.indexes + after.members)} |`,
      ),
    );
  });
}
const inMemory = Math.round(await memoryEach(sizeAt));
sizeRows.push(say(`| memory | | | | ${inMemory} | |`));

const costRows: string[] = [];
const pruneRows: string[] = [];
const factors: string[] = [];
for (const start of [startPostgresPlace, startMariadbPlace, startSqlitePlace]) {
  await within<Place>(start, async (place) => {
    let filled = 0;
    for (const count of counts) {
      await place.fill(filled, count);
      filled = count;
      await place.settle();
      const { read, touch, list } = await costsAmong(place, count);
      const cells = ({ cpu, clock, pages }: Cost): string =>
        `${cpu.toFixed(0)} | ${clock.toFixed(0)} | ${pages === undefined ? '' : pages.toFixed(1)}`;
      costRows.push(
        say(`| ${place.name} | ${number(count)} | ${cells(read)} | ${cells(touch)} | ${cells(list)} |`),
      );
    }
    await place.unattended?.();
    const { count, took, batches, calm, busy } = await pruneAmong(place, most);
    const factor = (kind: 'read' | 'touch', share: number): string =>
      (percentile(busy[kind], share) / percentile(calm[kind], share)).toFixed(1);
    for (const kind of ['read', 'touch'] as const) {
      const [before, during] = [calm[kind], busy[kind]];
      pruneRows.push(
        say(
          `| ${place.name} | ${number(count)} in ${seconds(took)} | ${ms(percentile(batches, 0.5))} | ${ms(percentile(batches, 0.99))} | ${kind} | ${ms(percentile(before, 0.5))} | ${ms(percentile(during, 0.5))} | ${ms(percentile(before, 0.99))} | ${ms(percentile(during, 0.99))} |`,
        ),
      );
    }
    factors.push(
      `${place.name}: a read ${factor('read', 0.5)} times as long at the median and ${factor('read', 0.99)} times at the 99th percentile, a touch ${factor('touch', 0.5)} and ${factor('touch', 0.99)} times.`,
    );
  });
}

const faults = [
  ['kill', 'killed with `kill -9`, started again after 3 s'],
  ['cut', 'network cut for 3 s'],
  ['hang', 'network silent for 3 s'],
] as const;
const outageRows: string[] = [];
for (const database of databases) {
  for (const driver of database.drivers) {
    for (const [how, name] of faults) {
      const { apps, fault, stop } = await sqlScene({ database, driver, how, lasts: LASTS });
      const report = await goThrough({ port: apps[0]?.port ?? 0, ...OUTAGE, ...fault }).finally(stop);
      const { unavailable, signedOut, longest, acknowledged, lost } = report;
      if (signedOut.length > 0) throw new Error(`${driver.name}: signed out: ${signedOut.join('; ')}`);
      const all = acknowledged.writes + acknowledged.signIns + acknowledged.ends;
      const client = driver.name.replace(/.*, /, '');
      outageRows.push(
        say(
          `| ${database.name} | ${client} | ${name} | ${spanOf(unavailable.all)} | ${unavailable.all.count} | ${signedOut.length} | ${seconds(longest)} | ${lost.writes + lost.signIns + lost.ends} of ${all} |`,
        ),
      );
    }
  }
}

await writeFile(
  join(workspace, 'docs/evidence/sql.md'),
  `# SQL databases: when something fails, and what sessions cost

Written by

\`\`\`sh
node tools/evidence/sql.ts${asked.length > 0 ? ` ${asked.join(' ')}` : ''}
\`\`\`

in ${Math.round((performance.now() - startedAt) / 6_000) / 10} minutes, on ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}; load ${(loadavg()[0] ?? 0).toFixed(1)} at the end), ${versions.join(', ')}, Node ${process.version}, everything on loopback.
Bytes, pages and statements are counted, and come out the same elsewhere; times are this machine's: compare lines with each other.

## Outages under load

${OUTAGE.browsers} browsers sign in, read (60 %), write (32 %) and sign out (8 %), on a small real application
([app.ts](../../packages/holdfast/test/failover/app.ts), all options at their defaults). These servers wait for their disk at each commit (\`fsync\`, \`synchronous_commit\`, \`innodb_flush_log_at_trx_commit = 1\`).
Short forms: \`npx vitest run packages/holdfast/test/failover/sql-failover.test.ts\`.

| database | client | what fails | 503, after the fault | how many | answered as signed out | longest request | acknowledged changes lost |
|---|---|---|---|---|---|---|---|
${outageRows.join('\n')}

*Answered as signed out*: a page that takes a browser for nobody though its session is in the store. *Lost*: a later page, or the cookie of a session that had ended, shows that a write, a sign-in or an end that was answered is
not there. Single faults (deadlocks, a standby, files that may not grow, connections reset in the middle of a reply) are tests:
[postgres-faults](../../packages/holdfast/test/stores/postgres-faults.test.ts), [sql-faults](../../packages/holdfast/test/stores/sql-faults.test.ts).

## Statements

Of 1,000 requests of each kind, in as many sessions, counted by the servers: the log of PostgreSQL (\`log_statement = all\`), \`Com_stmt_execute\` of MariaDB.

| 1,000 times, a request that | PostgreSQL | MariaDB |
|---|---|---|
${statements.join('\n')}

Each call of the store: [sql-statements.test.ts](../../packages/holdfast/test/stores/sql-statements.test.ts).

## Size

Bytes a session, of ${number(sizeAt)}, ${SESSIONS_EACH} a user. Each is signed in, with the hashes of its secrets, one authentication, an address, a User-Agent of 111 characters and 100 bytes of data in two keys. Pages count as a whole, however full; in memory, it is the heap.

| | table | its index by deadline, and by id where that is one of its own | entry in the user's index | together | after 4 touches each |
|---|---|---|---|---|---|
${sizeRows.join('\n')}

### Touched again and again, in PostgreSQL

Bytes a session. Beside it the table and the statements of connect-pg-simple, whose \`touch\` writes a column that an index has; it has no list of a user's sessions, no hashes, no second secret and no limits of its own. Every session is touched once,
in random order and 200 a transaction, then every one again. *Vacuum*: \`not yet\` is what a burst of traffic leaves until autovacuum comes; \`after every touch\` is as often as it comes by default, where each session is touched once a minute. *Heap-only*: by the
server's own count, touches that wrote to no index.

| touches each | vacuum | Holdfast: table | its indexes | heap-only | connect-pg-simple: table | its indexes | heap-only |
|---|---|---|---|---|---|---|---|
${touchedRows.join('\n')}

## Cost among many

One call after another on one connection, each on another session, all over the table; the median of 5 rounds of 1,000. Microseconds of the server's CPU (with SQLite, of the process), microseconds by the clock, and pages of tables and indexes that the server
looked at, by its own count. The servers have 2 GB of cache, and wait for no disk.

| | sessions | read: CPU | clock | pages | touch: CPU | clock | pages | list one user's ${SESSIONS_EACH}: CPU | clock | pages |
|---|---|---|---|---|---|---|---|---|---|---|
${costRows.join('\n')}

A request that reads is one \`read\`. With more sessions come more levels of the indexes, one page each.

## Pruning

All sessions but 1,000 are over, and are pruned by ${BATCH}, as one request takes with it every now and then, but one batch after another without a pause; no server waits for its disk, so that it never rests. Meanwhile another connection reads and touches the
sessions that stay, one after another. Milliseconds.

| | pruned | a batch: median | 99th percentile | meanwhile | median before | while pruning | 99th percentile before | while pruning |
|---|---|---|---|---|---|---|---|---|
${pruneRows.join('\n')}

${factors.map((line) => `- ${line}`).join('\n')}

SQLite works within the process: nothing else runs there during a batch, and a request that comes in waits for the end of it.
`,
);
say(`docs/evidence/sql.md is written`);
process.exit();
