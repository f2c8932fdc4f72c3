import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { reportOf } from '../support/audits.ts';

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

test('a page whose script never ends does not outlive the time of the audit', {
  timeout: 60_000,
}, async () => {
  let visits = 0;
  const start = performance.now();
  const report = await reportOf(
    hanging(() => visits++),
    [],
    { limits: { seconds: 8 } },
  );
  expect(visits).toBeGreaterThan(0);
  expect(report.stopped).toContain('all 8 s of the budget are used');
  expect(performance.now() - start).toBeLessThan(20_000);
});

test('an audit that waits for such a page is stopped at once, and reports', { timeout: 60_000 }, async () => {
  const stop = new AbortController();
  let stoppedAt = Infinity;
  const site = hanging(
    () =>
      void setTimeout(() => {
        stoppedAt = performance.now();
        stop.abort();
      }, 3_000),
  );
  const report = await reportOf(site, [], { signal: stop.signal });
  expect(report.stopped).toContain('the audit was stopped');
  expect(performance.now() - stoppedAt).toBeLessThan(10_000);
});
