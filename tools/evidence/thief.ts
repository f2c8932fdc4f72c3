// `npm run evidence`, the thief: simulates a stolen cookie, and writes docs/evidence/thief.md, its chart and the table in
// docs/threat-model.md. The seed is fixed: the same numbers on every machine.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Summary, summarize, thieves } from '../../packages/holdfast/test/model/thief.ts';
import { workspace } from '../lib/workspace.ts';

const RUNS = 200;
const SEED = 42;
const COMMAND = 'node tools/evidence/thief.ts';

function span(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  if (minutes < 1) return `${Math.round(milliseconds / 1000)} s`;
  return minutes < 120 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

/** Bars on a logarithmic scale: medians dark, 95th percentiles light, a mark at the longest. */
function chart(rows: readonly { name: string; summary: Summary }[]): string {
  const [left, width, height] = [330, 500, 26];
  const x = (milliseconds: number): number =>
    left + (Math.log(Math.max(milliseconds, 10_000) / 10_000) / Math.log(36_000_000 / 10_000)) * width;
  const ticks = [10_000, 60_000, 600_000, 3_600_000, 28_800_000];
  const bottom = rows.length * height + 12;
  const grid = ticks.map(
    (at) =>
      `<line class="grid" x1="${x(at).toFixed(1)}" y1="8" x2="${x(at).toFixed(1)}" y2="${bottom}"/>` +
      `<text x="${x(at).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${span(at)}</text>`,
  );
  const bars = rows.map(({ name, summary: { median, most, longest } }, i) => {
    const y = 14 + i * height;
    const bar = (to: number, kind: string) =>
      `<rect class="${kind}" x="${left}" y="${y}" width="${Math.max(1, x(to) - left).toFixed(1)}" height="14"/>`;
    return (
      `<text x="${left - 10}" y="${y + 11}" text-anchor="end">${name}</text>${bar(most, 'most')}${bar(median, 'median')}` +
      `<line class="longest" x1="${x(longest).toFixed(1)}" y1="${y - 2}" x2="${x(longest).toFixed(1)}" y2="${y + 16}"/>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 ${bottom + 26}" role="img" aria-label="How long a stolen cookie is worth something, by kind of thief: median, 95th percentile and longest">
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.grid { stroke: #8c959f; stroke-opacity: 0.35 }
.median { fill: #0969da } .most { fill: #0969da; fill-opacity: 0.35 } .longest { stroke: #bc4c00; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .median, .most { fill: #58a6ff } .longest { stroke: #f0883e } }
</style>
${grid.join('\n')}
${bars.join('\n')}
</svg>
`;
}

const honest = await summarize(undefined, RUNS, SEED);
const rows: { name: string; summary: Summary }[] = [];
for (const thief of thieves) {
  const summary = await summarize(thief, RUNS, SEED);
  rows.push({ name: thief.name, summary });
  console.log(`${thief.name}: ${span(summary.median)}, ${span(summary.most)}, ${span(summary.longest)}`);
}

const cells = rows.map(
  ({ name, summary: { median, most, longest, noticed, gotIn, ownersRefused } }) =>
    `| ${name} | ${span(median)} | ${span(most)} | ${span(longest)} | ${percent(gotIn)} | ${percent(noticed)} | ${percent(ownersRefused)} |`,
);
const table = `| thief | median | 95 % within | longest | got in | noticed | owner refused |
|---|---|---|---|---|---|---|
${cells.join('\n')}`;
const control = `Without a thief, ${Math.round(honest.ownersRefused * RUNS)} of ${RUNS} owners were refused, and ${Math.round(honest.noticed * RUNS)} days raised an event of reuse.`;

await mkdir(join(workspace, 'docs/evidence'), { recursive: true });
await writeFile(join(workspace, 'docs/evidence/thief.svg'), chart(rows));
await writeFile(
  join(workspace, 'docs/evidence/thief.md'),
  `# A thief, simulated

Written by \`${COMMAND}\`: ${RUNS} working days for each kind of thief, seed ${SEED}, default policy.

${table}

![How long a stolen cookie is worth something](thief.svg)

- *median*, *95 % within*, *longest*: from the theft until the cookie that the thief holds is worth nothing: the session has ended, or the
  secret is retired. *got in*: a request of the thief was accepted. *noticed*: a \`reused\` event was raised. *owner refused*: the owner had to
  sign in again before a timeout.
- ${control}

The owner works for 3 to 8 hours: a request every few seconds, calls of up to 10 minutes, breaks of up to 26; 15 % of pages are two requests
at once, and 2 % of answers are lost. Half of the owners sign out when they leave, but for those that are robbed when leaving, who just go. An owner
who is refused signs in again, which begins a new session and ends the one whose retired cookie was presented.

The cookie is stolen 5 to 90 minutes into the day. Its worth is read from the store by the verdict once a minute and after every request, which changes nothing.

What the numbers say: a thief whose browser differs is out at the first renewal that both take part in, and a thief who does not come often
enough to follow a renewal is out then, too. A thief in the same kind of browser who follows every renewal has the owner refused, who signs in
again: that ends the stolen session. Only a thief whose victim has left, and does not come back, keeps it until its deadlines.
`,
);

const page = join(workspace, 'docs/threat-model.md');
const text = await readFile(page, 'utf8');
const [start, end] = ['<!-- thief: begin -->', '<!-- thief: end -->'];
const block = `${start}
Measured over ${RUNS} simulated days for each kind (\`${COMMAND}\`, [how](evidence/thief.md)):

${table}

${control}
${end}`;
const anchor = 'What remains: a thief *in the same context*';
await writeFile(
  page,
  text.includes(start)
    ? text.slice(0, text.indexOf(start)) + block + text.slice(text.indexOf(end) + end.length)
    : text.replace(anchor, `${block}\n\n${anchor}`),
);
