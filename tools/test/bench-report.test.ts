// The page of the benchmark, from results that are made up: what it says of them, and what it leaves out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Filled } from '../../bench/src/filled.ts';
import { type Findings, noFindings, Notebook } from '../../bench/src/findings.ts';
import { report } from '../../bench/src/report/page.ts';
import type { Result } from '../../bench/src/rounds.ts';
import { judge, judgeFlat, MAIN_TARGETS, NODE_TARGETS } from '../../bench/src/targets.ts';
import { groupOf, type Variant, variants } from '../../bench/src/variants.ts';

function variantOf(framework: string, library: string, store: string): Variant {
  const found = variants.find(
    (one) => one.framework === framework && one.library === library && one.store === store,
  );
  if (!found) throw new Error(`${framework} ${library} ${store} is not measured`);
  return found;
}

/** What the bare framework takes, round by round. */
const BARE = [100, 110, 90];

function resultOf(variant: Variant, cpus: readonly number[], wrong?: string): Result {
  const rounds = cpus.map((cpu, i) => {
    return {
      requests: 100,
      cpu,
      bareCpu: BARE[i % BARE.length] as number,
      throughput: 1e6 / cpu,
      p50: 1,
      p99: 2,
    };
  });
  const commands = { GET: 100 * cpus.length, EXPIRE: 50 * cpus.length };
  return { variant, load: 'read', rounds, commands, requests: 100 * cpus.length, wrong };
}

const bare = variantOf('express', 'bare', 'none');
const ours = variantOf('express', 'holdfast', 'memory');
const theirs = variantOf('express', 'express-session', 'memory');
const results = [resultOf(bare, BARE), resultOf(ours, [130, 140, 120]), resultOf(theirs, [200, 210, 190])];

const filled = [1_000, 1_000_000].map((sessions, i) => ({
  sessions,
  bytesEach: 2500,
  result: resultOf(ours, [130 + i, 140, 120]),
}));

const findings: Findings = {
  ...noFindings({ machine: ['a machine'], versions: ['Redis 7'], rounds: 3 }),
  results,
  wires: [
    {
      variant: ours,
      writes: 1,
      headBytes: 200,
      cookieBytes: 98,
      cookiesOnRead: 0,
      cookiesOnVisit: 0,
      allocated: 9000,
    },
  ],
  survivors: [{ variant: ours, keys: 100, count: 99 }],
  filled: [{ variant: ours, sizes: filled }],
  sizes: [{ name: 'holdfast', isOurs: true, minified: 40_622, gzipped: 14_648, packages: 1 }],
  starts: [{ title: 'express-session', group: 'Express', isOurs: false, wall: [100], cpu: [90] }],
  imports: [{ title: 'holdfast', group: '', isOurs: true, wall: [10], cpu: [9] }],
  memories: [{ title: 'by hand', bytes: 277 }],
  micro: '| call | minimum |\n|---|---|\n| `verdict` | 100 |',
  leftOut: [{ part: 'micro', why: 'a reason\n  in two lines' }],
};

const judged = (all: readonly Result[]) => judge(all, MAIN_TARGETS);

test('what a variant adds is the difference to the bare framework in the same round', () => {
  const [target] = judged(results);
  expect(target).toMatchObject({ isMet: true, isCertain: true, ratio: { median: 0.3, low: 0.3, high: 0.3 } });
  expect(judged([resultOf(bare, [100]), resultOf(ours, [150]), resultOf(theirs, [200])])[0]).toMatchObject({
    isMet: false,
    ratio: { median: 0.5 },
  });
});

test('a target whose interval reaches over it is not certainly met', () => {
  const near = resultOf(ours, [130, 150, 120]);
  expect(judged([resultOf(bare, BARE), near, resultOf(theirs, [200, 210, 190])])[0]).toMatchObject({
    isMet: true,
    isCertain: false,
  });
});

test('a target whose other side was thrown out is not judged', () => {
  expect(judged([resultOf(bare, [100]), resultOf(ours, [150]), resultOf(theirs, [200], 'it lies')])).toEqual(
    [],
  );
});

test('both sides of each target are under load at the same time, or their ratio would say nothing', () => {
  const groupIn = ({ framework, library, store }: (typeof MAIN_TARGETS)[number]['ours']) =>
    groupOf(variantOf(framework, library, store));
  for (const { ours: one, theirs: other } of [...MAIN_TARGETS, ...NODE_TARGETS]) {
    expect([one, groupIn(one)]).toEqual([one, groupIn(other)]);
  }
});

test('a request costs the same among a million sessions where the interval of the ratio reaches 1', () => {
  expect(judgeFlat(findings.filled)[0]).toMatchObject({ isMet: true, fewest: 1_000, most: 1_000_000 });
  const dear = { ...filled[1], result: resultOf(ours, [230, 240, 220]) };
  expect(judgeFlat([{ ...findings.filled[0], sizes: [filled[0], dear] } as Filled])[0]?.isMet).toBe(false);
});

test('the page has a table and a chart for each framework, and every chart it shows', () => {
  const { markdown, charts } = report(findings, 'What was tried.');
  expect(markdown).toContain('| **Holdfast**, memory | 130 (120–140) | 30 (30–30) | 1.30 (1.27–1.33) |');
  expect(markdown).toContain('| GET, 0.50 EXPIRE |');
  expect(markdown).toContain(
    '| Express: **Holdfast**, memory, beside express-session, MemoryStore | ≤ 0.33 | 0.30 (0.30–0.30) | met |',
  );
  expect(markdown).toContain('| Socket writes an answer | 1 | 1.00 | met |');
  expect(markdown).toContain('| Of 100 changes to one session at once, kept | 100 | 99 | **missed** |');
  expect(markdown).toContain('What was tried.');
  expect(markdown).toContain('| `holdfast` | 40,622 | 14,648 | 1 |');
  expect(markdown).toContain('- a reason in two lines');
  const shown = [...markdown.matchAll(/\(benchmarks\/([^)]+\.svg)\)/g)].map(([, file]) => file);
  expect(shown.toSorted()).toEqual(Object.keys(charts).toSorted());
});

test('who answered wrongly is named with the reason, and has no figures', () => {
  const liar = resultOf(theirs, [200, 210, 190], 'expected 200 user-0 blue');
  const { markdown } = report({ ...findings, results: [...results.slice(0, 2), liar] });
  expect(markdown).toContain(
    'express express-session memory, read: thrown out, since expected 200 user-0 blue',
  );
  expect(markdown).not.toContain('| express-session, MemoryStore |');
});

test('a run that was cut short has a page of what there is, read back from its figures', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  try {
    const notebook = new Notebook(folder);
    await notebook.clear();
    expect(await notebook.load()).toBeUndefined();
    await notebook.save({ ...noFindings({ machine: [], versions: [], rounds: 3 }), results });
    const read = await notebook.load();
    expect(read?.results.map(({ rounds }) => rounds[0]?.cpu)).toEqual([100, 130, 200]);
    expect(report(read as Findings).markdown).toContain('| **Holdfast**, memory | 130 (120–140) |');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
