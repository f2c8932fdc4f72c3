import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { audit, type AuditOptions } from '../../src/audit.ts';
import type { Report } from '../../src/engine/report.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';

const HANGS = '<!doctype html><title>App</title><p>One moment …<script src=/hang.js></script>';

/** Its script never ends, from before the page is quiet on. */
function hanging(onScript: () => void): RequestListener {
  return (req, res) => {
    const isScript = req.url === '/hang.js';
    res.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    res.end(isScript ? 'setTimeout(() => { for (;;); }, 300);' : HANGS);
    if (isScript) onScript();
  };
}

async function reportOf(
  onScript: () => void,
  options: Partial<AuditOptions>,
): Promise<{ report: Report; seconds: number }> {
  const site = await listen(hanging(onScript));
  const start = performance.now();
  try {
    const report = await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      checks: [],
      ...options,
    });
    return { report, seconds: (performance.now() - start) / 1_000 };
  } finally {
    await site.stop();
  }
}

test('a page whose script never ends does not outlive the time of the audit', {
  timeout: 60_000,
}, async () => {
  let visits = 0;
  const { report, seconds } = await reportOf(() => visits++, { limits: { seconds: 8 } });
  expect(visits).toBeGreaterThan(0);
  expect(report.stopped).toContain('all 8 s of the budget are used');
  expect(seconds).toBeLessThan(20);
});

test('an audit that waits for such a page is stopped at once, and reports', { timeout: 60_000 }, async () => {
  const stop = new AbortController();
  let stoppedAt = Infinity;
  const { report } = await reportOf(
    () =>
      void setTimeout(() => {
        stoppedAt = performance.now();
        stop.abort();
      }, 3_000),
    { signal: stop.signal },
  );
  expect(report.stopped).toContain('the audit was stopped');
  expect(performance.now() - stoppedAt).toBeLessThan(10_000);
});
