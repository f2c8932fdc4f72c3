/** Bars with their intervals, as an SVG that follows the reader's light or dark. */
import { escaped } from './flame.ts';
import type { Estimate } from './stats.ts';

export interface Bar {
  readonly label: string;
  readonly kind: 'bare' | 'by-hand' | 'holdfast' | 'peer' | 'met' | 'missed';
  readonly value: Estimate;
  /** What was to be reached. */
  readonly target?: number;
}

/** Of a letter, in bold, in the widest of the usual fonts. */
const LETTER = 7.4;
const BARS = 500;
const ROW = 24;
const TOP = 46;

/** @param unit what the axis counts, as in "µs" */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value, target = 0 }) => Math.max(value.high, target)), 0) || 1;
  const labels = bars.map(({ label }) => label.replaceAll(/[*`]/g, ''));
  const left = Math.round(Math.max(...labels.map((label) => label.length)) * LETTER) + 14;
  const tick = niceStep(most / 5);
  const end = Math.ceil(most / tick) * tick;
  const x = (value: number): string => (left + (Math.max(0, value) / end) * BARS).toFixed(1);
  const height = TOP + bars.length * ROW + 28;
  const ticks = Array.from({ length: Math.round(end / tick) + 1 }, (_, i) => i * tick);
  const grid = ticks.map(
    (value) =>
      `<line class="grid" x1="${x(value)}" x2="${x(value)}" y1="${TOP - 6}" y2="${height - 22}"/><text class="tick" x="${x(value)}" y="${height - 8}" text-anchor="middle">${value.toLocaleString('en')}</text>`,
  );
  const rows = bars.map(({ kind, value, target }, i) => {
    const y = TOP + i * ROW;
    const text = escaped(labels[i] ?? '');
    const width = Math.max(1, Number(x(value.median)) - left).toFixed(1);
    const figure = value.median.toFixed(value.median >= 10 ? 0 : most < 5 ? 2 : 1);
    const mark =
      target === undefined
        ? ''
        : `<line class="target" x1="${x(target)}" x2="${x(target)}" y1="${y + 1}" y2="${y + ROW - 3}"/>`;
    const right = Math.max(value.high, value.median, target ?? 0);
    return [
      `<text x="${left - 8}" y="${y + 15}" text-anchor="end"${kind === 'holdfast' ? ' class="ours"' : ''}>${text}</text>`,
      `<rect class="${kind}" x="${left}" y="${y + 3}" width="${width}" height="${ROW - 8}" rx="2"/>`,
      `<line class="interval" x1="${x(value.low)}" x2="${x(value.high)}" y1="${y + 11}" y2="${y + 11}"/>`,
      mark,
      `<text x="${(Number(x(right)) + 6).toFixed(1)}" y="${y + 15}">${figure}</text>`,
    ].join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + BARS + 70} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escaped(`${title}, ${unit}`)}">
<style>
  text { fill: #1f2328; } .tick { fill: #59636e; font-size: 11px; } .ours { font-weight: 600; }
  .grid { stroke: #d1d9e0; } .interval { stroke: #1f2328; stroke-width: 1.5; }
  .holdfast, .met { fill: #0969da; } .by-hand { fill: #8c959f; } .peer { fill: #d4a72c; } .bare { fill: #d1d9e0; }
  .missed { fill: #cf222e; } .target { stroke: #1a7f37; stroke-width: 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .tick { fill: #9198a1; } .grid { stroke: #3d444d; } .interval { stroke: #f0f6fc; }
    .holdfast, .met { fill: #4493f8; } .by-hand { fill: #9198a1; } .peer { fill: #bb8009; } .bare { fill: #3d444d; }
    .missed { fill: #f85149; } .target { stroke: #3fb950; }
  }
</style>
<text x="0" y="18" font-size="15" font-weight="600">${escaped(title)}</text>
<text class="tick" x="0" y="34">${escaped(unit)}; the line is the 95 % interval of the median${bars.some(({ target }) => target !== undefined) ? '; the green mark is the target' : ''}</text>
${grid.join('\n')}
${rows.join('\n')}
</svg>
`;
}

/** 1, 2 or 5 times a power of ten, not less than `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((step) => step * power >= least) ?? 10) * power;
}
