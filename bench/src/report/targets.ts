/** What was to be reached: the first screen. */
import { type Bar, barChart } from '../chart.ts';
import type { Findings } from '../findings.ts';
import { type Judged, judge, judgeFlat, MAIN_TARGETS, NODE_TARGETS } from '../targets.ts';
import { titleOf } from '../variants.ts';
import { WRITERS } from '../writers.ts';
import { FRAMEWORK_NAMES, ratioText, type Section, span, table, whole } from './text.ts';

const verdictOf = (isMet: boolean, isCertain = true): string =>
  `${isMet ? 'met' : '**missed**'}${isCertain ? '' : ', within the interval'}`;

const rowOf = ({ target, ours, theirs, ratio, isMet, isCertain }: Judged): string[] => [
  `${FRAMEWORK_NAMES[target.ours.framework]}: ${ours}, beside ${theirs.replaceAll('*', '')}`,
  `≤ ${ratioText(target.atMost)}`,
  span(ratio, ratioText),
  verdictOf(isMet, isCertain),
];

function barOf({ target, theirs, ratio, isMet }: Judged): Bar {
  const isCache = target.ours.store === 'cached';
  const label = `${FRAMEWORK_NAMES[target.ours.framework]}: ${isCache ? 'the cache, beside ' : ''}${theirs}`;
  return { label, kind: isMet ? 'met' : 'missed', value: ratio, target: target.atMost };
}

/** What is counted, and holds on each of Holdfast's variants or does not. */
function countedRows({ wires, survivors }: Findings): string[][] {
  const own = wires.filter(({ variant }) => variant.kind === 'holdfast');
  const rows: string[][] = [];
  if (own.length > 0) {
    const writes = Math.max(...own.map((one) => one.writes));
    const cookies = Math.max(...own.map((one) => one.cookiesOnRead));
    rows.push(['Socket writes an answer', '1', ratioText(writes), verdictOf(writes < 1.005)]);
    rows.push(['`Set-Cookie` on a read', '0', String(cookies), verdictOf(cookies === 0)]);
  }
  const kept = survivors.filter(({ variant }) => variant.kind === 'holdfast');
  if (kept.length > 0) {
    const least = Math.min(...kept.flatMap(({ keys, count }) => [keys, count]));
    const title = `Of ${WRITERS} changes to one session at once, kept`;
    rows.push([title, String(WRITERS), String(least), verdictOf(least === WRITERS)]);
  }
  return rows;
}

function flatRows({ filled }: Findings): string[][] {
  return judgeFlat(filled).map((flat) => [
    `${titleOf(flat.filled.variant)}: a request among ${whole(flat.most)} sessions, beside ${whole(flat.fewest)}`,
    '1, within the interval',
    span(flat.ratio, ratioText),
    verdictOf(flat.isMet),
  ]);
}

const HEAD = ['', 'target', 'measured', ''] as const;

export function firstScreen(findings: Findings): Section {
  const judged = judge(findings.results, MAIN_TARGETS);
  const rows = [...judged.map(rowOf), ...countedRows(findings), ...flatRows(findings)];
  if (rows.length === 0) return { markdown: '' };
  const bars = judged.map(barOf);
  const title = 'What Holdfast adds to a read, beside what others add';
  const unit = 'times the CPU that the other adds; less is better';
  const picture = bars.length > 0 ? `![${title}](benchmarks/targets.svg)\n\n` : '';
  return {
    markdown: `${picture}CPU that Holdfast adds to a read, divided by what the other adds to the same framework in the same rounds (95 % interval). How that is measured, and what it leaves out, is said below.

${table(HEAD, rows)}`,
    ...(bars.length > 0 && { charts: { 'targets.svg': barChart(title, unit, bars) } }),
  };
}

export function nodeTargets({ results }: Findings): Section {
  const rows = judge(results, NODE_TARGETS).map(rowOf);
  if (rows.length === 0) return { markdown: '' };
  return {
    markdown: `## The same targets through \`node:http\`

Nothing but sessions is in these figures, and little else to hide behind.

${table(HEAD, rows)}`,
  };
}
