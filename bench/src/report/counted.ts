/** What is counted rather than timed: answers, survivors, bytes; and what is taken once, at the start. */
import type { ColdStart } from '../cold-start.ts';
import type { Findings } from '../findings.ts';
import { estimate } from '../stats.ts';
import { titleOf, type Variant } from '../variants.ts';
import { WRITERS } from '../writers.ts';
import { FRAMEWORK_NAMES, type Section, span, table, whole } from './text.ts';

const onFramework = (variant: Variant): string =>
  `${FRAMEWORK_NAMES[variant.framework]}: ${titleOf(variant)}`;

/** By hand they are as the framework makes them, and on its other stores Holdfast answers the same. */
const isShown = ({ kind, store }: Variant): boolean =>
  kind === 'holdfast' ? store === 'memory' || store === 'redis' : kind !== 'by-hand';

export function wireSection({ wires }: Findings): Section {
  const rows = wires
    .filter(({ variant }) => isShown(variant))
    .map((one) => [
      onFramework(one.variant),
      one.writes.toFixed(2),
      String(one.headBytes),
      String(one.cookieBytes),
      String(one.cookiesOnRead),
      String(one.cookiesOnVisit),
      whole(one.allocated),
    ]);
  if (rows.length === 0) return { markdown: '' };
  const head = [
    '',
    'socket writes an answer',
    "bytes of the answer's head",
    'bytes of session cookies',
    '`Set-Cookie` on a read',
    'on a visit',
    'bytes allocated',
  ];
  return {
    markdown: `## On the wire, and on the heap

Of one read: counted, not timed. A visit is one without a session, of which nothing was asked to be kept.

${table(head, rows)}`,
  };
}

export function writerSection({ survivors }: Findings): Section {
  if (survivors.length === 0) return { markdown: '' };
  const rows = survivors.map(({ variant, keys, count }) => [
    onFramework(variant),
    String(keys),
    String(count),
  ]);
  return {
    markdown: `## ${WRITERS} requests of one session at once

Each writes a key of its own, 5 ms after it was opened; then ${WRITERS} raise a counter (Holdfast by \`update\`). What is left:

${table(['', 'keys', 'counter'], rows)}`,
  };
}

export function sizeSection({ sizes }: Findings): Section {
  if (sizes.length === 0) return { markdown: '' };
  const rows = sizes.map(({ name, isOurs, minified, gzipped, packages }) => [
    isOurs && !name.includes('`') ? `\`${name}\`` : name,
    whole(minified),
    whole(gzipped),
    String(packages),
  ]);
  return {
    markdown: `## Bytes in a program

Each export bundled by itself by esbuild, minified, with all that it depends on but frameworks and database clients. Subpaths share code: together they are less than their sum. connect-redis brings express-session.

${table(['', 'minified', 'and gzipped', 'packages'], rows)}`,
  };
}

export function memorySection({ memories }: Findings): Section {
  if (memories.length === 0) return { markdown: '' };
  const rows = memories.map(({ title, bytes }) => [title, whole(bytes)]);
  return {
    markdown: `## Memory of a session

Bytes of the heap, over 100,000 sessions of as many users with one field each. MemoryStore keeps a string of JSON; Holdfast keeps hashes, limits, how and when somebody signed in, the device, and the list of each user's sessions.
What sessions take in databases: [Redis](evidence/redis-cost.md), and the table of a million sessions here.

${table(['', 'bytes'], rows)}`,
  };
}

const took = ({ wall, cpu }: ColdStart): string[] => [span(estimate(wall)), span(estimate(cpu))];

export function startSection({ starts, imports }: Findings): Section {
  if (starts.length === 0) return { markdown: '' };
  const rounds = starts[0]?.wall.length ?? 0;
  return {
    markdown: `## A cold start

From the start of the process until its first answer, which stores a field in a new session; ${rounds} rounds, the files in the system's cache. Every process is Node with the framework and one library, from files as they are published.

${table(
  ['', 'until the first answer, ms', 'CPU, ms'],
  starts.map((one) => [`${one.group}: ${one.title}`, ...took(one)]),
)}

Importing a module, by itself:

${table(
  ['', 'ms', 'CPU, ms'],
  imports.map((one) => [`\`${one.title}\``, ...took(one)]),
)}`,
  };
}
