/** `docs/benchmarks.md` and its charts. */
import { type Bar, barChart } from './chart.ts';
import type { Filled } from './filled.ts';
import type { Commands } from './places.ts';
import type { Result } from './rounds.ts';
import { type Estimate, estimate, paired } from './stats.ts';
import { added, judge } from './targets.ts';
import { FRAMEWORKS, type Framework, nameOf, titleOf } from './variants.ts';
import { type Survivors, WRITERS } from './writers.ts';
import type { Wire } from './wire.ts';

export interface Findings {
  readonly command: string;
  readonly machine: readonly string[];
  readonly versions: readonly string[];
  readonly rounds: number;
  readonly minutes: number;
  readonly results: readonly Result[];
  readonly wires: readonly Wire[];
  readonly survivors: readonly Survivors[];
  readonly filled: readonly Filled[];
  readonly micro: string;
  readonly profiles: readonly {
    readonly file: string;
    readonly title: string;
    readonly svg: string;
    readonly table: string;
  }[];
  /** What was not measured, and why; what was thrown out. */
  readonly leftOut: readonly string[];
}

export interface Report {
  readonly markdown: string;
  /** By their names beside the page, in `benchmarks/`. */
  readonly charts: Readonly<Record<string, string>>;
}

const FRAMEWORK_NAMES: Readonly<Record<Framework, string>> = {
  express: 'Express',
  node: 'node:http',
  fastify: 'Fastify',
  hono: 'Hono',
  koa: 'Koa',
};

const LOAD_TITLES: Readonly<Record<string, string>> = {
  read: 'Read one field of a signed-in session',
  write: 'Write one field',
  'sign-in': 'Sign in',
  anonymous: 'A visit without a session',
};

const digits = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(Math.abs(value) < 10 ? 1 : 0) : '–';
const span = ({ median, low, high }: Estimate, show = digits): string =>
  `${show(median)} (${show(low)}–${show(high)})`;
const ratioText = (value: number): string => value.toFixed(2);

function commandsText(commands: Commands, requests: number): string {
  const each = Object.entries(commands)
    .map(([name, calls]) => [name, calls / requests] as const)
    .filter(([, calls]) => calls >= 0.005)
    .toSorted((a, b) => b[1] - a[1])
    .map(([name, calls]) => (Math.abs(calls - 1) < 0.01 ? name : `${calls.toFixed(2)} ${name}`));
  return each.join(', ');
}

const ofFramework = (results: readonly Result[], framework: Framework, load: string): Result[] =>
  results.filter((one) => one.variant.framework === framework && one.load === load && one.rounds.length > 0);

function loadSection(results: readonly Result[], load: string, charts: Record<string, string>): string {
  const sections = FRAMEWORKS.flatMap((framework) => {
    const own = ofFramework(results, framework, load);
    const bare = own.find(({ variant }) => variant.kind === 'bare');
    if (!bare || own.length < 2) return [];
    const bareCpu = bare.rounds.map(({ cpu }) => cpu);
    const bars: Bar[] = [];
    const rows = own.map((one) => {
      const cpu = one.rounds.map((round) => round.cpu);
      const more = estimate(added(results, one));
      const isBare = one === bare;
      if (!isBare) bars.push({ label: titleOf(one.variant), kind: one.variant.kind, value: more });
      const pick = (of: 'throughput' | 'p50' | 'p99'): number =>
        estimate(one.rounds.map((round) => round[of])).median;
      const cells = [
        titleOf(one.variant),
        span(estimate(cpu)),
        isBare ? '' : span(more),
        isBare
          ? ''
          : span(
              paired(cpu, bareCpu, (a, b) => a / b),
              ratioText,
            ),
        pick('throughput').toFixed(0),
        `${pick('p50').toFixed(2)} / ${pick('p99').toFixed(2)}`,
        commandsText(one.commands, one.requests),
      ];
      return `| ${cells.join(' | ')} |`;
    });
    const file = `${load}-${framework}.svg`;
    const title = `${LOAD_TITLES[load]}: what it adds to ${FRAMEWORK_NAMES[framework]}`;
    charts[file] = barChart(
      title,
      'µs of CPU a request',
      bars.toSorted((a, b) => a.value.median - b.value.median),
    );
    return [
      `### ${FRAMEWORK_NAMES[framework]}

![${title}](benchmarks/${file})

| sessions | CPU, µs | added, µs | ratio to bare | answers/s | p50 / p99, ms | asked of the database |
|---|---|---|---|---|---|---|
${rows.join('\n')}`,
    ];
  });
  return `## ${LOAD_TITLES[load]}\n\n${sections.join('\n\n')}`;
}

function targetSection(results: readonly Result[]): string {
  const rows = judge(results).map(
    ({ target, title, ratio, isMet }) =>
      `| ${title} | ${target.atMost.toFixed(2)} | ${span(ratio, ratioText)} | ${isMet ? 'yes' : '**no**'} |`,
  );
  if (rows.length === 0) return '';
  return `## What was to be reached

CPU that Holdfast adds to a read, divided by what the other adds to the same framework in the same round.

| | at most | measured | reached |
|---|---|---|---|
${rows.join('\n')}`;
}

