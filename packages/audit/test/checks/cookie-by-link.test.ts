import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { CheckResult } from '../../src/engine/report.ts';
import { listen } from '../gallery/exhibit.ts';

/** A shop that gives each visitor a cookie, and answers so where an address has one in it. */
async function judged(status: (url: string) => number): Promise<CheckResult | undefined> {
  const site = await listen((req, res) => {
    const sid = randomBytes(16).toString('hex');
    res.setHeader('Set-Cookie', `sid=${sid}; Path=/; HttpOnly; SameSite=Lax`);
    res.writeHead(status(req.url ?? ''), { 'Content-Type': 'text/html' });
    res.end('<!doctype html><title>Shop</title>');
  });
  try {
    const report = await audit({
      target: site.url,
      checks: checks.filter(({ id }) => id === 'cookie-by-link'),
    });
    return report.checks[0];
  } finally {
    await site.stop();
  }
}

test('a shop that gives each visitor a cookie of their own, link or not, is in order', async () => {
  expect(await judged(() => 200)).toMatchObject({ outcome: 'clean' });
});

test('an address that is not there is an answer', async () => {
  expect(await judged((url) => (url.includes('sid=') ? 404 : 200))).toMatchObject({ outcome: 'clean' });
});

test.each([
  429, 503,
])('where an address with a value in it is answered by %i, nothing is in order', async (status) => {
  const result = await judged((url) => (url.includes('?sid=') ? status : 200));
  expect(result).toMatchObject({ outcome: 'inconclusive', because: 'control_failed' });
  expect(result?.summary).toContain(`(not address ?sid=: ${status})`);
});
