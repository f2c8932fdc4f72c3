import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { createTabs } from '../../src/browser/tabs.ts';
import type { Tab } from '../../src/browser/tabs.ts';
import { systemClock } from '../../src/clock.ts';
import { type Limits, resolveLimits } from '../../src/http/limits.ts';
import { openSite } from '../../src/site/open.ts';
import { listen } from '../gallery/exhibit.ts';

/** Opens the first page of the site in Chromium, and looks at it once it is quiet. */
async function opened<T>(
  listener: RequestListener,
  limits: Partial<Limits>,
  look: (tab: Tab) => T | Promise<T>,
): Promise<T> {
  const running = await listen(listener);
  const target = new URL(running.url);
  const { site, close } = openSite({
    target,
    hosts: [],
    limits: resolveLimits(target, limits),
    clock: systemClock,
    secrets: [],
    acceptsAnyCertificate: false,
  });
  const tabs = createTabs(site);
  try {
    return await tabs.open(site.visitor('anonymous'), async (tab) => {
      await tab.page.goto(target.href, { waitUntil: 'domcontentloaded' });
      await tab.traffic.quiet(tab.page);
      return look(tab);
    });
  } finally {
    await tabs.close();
    await close();
    await running.stop();
  }
}

test('a page has the whole of a long script, and the audit keeps no more of it than of a page', {
  timeout: 60_000,
}, async () => {
  const script = `/* ${'é'.repeat(20_000)} */ document.title = 'It ran';`;
  const { title, scripts } = await opened(
    (req, res) => {
      const isScript = req.url === '/long.js';
      res.setHeader('Content-Type', isScript ? 'text/javascript; charset=utf-8' : 'text/html');
      res.end(isScript ? script : '<!doctype html><title>…</title><script src=/long.js></script>');
    },
    { bodyBytes: 10_000 },
    async ({ page, traffic }) => ({
      title: await page.title(),
      scripts: traffic.answers().filter(({ request }) => request.url.pathname === '/long.js'),
    }),
  );
  expect(title).toBe('It ran');
  expect(scripts).toMatchObject([{ isCut: true, status: 200 }]);
  expect(scripts[0]?.body.length).toBeLessThanOrEqual(10_000);
});

test.each([
  ['to itself', () => '/'],
  ['to ever other addresses', (visits: number) => `/?visit=${visits}`],
  ['to an address with a quotation mark', () => "/it's?one"],
])('redirects of a page %s are followed as often as allowed', { timeout: 60_000 }, async (_to, next) => {
  let visits = 0;
  const seen = await opened(
    (_req, res) => {
      visits++;
      res.writeHead(302, { Location: next(visits) }).end();
    },
    { redirects: 3 },
    ({ traffic }) => traffic.count,
  );
  expect(seen).toBe(4);
  expect(visits).toBe(4);
});

test('frames that redirect for ever do not make each other start again', { timeout: 60_000 }, async () => {
  const visits = new Map<string, number>();
  await opened(
    (req, res) => {
      const [path = ''] = (req.url ?? '').split('?');
      const count = (visits.get(path) ?? 0) + 1;
      visits.set(path, count);
      if (path === '/')
        res
          .setHeader('Content-Type', 'text/html')
          .end('<!doctype html><iframe src=/a></iframe><iframe src=/b></iframe>');
      else res.writeHead(302, { Location: `${path}?${count}` }).end();
    },
    { redirects: 3 },
    () => undefined,
  );
  expect(Object.fromEntries(visits)).toEqual({ '/': 1, '/a': 4, '/b': 4 });
});

test('who is sent elsewhere three times on end is not done with redirects for good', {
  timeout: 60_000,
}, async () => {
  const title = await opened(
    (req, res) => {
      const step = Number(/step=(\d)/.exec(req.url ?? '')?.[1] ?? 0);
      // A page in between.
      if (step === 3)
        res
          .setHeader('Content-Type', 'text/html')
          .end('<!doctype html><title>Half</title><script>location.href = "/?step=4"</script>');
      else if (step === 6)
        res.setHeader('Content-Type', 'text/html').end('<!doctype html><title>There</title>');
      else res.writeHead(302, { Location: `/?step=${step + 1}` }).end();
    },
    { redirects: 3 },
    ({ page }) => page.title(),
  );
  expect(title).toBe('There');
});
