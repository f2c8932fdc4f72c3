import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { htmlReport } from '../../src/report/html.ts';
import { auditOf } from '../support/sites.ts';

let browser: Browser;
let html: string;

beforeAll(async () => {
  const executablePath = process.env['HOLDFAST_CHROMIUM'] ?? '/usr/bin/chromium';
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  html = htmlReport(
    await auditOf({
      endsAtSignOut: false,
      cacheControl: undefined,
      cookieAttributes: 'Path=/; Secure; HttpOnly',
    }),
  );
}, 60_000);

afterAll(() => browser.close());

test.each([
  ['light', 1200],
  ['dark', 1200],
  ['light', 390],
  ['dark', 390],
] as const)(
  'axe finds nothing in the report, %s, %i pixels wide, and it fits',
  { timeout: 30_000 },
  async (colorScheme, width) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    try {
      await page.setContent(html);
      await page.evaluate(() => document.querySelectorAll('details').forEach((it) => (it.open = true)));
      const { violations, incomplete } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      const found = [...violations, ...incomplete].map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`,
      );
      expect(found).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
      const folder = process.env['HOLDFAST_SCREENSHOTS'];
      if (folder)
        await page.screenshot({ path: `${folder}/audit-${colorScheme}-${width}.png`, fullPage: true });
    } finally {
      await context.close();
    }
  },
);
