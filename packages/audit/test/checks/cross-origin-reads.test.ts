import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { CheckResult } from '../../src/engine/report.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';
import { nodeSite } from '../gallery/node/site.ts';

test.each([
  ['is held back by SameSite, it is less bad', 'Path=/; Secure; HttpOnly; SameSite=Lax', 'low'],
  ['goes along with requests of other sites, it is worse', 'Path=/; Secure; HttpOnly; SameSite=None', 'high'],
  ['says nothing of other sites, browsers differ, and it is worse', 'Path=/; Secure; HttpOnly', 'high'],
])('where the session cookie %s', async (_says, cookieAttributes, severity) => {
  const inner = nodeSite({ cookieAttributes });
  const site = await listen((req, res) => {
    if (req.headers.origin !== undefined) {
      res.setHeader('Access-Control-Allow-Origin', req.headers.origin);
      res.setHeader('Access-Control-Allow-Credentials', 'true');
    }
    inner(req, res);
  });
  try {
    const report = await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      checks: checks.filter(({ id }) => id === 'cross-origin-reads'),
    });
    expect(report.checks).toMatchObject([
      { outcome: 'found', severity, findings: [{ subject: '/account', severity }] },
    ]);
  } finally {
    await site.stop();
  }
});

const shop: RequestListener = (_req, res) => void res.end('<!doctype html><title>Shop</title>');

/** The shop, and what it says to other origins is said by `others`. */
async function judged(others: RequestListener): Promise<CheckResult | undefined> {
  const site = await listen((req, res) => (req.headers.origin === undefined ? shop : others)(req, res));
  try {
    const report = await audit({
      target: site.url,
      checks: checks.filter(({ id }) => id === 'cross-origin-reads'),
    });
    return report.checks[0];
  } finally {
    await site.stop();
  }
}

test.each([
  429, 500, 503,
])('a site that answers %i to other origins is not in order by that', async (status) => {
  const result = await judged((_req, res) => void res.writeHead(status).end());
  expect(result).toMatchObject({ outcome: 'inconclusive', because: 'control_failed' });
  expect(result?.summary).toContain(`https://attacker.example: ${status}`);
});

test('one fault is enough for nothing to be in order', async () => {
  const result = await judged((req, res) => {
    if (req.headers.origin === 'null') res.statusCode = 503;
    shop(req, res);
  });
  expect(result).toMatchObject({ because: 'control_failed' });
  expect(result?.summary).toContain('(not null: 503)');
});

test('a refusal is an answer', async () => {
  expect(await judged((_req, res) => void res.writeHead(403).end())).toMatchObject({ outcome: 'clean' });
});

test('a fault that other origins may read is found', async () => {
  const result = await judged((req, res) => {
    res.setHeader('Access-Control-Allow-Origin', req.headers.origin ?? '');
    res.setHeader('Access-Control-Allow-Credentials', 'true');
    res.writeHead(500).end();
  });
  expect(result).toMatchObject({ outcome: 'found' });
});