function wireSection(wires: readonly Wire[]): string {
  if (wires.length === 0) return '';
  const rows = wires.map(
    (one) =>
      `| ${FRAMEWORK_NAMES[one.variant.framework]}: ${titleOf(one.variant)} | ${one.writes.toFixed(2)} | ${one.headBytes} | ${one.cookieBytes} | ${one.cookiesOnRead} | ${one.cookiesOnVisit} | ${one.allocated.toFixed(0)} |`,
  );
  return `## On the wire, and on the heap

Of one read: counted, not timed. A visit is one without a session, which none was asked to keep.

| | socket writes an answer | bytes of the answer's head | bytes of session cookies | Set-Cookie on a read | on a visit | bytes allocated |
|---|---|---|---|---|---|---|
${rows.join('\n')}`;
}

function writerSection(survivors: readonly Survivors[]): string {
  if (survivors.length === 0) return '';
  const rows = survivors.map(
    ({ variant, keys, count }) =>
      `| ${FRAMEWORK_NAMES[variant.framework]}: ${titleOf(variant)} | ${keys} | ${count} |`,
  );
  return `## ${WRITERS} requests of one session at once

Each writes a key of its own, 5 ms after it was opened; then ${WRITERS} raise a counter (Holdfast by \`update\`). What is left:

| | keys | counter |
|---|---|---|
${rows.join('\n')}`;
}

function filledSection({ filled }: Findings): string {
  if (filled.length === 0) return '';
  const rows = filled.flatMap(({ variant, sessions, bytesEach, results }) =>
    results.map(({ own, bare }) => {
      const cpu = own.rounds.map((round) => round.cpu);
      const more = paired(
        cpu,
        bare.rounds.map((round) => round.cpu),
        (a, b) => a - b,
      );
      const figures = own.wrong === undefined ? span(more) : 'thrown out';
      const size = bytesEach === undefined ? '' : bytesEach.toFixed(0);
      return `| ${titleOf(variant)} | ${sessions.toLocaleString('en')} | ${own.load} | ${figures} | ${commandsText(own.commands, own.requests)} | ${size} |`;
    }),
  );
  return `## Among a million sessions

Through \`node:http\`, sessions of as many users, visited all over. *mixed* is 95 % reads, 4 % writes and 1 % sign-ins.

| sessions | so many | load | added, µs | asked of the database | bytes a session |
|---|---|---|---|---|---|
${rows.join('\n')}`;
}

export function report(findings: Findings): Report {
  const { results, command, machine, versions, rounds, minutes, leftOut, wires, survivors, micro, profiles } =
    findings;
  const charts: Record<string, string> = {};
  for (const { file, svg } of profiles) charts[file] = svg;
  const looked = [...results, ...findings.filled.flatMap((one) => one.results.map(({ own }) => own))];
  const thrownOut = looked.flatMap(({ variant, load, wrong }) =>
    wrong === undefined ? [] : [`${nameOf(variant)}, ${load}: thrown out, since ${wrong}`],
  );
  const kept = results.filter(({ wrong }) => wrong === undefined);
  const notes = [...leftOut, ...thrownOut].map((text) => `- ${text.replaceAll(/\s*\n\s*/g, ' ')}`);
  const sections = [
    `# Benchmarks

Written by \`${command}\` in ${minutes.toFixed(0)} minutes. Ratios travel to other machines, microseconds do not.

- ${[...machine, versions.join(', ')].join('\n- ')}
- ${rounds} rounds. In each, all variants of a framework take turns in short slices, the framework alone among them; the order changes. Figures are medians over
  the rounds, with the 95 % interval of the median (order statistics). *added* is the difference to the framework alone in the same round.
- CPU is the time of the server's process, all of its threads, in the program and in the system. The databases' own time is not in it.
- 16 connections that stay open, one request at a time on each, as fast as answers come: latencies are those of a busy server.
- Every answer is read and compared with what it must say; who answers wrongly is thrown out.`,
    targetSection(kept),
    ...['read', 'write', 'sign-in', 'anonymous']
      .filter((load) => kept.some((one) => one.load === load))
      .map((load) => loadSection(kept, load, charts)),
    wireSection(wires),
    writerSection(survivors),
    filledSection(findings),
    micro &&
      `## The hot path in a loop\n\nNanoseconds of one call. In a server the same calls are dearer: compare lines with each other.\n\n${micro}`,
    profiles.length > 0 &&
      `## Where the time of a request goes\n\n${profiles.map(({ file, title, table }) => `### ${title}\n\n![${title}](benchmarks/${file})\n\n${table}`).join('\n\n')}`,
    `## How to read it

- *By hand* is the least that sessions on a server can be: a hash, a deadline, one look into the store. It renews nothing, lists nothing, and its writes lose each other.
- The peers do less, and differ in what: cookie-session, koa-session and @fastify/secure-session keep the data in the cookie and can not end a session; express-session and
  connect-redis keep the token itself in the store; better-auth is measured by \`getSession\` alone, its sign-in being a password hash.
- Each peer is set up as its documentation says, with \`saveUninitialized: false\` where it has that, and with 30 minutes where it takes a timeout here; @fastify/secure-session and better-auth keep their own defaults.
- Not measured: TLS, HTTP/2, several servers on one store, other runtimes than Node, and networks: the databases are on the same machine, one hop away.`,
    notes.length > 0 && `## Left out\n\n${notes.join('\n')}`,
  ];
  return { markdown: `${sections.filter(Boolean).join('\n\n')}\n`, charts };
}
