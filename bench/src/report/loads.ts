/** Each load, framework by framework. */
import { type Bar, barChart } from '../chart.ts';
import type { Result } from '../rounds.ts';
import { estimate, paired } from '../stats.ts';
import { added } from '../targets.ts';
import { FRAMEWORKS, type Framework, titleOf } from '../variants.ts';
import { commandsText, FRAMEWORK_NAMES, LOAD_TITLES, ratioText, type Section, span, table } from './text.ts';

const HEAD = [
  'sessions',
  'CPU, µs',
  'added, µs',
  'ratio to bare',
  'answers/s',
  'p50 / p99, ms',
  'asked of the database',
] as const;

function rowOf(one: Result): string[] {
  const cpu = one.rounds.map((round) => round.cpu);
  const bareCpu = one.rounds.map((round) => round.bareCpu);
  const isBare = one.variant.kind === 'bare';
  const pick = (of: 'throughput' | 'p50' | 'p99'): number =>
    estimate(one.rounds.map((round) => round[of])).median;
  return [
    titleOf(one.variant),
    span(estimate(cpu)),
    isBare ? '' : span(estimate(added(one))),
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
}

function frameworkSection(
  results: readonly Result[],
  framework: Framework,
  load: string,
): Section | undefined {
  const own = results.filter((one) => one.variant.framework === framework && one.rounds.length > 0);
  const bare = own.find(({ variant }) => variant.kind === 'bare');
  if (!bare || own.length < 2) return undefined;
  const bars = own
    .filter((one) => one !== bare)
    .map((one): Bar => {
      const { variant } = one;
      return { label: titleOf(variant), kind: variant.kind, value: estimate(added(one)) };
    });
  const file = `${load}-${framework}.svg`;
  const title = `${LOAD_TITLES[load]}: what it adds to ${FRAMEWORK_NAMES[framework]}`;
  const sorted = bars.toSorted((a, b) => a.value.median - b.value.median);
  const rows = own.map(rowOf);
  return {
    markdown: `### ${FRAMEWORK_NAMES[framework]}\n\n![${title}](benchmarks/${file})\n\n${table(HEAD, rows)}`,
    charts: { [file]: barChart(title, 'µs of CPU a request', sorted) },
  };
}

export function loadSection(all: readonly Result[], load: string): Section {
  const results = all.filter((one) => one.load === load);
  const sections = FRAMEWORKS.map((framework) => frameworkSection(results, framework, load)).filter(
    (one) => one !== undefined,
  );
  if (sections.length === 0) return { markdown: '' };
  return {
    markdown: `## ${LOAD_TITLES[load]}\n\n${sections.map(({ markdown }) => markdown).join('\n\n')}`,
    charts: Object.assign({}, ...sections.map(({ charts }) => charts)) as Record<string, string>,
  };
}
