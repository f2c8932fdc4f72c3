// The benchmark itself: that its figures mean what they say, and that each server of ours answers rightly under load. What
// it measures is not looked at here.
import { expect, test } from 'vitest';
import { checkAll } from '../../bench/src/check.ts';
import { barChart } from '../../bench/src/chart.ts';
import { byOwner, costliest, type CpuProfile, flameGraph, framesOf } from '../../bench/src/flame.ts';
import { Jar, parseAnswer } from '../../bench/src/load.ts';
import { estimate, paired, quantile, ratioOfMedians } from '../../bench/src/stats.ts';

test('every load is answered rightly by sessions by hand and by Holdfast on its stores', async () => {
  expect(await checkAll()).toBeGreaterThanOrEqual(40);
}, 240_000);

test('the interval of a median of 15 rounds is from the fourth to the twelfth', () => {
  const rounds = Array.from({ length: 15 }, (_, i) => 15 - i);
  expect(estimate(rounds)).toEqual({ median: 8, low: 4, high: 12 });
  // Of fewer than six, no two bound the median with 95 %.
  expect(estimate([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
});

test('rounds are compared with their own bare framework, and one that is missing is left out', () => {
  expect(paired([10, 20, 40], [5, 10], (a, b) => a / b)).toEqual({ median: 2, low: 2, high: 2 });
});

test('a quotient of medians is not thrown by a round in which next to nothing was added', () => {
  const a = Array.from({ length: 15 }, (_, i) => 20 + (i % 3) - 1);
  const b = a.map((value, i) => (i === 4 ? 0.01 : value / 2));
  const { median, low, high } = ratioOfMedians(a, b);
  expect([median, low >= 1.8, high <= 2.3]).toEqual([2, true, true]);
  expect(ratioOfMedians(a, b)).toEqual({ median, low, high });
});

test('an answer is read when it is there as a whole, and not before', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n';
  expect(parseAnswer('HTTP/1.1 200 OK\r\nContent-Le')).toBeUndefined();
  expect(parseAnswer(`${head}blu`)).toBeUndefined();
  expect(parseAnswer(`${head}blue`)).toMatchObject({ status: 200, body: 'blue' });
  const chunked = 'HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n';
  expect(parseAnswer(`${chunked}2\r\nbl\r\n`)).toBeUndefined();
  expect(parseAnswer(`${chunked}2\r\nbl\r\n2\r\nue\r\n0\r\n\r\n`)).toMatchObject({
    status: 503,
    body: 'blue',
  });
});

test('a jar takes what an answer sets, and drops what it deletes', () => {
  const jar = new Jar('a=1; b=2');
  const head = 'HTTP/1.1 200 OK\r\nSet-Cookie: a=3; Path=/; HttpOnly\r\nset-cookie: b=; Max-Age=0';
  expect(jar.take({ status: 200, head, body: '' })).toBe(2);
  expect(jar.header).toBe('a=3');
  expect(jar.take({ status: 200, head: 'HTTP/1.1 200 OK', body: '' })).toBe(0);
});

const call = (functionName: string, url: string) => ({ functionName, url, lineNumber: 0 });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: call('(root)', ''), children: [2, 4] },
    { id: 2, callFrame: call('handle', 'file:///app/node_modules/express/index.js'), children: [3] },
    { id: 3, callFrame: call('open', 'file:///app/packages/holdfast/dist/sessions.js') },
    { id: 4, callFrame: call('(idle)', '') },
  ],
  samples: [2, 3, 3, 4],
  timeDeltas: [10, 20, 30, 1_000],
};

test('a profile is summed by function and by whose code it is, without the time in which nothing was asked', () => {
  const root = framesOf(profile);
  expect(root.total).toBe(60);
  expect(Object.fromEntries(byOwner(root))).toEqual({ framework: 10, Holdfast: 50 });
  expect(costliest(root)[0]).toMatchObject({ name: 'open', self: 50 });
  expect(flameGraph(root, 'a & b', 10)).toContain('a &amp; b');
  expect(flameGraph(root, 'a', 10)).toContain('open holdfast/dist/sessions.js:1: 5.0 µs');
});

test('a chart has a bar and an interval for each row, in light and in dark', () => {
  const svg = barChart('Added <to> a request', 'µs', [
    { label: '**Holdfast**', kind: 'holdfast', value: { median: 12, low: 10, high: 15 } },
    { label: 'by hand', kind: 'by-hand', value: { median: 8, low: 7, high: 9 } },
  ]);
  expect(svg.match(/class="interval"/g)).toHaveLength(2);
  expect(svg).toContain('>Holdfast<');
  expect(svg).toContain('Added &lt;to&gt;');
  expect(svg).toContain('prefers-color-scheme: dark');
});
