// The page of the benchmark, from results that are made up: what it says of them, and what it leaves out.
import { expect, test } from 'vitest';
import { type Findings, report } from '../../bench/src/report.ts';
import type { Result } from '../../bench/src/rounds.ts';
import { judge } from '../../bench/src/targets.ts';
import { type Variant, variants } from '../../bench/src/variants.ts';

function variantOf(framework: string, library: string, store: string): Variant {
  const found = variants.find(
    (one) => one.framework === framework && one.library === library && one.store === store,
  );
  if (!found) throw new Error(`${framework} ${library} ${store} is not measured`);
  return found;
}

function resultOf(variant: Variant, cpus: readonly number[], wrong?: string): Result {
  const rounds = cpus.map((cpu) => ({ requests: 100, cpu, throughput: 1e6 / cpu, p50: 1, p99: 2 }));
  const commands = { GET: 100 * cpus.length, EXPIRE: 50 * cpus.length };
  return { variant, load: 'read', rounds, commands, requests: 100 * cpus.length, setCookies: 0, wrong };
}

const bare = variantOf('express', 'bare', 'none');
const ours = variantOf('express', 'holdfast', 'memory');
const theirs = variantOf('express', 'express-session', 'memory');
const results = [
  resultOf(bare, [100, 110, 90]),
  resultOf(ours, [130, 140, 120]),
  resultOf(theirs, [200, 210, 190]),
];

const findings: Findings = {
  command: 'npm run bench -w bench',
  machine: ['a machine'],
  versions: ['Redis 7'],
  rounds: 3,
  minutes: 1,
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
  survivors: [{ variant: ours, keys: 100, count: 100 }],
  filled: [
    {
      variant: ours,
      sessions: 1000,
      bytesEach: 2500,
      results: [{ own: resultOf(ours, [130, 140, 120]), bare: resultOf(bare, [100, 110, 90]) }],
    },
  ],
  micro: '| call | minimum |\n|---|---|\n| `verdict` | 100 |',
  profiles: [{ file: 'flame-express.svg', title: 'express', svg: '<svg/>', table: 'a table' }],
  leftOut: ['a reason\n  in two lines'],
};

test('what a variant adds is the difference to the bare framework in the same round', () => {
  const [target] = judge(results);
  expect(target).toMatchObject({ isMet: true, ratio: { median: 0.3, low: 0.3, high: 0.3 } });
  expect(judge([resultOf(bare, [100]), resultOf(ours, [150]), resultOf(theirs, [200])])[0]).toMatchObject({
    isMet: false,
    ratio: { median: 0.5 },
  });
});

test('a target whose other side was thrown out is not judged', () => {
  expect(judge([resultOf(bare, [100]), resultOf(ours, [150]), resultOf(theirs, [200], 'it lies')])).toEqual(
    [],
  );
});

test('the page has a table and a chart for each framework, and every chart it shows', () => {
  const { markdown, charts } = report(findings);
  expect(markdown).toContain('| **Holdfast**, memory | 130 (120–140) | 30 (30–30) | 1.30 (1.27–1.33) |');
  expect(markdown).toContain('| GET, 0.50 EXPIRE |');
  expect(markdown).toContain('| 0.33 | 0.30 (0.30–0.30) | yes |');
  expect(markdown).toContain('| Express: **Holdfast**, memory | 100 | 100 |');
  expect(markdown).toContain(
    '| **Holdfast**, memory | 1,000 | read | 30 (30–30) | GET, 0.50 EXPIRE | 2500 |',
  );
  expect(markdown).toContain('- a reason in two lines');
  const shown = [...markdown.matchAll(/\(benchmarks\/([^)]+)\)/g)].map(([, file]) => file);
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
