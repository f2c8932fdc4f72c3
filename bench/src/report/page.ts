/** `docs/benchmarks.md` and its charts. */
import type { Findings } from '../findings.ts';
import { nameOf } from '../variants.ts';
import { memorySection, sizeSection, startSection, wireSection, writerSection } from './counted.ts';
import { filledSection } from './filled.ts';
import { loadSection } from './loads.ts';
import { firstScreen, nodeTargets } from './targets.ts';
import type { Section } from './text.ts';

export interface Report {
  readonly markdown: string;
  /** By their names beside the page, in `benchmarks/`. */
  readonly charts: Readonly<Record<string, string>>;
}

const HOW = `## How it is measured

- Each server is a process on a processor of its own; the load and the databases share the other. All run the same small application, and bare is the framework with it and no sessions.
- A processor that others share is now fast and now half as fast. Measured one after the other, a slow moment would fall on one server and not on the next. So the variants of a framework that keep their data in the process or the cookie are under load *at once*, and then those
  on Redis, and those on SQL, each time beside the bare framework: the system gives each of them a millisecond or so at a time, and slow moments fall on all alike. A round takes so long that each has a share of it (a quarter of a second where the load is reading); its figure is
  the CPU that a server's process took in it, divided by the answers it gave.
- Before the rounds all are warmed up together: for at least ten seconds and then for 10,000 answers of each where the load is reading, for 15,000 answers or ten seconds where not. After half of the rounds of reading all processes are started anew: what V8 makes of one program differs from process to process.
- When a session was last seen is written at most every five seconds here, twelve times as often as by default: like that a server of sixteen browsers does now and then what one of many does all the time.
- Figures are medians over the rounds, with the 95 % interval of the median (order statistics). *Added* is the difference to the framework alone in the same round, and targets are held against the median of what Holdfast adds divided by that of what the other adds
  (interval: bootstrap over the rounds).
- Answers a second, latencies, and what the databases are asked come from slices of 80 ms, one in each round, in which a server has its processor to itself, after answers that are not counted; the order changes. Slow moments are not evened out in these.
- CPU is the time of the server's process, all of its threads, in the program and in the system. The databases' own time is not in it.
- 16 connections that stay open, one request at a time on each, as fast as answers come: latencies are those of a busy server.
- Every answer is read and compared with what it must say; who answers wrongly is thrown out. What the databases are asked is counted by themselves.
- The databases wait for no disk (PostgreSQL without \`fsync\`, MariaDB without flushing, Redis without a file): what a durable write costs there is not the server's CPU.`;

const HONEST = `## How to read it

- *By hand* is the least that sessions on a server can be: a hash, a deadline, one look into the store. It renews nothing, lists nothing, and its writes lose each other.
- Like for like: on one store everyone has the same client at its defaults (node-redis or ioredis on one connection, a pool of ten of \`pg\`, of \`mysql2\`), the same connections, the same two fields of data, and 30 minutes of idleness;
  @fastify/secure-session and better-auth keep their own defaults. express-session has \`resave: false\` and \`saveUninitialized: false\`, @fastify/session the latter, as their documentation says.
- connect-redis and connect-pg-simple write on every read, to move the end of the session: that is their default, and part of what they add. Holdfast writes it once in 60 seconds at most by default, and in five here.
- The peers do less, and differ in what: cookie-session, koa-session, iron-session and @fastify/secure-session keep the data in the cookie, where none of them can end a session; express-session and
  connect-redis keep the token itself in the store; better-auth is measured by \`getSession\` alone, its sign-in being a password hash.
- Where a peer is better: cookies that carry the data ask no database at all, and scale without one; MemoryStore takes a fraction of the memory of Holdfast's memory store; all but koa-session
  and better-auth bring fewer bytes into a program than Holdfast with an adapter and a store, and most load sooner; a sign-in by hand or by a peer is one write, where Holdfast's is several steps, each of which keeps a promise.
- Not measured: TLS, HTTP/2, several servers on one store, other runtimes than Node, and networks: the databases are on the same machine, one hop away. Writing, signing in and visiting are measured on Express, Fastify and Hono only, after a shorter warm-up.`;

const REPEAT = `## How to repeat it

\`\`\`sh
npm run bench -w bench                # everything: some 40 minutes, on Linux with two processors and nobody else on them
npm run bench -w bench -- --resume    # go on with a run that was cut short
npm run bench -w bench -- --render    # this page again, from benchmarks/figures.json
\`\`\`

Each round of each variant is in [figures.json](benchmarks/figures.json).`;

function profileSection({ profiles }: Findings): Section {
  if (profiles.length === 0) return { markdown: '' };
  const each = profiles.map(
    ({ file, title, table }) => `### ${title}\n\n![${title}](benchmarks/${file})\n\n${table}`,
  );
  return { markdown: `## Where the time of a request goes\n\n${each.join('\n\n')}` };
}

function microSection({ micro }: Findings): Section {
  if (micro === '') return { markdown: '' };
  const text =
    'Nanoseconds of one call, and bytes it allocates. In a server the same calls are dearer: compare lines with each other.';
  return { markdown: `## The hot path in a loop\n\n${text}\n\n${micro}` };
}

function machineSection({ machine, versions, rounds, date, done }: Findings): Section {
  const minutes = Object.values(done).reduce((all, one) => all + one, 0);
  const lines = [...machine, versions.join(', '), `${date}, ${rounds} rounds, ${minutes.toFixed(0)} minutes`];
  return { markdown: `## Machine and versions\n\n- ${lines.join('\n- ')}` };
}

function leftOutSection({ leftOut, results, filled }: Findings): Section {
  const looked = [...results, ...filled.flatMap(({ sizes }) => sizes.map(({ result }) => result))];
  const thrownOut = looked.flatMap(({ variant, load, wrong }) =>
    wrong === undefined ? [] : [`${nameOf(variant)}, ${load}: thrown out, since ${wrong}`],
  );
  const notes = [...leftOut.map(({ why }) => why), ...thrownOut];
  if (notes.length === 0) return { markdown: '' };
  return {
    markdown: `## Left out\n\n${notes.map((text) => `- ${text.replaceAll(/\s*\n\s*/g, ' ')}`).join('\n')}`,
  };
}

/** @param remarks what someone has to say about targets that were missed, as Markdown */
export function report(findings: Findings, remarks = ''): Report {
  const kept = findings.results.filter(({ wrong }) => wrong === undefined);
  const clean: Findings = { ...findings, results: kept };
  const sections: Section[] = [
    {
      markdown: `# Benchmarks

What sessions cost a request, beside the packages people use today. Ratios travel to other machines, microseconds do not.`,
    },
    firstScreen(clean),
    { markdown: remarks.trim() },
    nodeTargets(clean),
    ...['read', 'write', 'sign-in', 'anonymous'].map((load) => loadSection(kept, load)),
    wireSection(clean),
    writerSection(clean),
    filledSection(clean),
    sizeSection(clean),
    startSection(clean),
    memorySection(clean),
    profileSection(clean),
    microSection(clean),
    { markdown: HOW },
    { markdown: HONEST },
    { markdown: REPEAT },
    machineSection(findings),
    leftOutSection(findings),
  ];
  const text = sections.map(({ markdown }) => markdown).filter((markdown) => markdown !== '');
  const charts = Object.assign({}, ...sections.map((one) => one.charts ?? {})) as Record<string, string>;
  return { markdown: `${text.join('\n\n')}\n`, charts };
}
