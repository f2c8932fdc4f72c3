/** Whether a request costs the same among a million sessions. */
import { type Bar, barChart } from '../chart.ts';
import type { Filled } from '../filled.ts';
import type { Findings } from '../findings.ts';
import type { Result } from '../rounds.ts';
import { estimate, paired } from '../stats.ts';
import { added } from '../targets.ts';
import { titleOf } from '../variants.ts';
import { commandsText, ratioText, type Section, span, table, whole } from './text.ts';

const cpuOf = ({ rounds }: Result): number[] => rounds.map((round) => round.cpu);

function rowsOf({ variant, sizes }: Filled): string[][] {
  const [first] = sizes;
  return sizes.map(({ sessions, bytesEach, result }) => {
    if (result.wrong !== undefined || !first) return [titleOf(variant), whole(sessions), 'thrown out'];
    const cpu = cpuOf(result);
    const pick = (of: 'throughput' | 'p50' | 'p99'): number =>
      estimate(result.rounds.map((round) => round[of])).median;
    return [
      titleOf(variant),
      whole(sessions),
      span(estimate(added(result))),
      sessions === first.sessions
        ? ''
        : span(
            paired(cpu, cpuOf(first.result), (a, b) => a / b),
            ratioText,
          ),
      whole(pick('throughput')),
      `${pick('p50').toFixed(2)} / ${pick('p99').toFixed(2)}`,
      commandsText(result.commands, result.requests),
      whole(bytesEach),
    ];
  });
}

export function filledSection({ filled }: Findings): Section {
  if (filled.length === 0) return { markdown: '' };
  const bars = filled.flatMap(({ variant, sizes }) =>
    sizes
      .filter(({ result }) => result.wrong === undefined)
      .map(({ sessions, result }): Bar => {
        const label = `${titleOf(variant)}: ${whole(sessions)}`;
        return { label, kind: 'holdfast', value: estimate(added(result)) };
      }),
  );
  const title = 'A request among many sessions: what it adds to node:http';
  const head = [
    'sessions',
    'so many',
    'added, µs',
    'CPU beside the fewest',
    'answers/s',
    'p50 / p99, ms',
    'asked of the database',
    'bytes a session',
  ];
  return {
    markdown: `## Among a million sessions

Of as many users, visited all over, through \`node:http\`: 95 % reads, 4 % writes and 1 % sign-ins. Servers with few and with many are under load at once, as in all rounds here. When a session was last seen is written at most every 25 minutes here, not every minute, since who visits many sessions finds more of them unseen for a minute: that would be a difference of what is asked, not of how many there are.

![${title}](benchmarks/filled.svg)

${table(head, filled.flatMap(rowsOf))}

Bytes are those of the heap, of Redis' memory, or of tables and indexes, right after the sessions were put in.`,
    charts: { 'filled.svg': barChart(title, 'µs of CPU a request', bars) },
  };
}
