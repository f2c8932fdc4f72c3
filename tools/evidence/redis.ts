// `npm run evidence`, Redis: outages under load, several processes on one Redis, and what a failover forgets; writes
// docs/evidence/redis.md. Everything is started here and takes some minutes; seeds are fixed, times are the machine's.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { type FleetReport, runFleet } from '../../packages/holdfast/test/failover/fleet.ts';
import { type Forgotten, forgottenByFailover } from '../../packages/holdfast/test/failover/forgotten.ts';
import {
  goThrough,
  type OutageReport,
  type Unavailable,
} from '../../packages/holdfast/test/failover/outage.ts';
import {
  type ClientName,
  clusterScene,
  networkScene,
  type Scene,
  sentinelScene,
  standaloneScene,
} from '../../packages/holdfast/test/failover/scenes.ts';
import { startRedis } from '../../packages/holdfast/test/support/redis/server.ts';
import { redisServer } from '../lib/redis.ts';
import { findProgram } from '../lib/program.ts';
import { workspace } from '../lib/workspace.ts';

const COMMAND = 'node tools/evidence/redis.ts';
const SEED = 42;
const OUTAGE = { browsers: 50, think: 150, seed: SEED, calm: 3_000 };
const CUT_FOR = 3_000;
const LAG = 300;
const FLEET = { browsers: 200, lasts: 30_000, think: 800, seed: SEED };

process.env[redisServer.variable] = await findProgram(redisServer);

const clients: readonly ClientName[] = ['node-redis', 'ioredis'];

async function outageOf(name: string, starting: Promise<Scene>): Promise<OutageReport> {
  const { apps, fault, stop } = await starting;
  try {
    const report = await goThrough({ port: apps[0]?.port ?? 0, ...OUTAGE, ...fault });
    console.log(name, JSON.stringify(report));
    if (report.signedOut.length > 0) throw new Error(`${name}: signed out: ${report.signedOut.join('; ')}`);
    return report;
  } finally {
    await stop();
  }
}

async function fleetOf(name: string, starting: Promise<Omit<Scene, 'fault'>>): Promise<FleetReport> {
  const { apps, stop } = await starting;
  try {
    const report = await runFleet({ apps, ...FLEET });
    console.log(name, JSON.stringify(report));
    const wrong = [...report.signedOut, ...report.revived, ...report.listedWrongly];
    if (wrong.length > 0) throw new Error(`${name}: ${wrong.join('; ')}`);
    return report;
  } finally {
    await stop();
  }
}

