// `npm run evidence`, the local cache: how long a session that one process has ended is accepted by others, and what the cache
// saves; writes docs/evidence/cache.md. Everything is started here and takes seven minutes or so; times are the machine's.
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { BackendName } from '../../packages/holdfast/test/cache/backends.ts';
import { type Revocations, startFleet, type Way } from '../../packages/holdfast/test/cache/revocations.ts';
import { findProgram } from '../lib/program.ts';
import { redisServer } from '../lib/redis.ts';
import { workspace } from '../lib/workspace.ts';

/** How many sessions are ended in each row of the table: fewer for a quick look. */
const COUNT = Number(process.env['HOLDFAST_REVOCATIONS'] ?? 1_000);
const COMMAND = `${COUNT === 1_000 ? '' : `HOLDFAST_REVOCATIONS=${COUNT} `}node tools/evidence/cache.ts`;
/**
 * How many are ended between one break of the way and the next, and how many of them at a time. After a break it takes seconds
 * until notices arrive again, and so there are more; what is ended right after a break is ended within half a second either way.
 */
const BATCHES: Readonly<Record<Way, { readonly batch: number; readonly inFlight: number }>> = {
  open: { batch: 50, inFlight: 1 },
  cut: { batch: 100, inFlight: 2 },
  silent: { batch: 200, inFlight: 4 },
};
const PROCESSES = 4;
const MAX_AGE = 5_000;
const VISITORS = 8;
const LASTS = 5_000;

process.env[redisServer.variable] = await findProgram(redisServer);

const WAYS: readonly [way: Way, isLoaded: boolean, says: string][] = [
  ['open', false, 'notices arrive, idle'],
  ['open', true, 'notices arrive, loaded'],
  ['cut', false, 'connection of the notices reset, idle'],
  ['cut', true, 'connection of the notices reset, loaded'],
  ['silent', false, 'connection of the notices silent, idle'],
  ['silent', true, 'connection of the notices silent, loaded'],
];

function ms(value: number): string {
  return value === 0 ? '0' : value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
}

function rowOf(backend: BackendName, says: string, { late, lateAtHome, signedOut }: Revocations): string {
  const sorted = late.toSorted((a, b) => a - b);
  const never = sorted.filter((value) => value === 0).length;
  const cells = [0.5, 0.95, 0.99, 1].map((q) => ms(quantile(sorted, q)));
  const share = `${((never / sorted.length) * 100).toFixed(1)} %`;
  return `| ${backend} | ${says} | ${sorted.length} | ${share} | ${cells.join(' | ')} | ${ms(Math.max(...lateAtHome))} | ${signedOut.length} |`;
}

const startedAt = performance.now();
const elapsed = (): string => `${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes`;

const latencies: string[] = [];
const costs: string[] = [];
for (const backend of ['Redis', 'PostgreSQL'] as const) {
  const fleet = await startFleet({ backend, processes: PROCESSES, maxAge: MAX_AGE });
  try {
    for (const [way, isLoaded, says] of WAYS) {
      if (isLoaded) await fleet.load(VISITORS);
      const found = await fleet.revoke({ count: COUNT, way, ...BATCHES[way] });
      await fleet.idle();
      const row = rowOf(backend, says, found);
      console.log(`${elapsed()}:`, row, found.unavailable ? `unavailable: ${found.unavailable}` : '');
      if (Math.max(...found.late) >= MAX_AGE) throw new Error(`${backend}, ${says}: beyond the bound`);
      if (Math.max(...found.lateAtHome) > 0) throw new Error(`${backend}, ${says}: accepted at home`);
      if (found.signedOut.length > 0) throw new Error(`${backend}, ${says}: ${found.signedOut.join(', ')}`);
      latencies.push(row);
    }
  } finally {
    await fleet.stop();
  }
  for (const maxAge of [undefined, 1_000, MAX_AGE]) {
    const measured = await startFleet({
      backend,
      processes: PROCESSES,
      ...(maxAge !== undefined && { maxAge }),
    });
    try {
      const { hits, commands, requests } = await measured.cost(VISITORS, LASTS);
      const age = maxAge === undefined ? 'no cache' : `${maxAge / 1_000} s`;
      const row = `| ${backend} | ${age} | ${requests} | ${(hits * 100).toFixed(1)} % | ${commands.toFixed(2)} |`;
      console.log(`${elapsed()}:`, row);
      costs.push(row);
    } finally {
      await measured.stop();
    }
  }
}

await writeFile(
  join(workspace, 'docs/evidence/cache.md'),
  `# The local cache: how late a revocation is, and what is saved

Written by

\`\`\`sh
${COMMAND}
\`\`\`

in ${elapsed()}, on ${cpus().length} cores (load ${(loadavg()[0] ?? 0).toFixed(1)} at the end), Node ${process.version}, real servers on loopback; the times are this machine's, and the bound is not. How to use the
cache, and when not to: [cache sessions locally](../howto/cache-sessions-locally.md). The short form is among the tests:
\`npx vitest run packages/holdfast/test/cache\`.

## How late a revocation is

${PROCESSES} processes, each with \`cached(store, { maxAge: '${MAX_AGE / 1_000}s' })\`. Each opens each session every few milliseconds, so that its cache knows it. One process ends
a session: a third each by signing out, by its id, and with all sessions of its user; ${BATCHES.open.batch} of them, one after another, then others, with a break of the way ${BATCHES.cut.batch} (reset, ${BATCHES.cut.inFlight} at a time) or ${BATCHES.silent.batch} (silent, ${BATCHES.silent.inFlight} at a time) right after it. Late is how long after that was *acknowledged* the last request **came in** that one of
the ${PROCESSES - 1} other processes accepted. A tcp proxy stands in the way of the notices only; reads and changes go on. Loaded: ${VISITORS} visitors at each process, one request after another in ${200}
other sessions, one in twenty of which writes.

| database | | ends | not late at all | p50, ms | p95 | p99 | longest | longest at home | others signed out |
|---|---|---|---|---|---|---|---|---|---|
${latencies.join('\n')}

- The bound is \`maxAge\`, ${(MAX_AGE).toLocaleString('en')} ms: the script fails where a request that came in later was accepted. *At home*, in the process that has ended the session, nothing is.
- A connection that is **reset** is noticed at once, and the cache steps aside. One that falls **silent** is noticed after two seconds or so by the beats that stay out; until
  then the notices are lost, and an end is as late as the entry is old.

## What is saved

The same load, with what the database counted: commands of Redis, transactions of PostgreSQL, the beats of the notices included. Each session is asked for at four processes, a write makes all of them read it again,
and what is read is forgotten after \`maxAge\`: the more often one process is asked for the same session within that, the more is saved.

| database | \`maxAge\` | requests | answered from the process | commands a request |
|---|---|---|---|---|
${costs.join('\n')}
`,
);
process.exit();