const seconds = (ms: number | undefined): string => (ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`);

function spanOf({ count, first, last }: Unavailable): string {
  return count === 0 ? 'none' : `${seconds(first)} to ${seconds(last)}`;
}

/** What can fail, and how each scene is started. */
const outages: readonly [name: string, start: (client: ClientName) => Promise<Scene>][] = [
  ['network cut for 3 s', (client) => networkScene({ client, how: 'cut', lasts: CUT_FOR })],
  ['network silent for 3 s', (client) => networkScene({ client, how: 'hang', lasts: CUT_FOR })],
  ['Sentinel: primary killed', (client) => sentinelScene({ client })],
  ['Cluster: one of three primaries killed', (client) => clusterScene({ client })],
  ['the same with `breaker: false`', (client) => clusterScene({ client, breaker: false })],
];

const lagging: readonly [name: string, start: (client: ClientName, replicas?: number) => Promise<Scene>][] = [
  ['Sentinel', (client, replicas) => sentinelScene({ client, lag: LAG, comesBack: true, ...wait(replicas) })],
  ['Cluster', (client, replicas) => clusterScene({ client, lag: LAG, comesBack: true, ...wait(replicas) })],
];

function wait(replicas: number | undefined): { readonly replicas?: number } {
  return replicas === undefined ? {} : { replicas };
}

const outageRows: string[] = [];
for (const [name, start] of outages) {
  for (const client of clients) {
    const report = await outageOf(`${name}, ${client}`, start(client));
    const { unavailable, servedMeanwhile, signedOut, longest, acknowledged, lost } = report;
    const all = acknowledged.writes + acknowledged.signIns + acknowledged.ends;
    outageRows.push(
      `| ${name} | ${client} | ${spanOf(unavailable.all)} | ${unavailable.all.count} | ${servedMeanwhile} | ${signedOut.length} | ${seconds(longest)} | ${lost.writes + lost.signIns + lost.ends} of ${all} |`,
    );
  }
}

const lossRows: string[] = [];
for (const [name, start] of lagging) {
  for (const client of clients) {
    for (const replicas of [undefined, 1]) {
      const how = replicas === undefined ? 'no' : 'yes';
      const report = await outageOf(`${name}, lagging, ${client}, ${how}`, start(client, replicas));
      const { unavailable, acknowledged, lost, signedOut } = report;
      const of = (kind: 'writes' | 'signIns' | 'ends'): string => `${lost[kind]} of ${acknowledged[kind]}`;
      lossRows.push(
        `| ${name} | ${client} | ${how} | ${of('writes')} | ${of('signIns')} | ${of('ends')} | ${signedOut.length} | ${spanOf(unavailable.pages)} | ${spanOf(unavailable.privileges)} |`,
      );
    }
  }
}

const without: Forgotten = await forgottenByFailover('node-redis');
const waiting: Forgotten = await forgottenByFailover('node-redis', 1);
console.log(JSON.stringify({ without, waiting }));
const steps: readonly [keyof Forgotten, string][] = [
  ['signOut', 'signs out'],
  ['signOutAgain', 'signs out again, after that answer'],
  ['signIn', 'signs in'],
  ['write', 'writes a value'],
  ['renewal', 'is given a renewed secret'],
];
const stepRows = steps.map(
  ([key, says]) =>
    `| ${says} | ${without[key].answered} | ${without[key].afterwards} | ${waiting[key].answered} | ${waiting[key].afterwards} |`,
);

const fleet = { processes: 4, renewAfter: '1s' } as const;
const alone = await fleetOf('standalone', standaloneScene({ client: 'node-redis', ...fleet }));
const cluster = await fleetOf('cluster', clusterScene({ client: 'ioredis', ...fleet }));
const counts: readonly [string, (report: FleetReport) => number][] = [
  ['requests', (report) => report.requests],
  ['… served as signed in', (report) => report.authenticated],
  ['… refused, since the session had ended', (report) => report.refused],
  ['… that broke off with the process', (report) => report.statuses[0] ?? 0],
  ['… answered with 503', (report) => report.statuses[503] ?? 0],
  ['sign-ins', (report) => report.signIns],
  ['sign-outs', (report) => report.signOuts],
  ['sessions ended from another browser', (report) => report.revocations],
  ['revocations of all sessions of a user', (report) => report.revocationsOfAll],
  ['renewals', (report) => report.renewals],
  ['cookies of ended sessions tried again at the end', (report) => report.retried],
  ['**signed out who should not be**', (report) => report.signedOut.length],
  ['**alive that should be dead**', (report) => report.revived.length],
  ['**listed wrongly at the end**', (report) => report.listedWrongly.length],
];
const countRows = counts.map(([name, of]) => `| ${name} | ${of(alone)} | ${of(cluster)} |`);

const server = await startRedis();
const version = /redis_version:(\S+)/.exec(String(await server.call('INFO', 'server')))?.[1] ?? '';
await server.stop();

await writeFile(
  join(workspace, 'docs/evidence/redis.md'),
  `# Redis, when something fails

Written by

\`\`\`sh
${COMMAND}
\`\`\`

on ${cpus().length} cores that had other work too, Redis ${version}, Node ${process.version}, all on loopback. Real servers, killed with \`kill -9\`, and a small real application
([app.ts](../../packages/holdfast/test/failover/app.ts): \`createSessions\`, \`redisStore\`, \`holdfast/node\`, all options at their defaults unless said otherwise)
in a process of its own. Seed ${SEED}; the instants are the machine's, and differ from run to run. Short forms are among the tests:
\`npx vitest run packages/holdfast/test/failover\`.

## Outages under load

${OUTAGE.browsers} browsers sign in, read (60 %), write (32 %) and sign out (8 %), about ${Math.round((1000 / OUTAGE.think) * OUTAGE.browsers)} requests a second. Sentinel waits for ${seconds(1000)} before it takes a primary for
dead, the Cluster for ${seconds(1500)} (their own defaults, 30 s and 15 s, make everything below that much longer).

| what fails | client | 503, after the fault | how many | served meanwhile | answered as signed out | longest request | acknowledged changes lost |
|---|---|---|---|---|---|---|---|
${outageRows.join('\n')}

- *Answered as signed out*: a page that takes a browser for nobody though its session is in the store. *Lost*: a later page, or the cookie of a
  session that had ended, shows that a write, a sign-in or an end that was answered is not there.
- No request hung: one call to the store takes at most a second, and after five failures in a row calls fail at once, until one
  that is let through every second is answered.
- In a Cluster, the sessions of the other shards are served on, unless the failures of the one that is gone suspend all calls: the
  breaker belongs to the store, not to a shard. \`storeGuard: { breaker: false }\` leaves it out; then each request for a session of that shard may take its second.

What one request meets on the way:

\`\`\`mermaid
sequenceDiagram
  participant B as browser
  participant A as application
  participant P as primary
  participant R as replica
  participant S as sentinels
  B->>A: GET /account, cookie
  A->>P: GET record
  Note over P: kill -9
  P--xA: connection broken
  A->>P: the read again, once: nothing has changed by it
  Note over A: no answer within 1 s
  A-->>B: 503, Retry-After, cookie untouched
  Note over A: five failures in a row: calls suspended
  B->>A: GET /account, cookie
  A-->>B: 503 at once
  S->>S: silent too long: agreed
  S->>R: REPLICAOF NO ONE
  S-->>A: the primary is R
  B->>A: GET /account, cookie
  A->>R: GET record (the one call let through)
  R-->>A: record
  A-->>B: 200, still signed in
\`\`\`

## What a failover loses

Redis answers before its replicas have a change. On loopback the gap is too short to be hit by chance (see above), so here the
replica hears nothing more for ${LAG} ms before the primary is killed; the killed server is started again when the replica
has taken over.

| servers | client | \`acknowledged\` | writes lost | sign-ins lost | ends lost | answered as signed out | pages: 503 | sign-ins and ends: 503 |
|---|---|---|---|---|---|---|---|---|
${lossRows.join('\n')}

With \`acknowledged: { client, replicas: 1 }\` a sign-in or an end that was answered is on the replica (WAIT). Data is not
waited for. With a single replica, no sign-in and no end can be acknowledged from the failover until the killed server is back: have one more replica than you wait for.

## What is promised, step by step

The replica is cut off, then each browser does one thing, then the primary is killed and the replica takes over (Sentinel, node-redis).

| a browser | answered | after the failover | answered with \`acknowledged\` | after the failover |
|---|---|---|---|---|
${stepRows.join('\n')}

- **Without \`acknowledged\`, a session that its user has ended can live again after a failover**, for whoever still has its cookie.
- With it, such an end is answered with 503, not with success. It holds on the primary all the same: whoever asks again is told that the session has
  ended, without another wait. Only the first answer says whether replicas have it.
- A renewal is not waited for. Whoever was given a new secret in the gap is refused (\`reused\`: to the replica it is a secret that it never made), and has to sign in again; the
  session is not ended by it at once, and nobody else gets in.
- \`min-replicas-to-write 1\` with \`min-replicas-max-lag\` on the servers bounds the gap for everything, at the price of refusing writes while there is no replica (not measured here).

## Four processes, ${FLEET.browsers} browsers

For ${seconds(FLEET.lasts)}, \`renewAfter: '1s'\`. Each request goes to a process at random, up to three of one browser at once. Two browsers a user: they sign out with a request still
running, end each other's session, revoke all but their own, and are revoked by an administrator. One process is killed with
\`kill -9\` after two fifths of the time, and started again after three. A ledger of what was asked and answered when
([ledger.ts](../../packages/holdfast/test/failover/ledger.ts)) says what must be true: a session that nothing could have ended is served;
a request that begins after an end was answered is not.

| | standalone, node-redis | Cluster, ioredis |
|---|---|---|
${countRows.join('\n')}
`,
);
process.exit();
